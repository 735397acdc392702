"""When the next request may leave."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from consumer.core.departures import Departures
from consumer.core.gathering import Gathering
from consumer.core.margin import MARGIN_S, Margin
from consumer.core.outcome import Outcome, Verdict
from consumer.core.phase import Phase
from consumer.core.taken import Taken
from consumer.core.yielding import PEAK_MIN, SUSPICIOUS_S, Yielding, is_suspicious

__all__ = ["WINDOW_S", "Pacer"]

WINDOW_S = 1.0
"""Seconds in which Loops counts its limit (its documentation: requests per second)."""

_SPREAD = 0.9
"""Of an even distance, how far apart slots are kept beside other programs. With all of it a late timer would cost."""

_WANDERS = 0.25
"""Of an even distance, by how much more at most, while we yield: a fixed second shows only what came before us."""


_TIGHT_S = 0.005
"""What leaves later than this after a slot was free was not held up by it: its answer says nothing of the margin."""


_TOLD_S = 8.0
"""After a new division, seconds until each replica has measured what it sends by it, told it, and heard the others."""


class Pacer:
    """A log of when requests left.

    With ``slots`` a second, request n may leave when request n - slots left a window and a margin ago. So each slot is
    used again as soon as it is free, whichever way Loops counts; nothing has to agree with another replica's moments.
    Below the limit nothing waits. A refused request stays in the log: Loops may have counted it.

    The margin is learned (:mod:`consumer.core.margin`). Slots leave together in one volley (``gathering``), which
    stays clear of where the server's seconds begin (``phase``). Beside other programs of the team they are spread
    instead: theirs meet one of ours, not all. Where these have no reserve, our slots yield (``taken``, ``yielding``).
    """

    __slots__ = (
        "_departures",
        "_free_at",
        "_gathering",
        "_held_until",
        "_held_up",
        "_limit",
        "_margin",
        "_phase",
        "_random",
        "_shifted_until",
        "_slots_told",
        "_taken",
        "_told_at",
        "_wanders",
        "_yielding",
        "group_per_s",
        "others_sent_per_s",
        "slots",
    )

    def __init__(self, slots: int = 0, *, random: Callable[[], float], margin_s: float = MARGIN_S) -> None:
        """With no slots nothing may leave. ``random`` is from 0 to 1."""
        self.slots = slots
        self.group_per_s = 0
        """The slots of the whole group. Fewer than Loops' limit: a reserve is left to other programs."""
        self.others_sent_per_s = 0.0
        """What the group's other replicas send; infinite: not known."""
        self._random = random
        self._departures = Departures()
        self._margin = Margin(margin_s, random)
        self._phase = Phase(random)
        self._gathering = Gathering(self._departures)
        self._taken = Taken(self._departures)
        self._yielding = Yielding(self._margin)
        self._limit = 0
        """The team's, as Loops said last; 0: it did not say."""
        self._free_at = -math.inf
        """When a slot was free for the next one, as last answered."""
        self._held_up = False
        """Whether the last one left as soon as a slot was free: more stand behind it."""
        self._wanders = 0.0
        self._slots_told = slots
        self._told_at = -math.inf
        """When all have told what they send by the division that gave us these slots."""
        self._held_until = -math.inf
        self._shifted_until = -math.inf

    @property
    def margin_s(self) -> float:
        """Seconds that are added to the window now."""
        return self._margin.seconds

    @property
    def taken_by_others_per_s(self) -> float:
        """Requests a second that programs take which are not this group; a lower bound."""
        return self._taken.per_s

    def ready_at(self, now: float) -> float:
        """The moment from which one may leave, monotonic seconds: ``now`` or earlier if at once, infinite if never."""
        if self.slots <= 0:
            return math.inf
        self._taken.forget(now)
        self._free_at = max(self._slot_free_at(now), self._held_until)
        return self._free_at

    def leave(self, now: float) -> None:
        """One leaves now."""
        tight = now <= self._free_at + _TIGHT_S
        self._gathering.leave(now, tight=tight, slots=self.slots)
        self._phase.leave(now)
        self._departures.leave(now, tight=tight)
        self._held_up = tight
        self._wanders = self._random()

    def answered(self, left_at: float, outcome: Outcome, *, now: float) -> None:
        """One that left then ended so; learns from it."""
        if outcome.status is None:
            return
        refused = outcome.verdict is Verdict.THROTTLED
        if refused:
            self._departures.refuse(left_at, now=now)
        self._look_for_others(left_at, outcome, now=now)
        if self._phase.straddles(left_at, outcome):
            self._margin.withdraw(self._phase.began)
            if shift_s := self._phase.shift(now=now):
                self._shifted_until = left_at + WINDOW_S + self._margin.seconds + shift_s
        elif self._departures.was_tight(left_at):
            self._learn(left_at, refused=refused, now=now)

    @property
    def learned_margin_s(self) -> float:
        """The margin where it is known, for who comes next; 0 before."""
        return self._margin.seconds if self._margin.known else 0.0

    def recall(self, margin_s: float) -> None:
        """Begins with the margin that was learned before, the most of several; not where it has learned itself."""
        self._margin.recall(margin_s)

    def agree(self, told_s: Sequence[float], *, ours: int) -> None:
        """Takes into account the margins that the group's other replicas told, against ours as so many."""
        if told_s:
            known_s = self.learned_margin_s
            mean_s = (sum(told_s) + ours * known_s) / (len(told_s) + ours * (known_s > 0))
            self._margin.agree(mean_s)

    def hold(self, until: float) -> None:
        """Nothing leaves before this moment: Loops asked for it."""
        self._held_until = max(self._held_until, until)

    def used(self, now: float) -> int:
        """How many left in the last window."""
        return self._departures.since(now - WINDOW_S)

    @property
    def _has_reserve(self) -> bool:
        """Whether others are left their own part."""
        return 0 < self.group_per_s < self._limit

    def _learn(self, left_at: float, *, refused: bool, now: float) -> None:
        """From one that left as soon as it might. What is refused beside others is no matter of jitter."""
        if not refused:
            self._margin.taken(self.slots)
        elif not self._yielding.active:
            self._margin.refused(left_at, slots=self.slots, now=now)

    def _slot_free_at(self, now: float) -> float:
        slots, rest_s = self.slots, WINDOW_S
        if self._yielding.active:
            used = slots * self._yielding.share(self._limit, self._taken.peak, now=now)
            slots = math.ceil(used)
            rest_s = slots / used
        if len(self._departures) < slots:
            return -math.inf
        rest_s += self._margin.seconds
        free_at = self._departures.last(slots) + rest_s
        if not self._held_up:
            return free_at
        free_at = max(free_at, self._shifted_until)
        if self._has_reserve or self._yielding.active:
            apart = _SPREAD + _WANDERS * self._wanders * self._yielding.active
            return max(free_at, self._departures.last() + apart * rest_s / slots)
        return free_at + self._gathering.wait_s(slots)

    def _look_for_others(self, left_at: float, outcome: Outcome, *, now: float) -> None:
        limit, remaining = outcome.limit_per_s, outcome.remaining
        self._limit = self._limit if limit is None else limit
        if limit is None or remaining is None or math.isinf(self.others_sent_per_s):
            return
        refused = outcome.verdict is Verdict.THROTTLED
        self._taken.heard(
            limit if refused else limit - remaining,
            left_at,
            refused=refused,
            replicas=self._of_replicas(now),
            margin_s=self._margin.seconds,
            now=now,
        )
        if not refused or self._has_reserve:
            return
        peak = self._taken.peak
        if self._yielding.active:
            if peak >= PEAK_MIN and left_at > self._yielding.since:
                self._taken.at_least(min(peak + 1, limit - 1))
        elif self._is_suspicious(left_at, peak, limit) and self._yielding.suspect(now=now):
            self._taken.look_anew()

    def _of_replicas(self, now: float) -> int:
        """How many requests within a second may be the other replicas': what they said, or may send by a new part."""
        if self.slots != self._slots_told:
            self._slots_told, self._told_at = self.slots, now + _TOLD_S
        sent = math.ceil(self.others_sent_per_s)
        return sent if now >= self._told_at else max(sent, self.group_per_s - self.slots)

    def _is_suspicious(self, left_at: float, peak: int, limit: int) -> bool:
        since, departures = left_at - SUSPICIOUS_S, self._departures
        return is_suspicious(departures.refused_since(since), departures.volleys_refused_since(since), peak, limit)
