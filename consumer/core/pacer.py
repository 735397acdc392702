"""When the next request may leave."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

from consumer.core.margin import MARGIN_MAX_S, MARGIN_S, Margin
from consumer.core.outcome import Outcome, Verdict
from consumer.core.phase import Phase

__all__ = ["WINDOW_S", "Pacer"]

WINDOW_S = 1.0
"""Seconds in which Loops counts its limit (its documentation: requests per second)."""


class Pacer:
    """A log of when requests left.

    With ``slots`` a second, request n may leave when request n - slots left a window and a margin ago. So each slot is
    used again as soon as it is free, whichever way Loops counts; nothing has to agree with another replica's moments.
    Below the limit nothing waits. A refused request stays in the log: Loops may have counted it. The margin is learned
    (:mod:`consumer.core.margin`), and where the server's seconds begin is avoided (:mod:`consumer.core.phase`).
    """

    __slots__ = ("_held_until", "_left", "_margin", "_phase", "_shifted_until", "others_sent_per_s", "slots")

    def __init__(self, slots: int = 0, *, random: Callable[[], float], margin_s: float = MARGIN_S) -> None:
        """With no slots nothing may leave. ``random`` is from 0 to 1."""
        self.slots = slots
        self.others_sent_per_s = 0.0
        """What the group's other replicas send."""
        self._margin = Margin(margin_s, random)
        self._phase = Phase(random)
        self._left: deque[float] = deque()
        self._held_until = -math.inf
        self._shifted_until = -math.inf

    @property
    def margin_s(self) -> float:
        """Seconds that are added to the window now."""
        return self._margin.seconds

    @property
    def taken_by_others_per_s(self) -> float:
        """Requests a second that programs take which are not this group."""
        return 0.0

    def ready_at(self, now: float) -> float:
        """The moment from which one may leave, monotonic seconds: ``now`` or earlier if at once, infinite if never."""
        if self.slots <= 0:
            return math.inf
        self._forget(now)
        if len(self._left) < self.slots:
            return self._held_until
        free_at = self._left[-self.slots] + WINDOW_S + self._margin.seconds
        return max(free_at, self._held_until, self._shifted_until)

    def leave(self, now: float) -> None:
        """One leaves now."""
        self._left.append(now)
        self._phase.leave(now)

    def answered(self, left_at: float, outcome: Outcome, *, now: float) -> None:
        """One that left then ended so; learns from it."""
        if outcome.status is None:
            return
        straddles = self._phase.straddles(left_at, outcome)
        if straddles and (shift_s := self._phase.shift(now=now)):
            self._shifted_until = left_at + WINDOW_S + self._margin.seconds + shift_s
        if outcome.verdict is not Verdict.THROTTLED:
            self._margin.taken()
        elif not straddles:
            self._margin.refused(left_at, now=now)

    @property
    def learned_margin_s(self) -> float:
        """The margin where it is known, for who comes next; 0 before."""
        return self._margin.seconds if self._margin.known else 0.0

    def recall(self, margin_s: float) -> None:
        """Begins with the margin that was learned before, by whomever; not where it has learned itself."""
        self._margin.recall(margin_s)

    def hold(self, until: float) -> None:
        """Nothing leaves before this moment: Loops asked for it."""
        self._held_until = max(self._held_until, until)

    def used(self, now: float) -> int:
        """How many left in the last window."""
        return sum(1 for left in self._left if left > now - WINDOW_S)

    def _forget(self, now: float) -> None:
        while self._left and self._left[0] + WINDOW_S + MARGIN_MAX_S <= now:
            self._left.popleft()
