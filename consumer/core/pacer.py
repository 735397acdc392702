"""When the next request may leave."""

from __future__ import annotations

import math
from collections import deque

__all__ = ["MARGIN_S", "WINDOW_S", "Pacer"]

WINDOW_S = 1.0
"""Seconds in which Loops counts its limit (its documentation: requests per second)."""

MARGIN_S = 0.02
"""Seconds added to the window. Loops counts on arrival: requests that leave a second apart arrive closer where the
second one travels faster. 20 ms covers the jitter of an ordinary connection at a cost of 2 in 100 of the rate."""


class Pacer:
    """A log of when requests left.

    With ``slots`` a second, request n may leave when request n - slots left a window and a margin ago. Below the limit
    nothing waits. A refused request stays in the log: Loops may have counted it.
    """

    __slots__ = ("_held_until", "_left", "margin_s", "slots")

    def __init__(self, slots: int = 0, margin_s: float = MARGIN_S) -> None:
        """With no slots nothing may leave."""
        self.slots = slots
        self.margin_s = margin_s
        self._left: deque[float] = deque()
        self._held_until = -math.inf

    def ready_at(self, now: float) -> float:
        """The moment from which one may leave, monotonic seconds: ``now`` or earlier if at once, infinite if never."""
        if self.slots <= 0:
            return math.inf
        self._forget(now)
        if len(self._left) < self.slots:
            return self._held_until
        return max(self._left[-self.slots] + WINDOW_S + self.margin_s, self._held_until)

    def leave(self, now: float) -> None:
        """One leaves now."""
        self._left.append(now)

    def hold(self, until: float) -> None:
        """Nothing leaves before this moment: Loops asked for it."""
        self._held_until = max(self._held_until, until)

    def used(self, now: float) -> int:
        """How many left in the last window."""
        return sum(1 for left in self._left if left > now - WINDOW_S)

    def _forget(self, now: float) -> None:
        while self._left and self._left[0] + WINDOW_S + self.margin_s <= now:
            self._left.popleft()
