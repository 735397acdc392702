"""When requests left, which of them left as soon as a slot was free, and which were refused."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort

__all__ = ["KEPT_S", "Departures"]

KEPT_S = 12.0
"""Seconds for which a departure is remembered: longer than the slowest slot rests."""

_VOLLEY_S = 0.5
"""What left so soon after the first of a volley is of the same."""

_SPARE = 100
"""Old departures that may lie about: to clear them away one by one would cost more."""


class Departures:
    """A log in the order of leaving. Every question takes a time that hardly grows with its length."""

    __slots__ = ("_left", "_refused", "_tight")

    def __init__(self) -> None:
        """Nothing has left."""
        self._left: list[float] = []
        self._tight: list[bool] = []
        self._refused: list[float] = []

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._left)

    def last(self, number: int = 1) -> float:
        """When the ``number``-th from the end left."""
        return self._left[-number]

    def leave(self, now: float, *, tight: bool) -> None:
        """One leaves now; ``tight``: as soon as a slot was free."""
        self._left.append(now)
        self._tight.append(tight)
        half = len(self._left) // 2
        if half > _SPARE and self._left[half] + KEPT_S < now:
            del self._left[:half], self._tight[:half]

    def was_tight(self, left_at: float) -> bool:
        """Whether one that left then left as soon as a slot was free."""
        at = bisect_left(self._left, left_at)
        return at < len(self._left) and self._left[at] == left_at and self._tight[at]

    def refuse(self, left_at: float, *, now: float) -> None:
        """One that left then was refused. It stays in the log, unless the answer came later than that is remembered."""
        insort(self._refused, left_at)
        del self._refused[: bisect_left(self._refused, now - KEPT_S)]

    def since(self, then: float) -> int:
        """How many left after this moment."""
        return len(self._left) - bisect_right(self._left, then)

    def volleys_refused_since(self, then: float) -> int:
        """After this moment, in how many volleys some were refused: a stall of ours has many of one refused at once."""
        found, last = 0, -math.inf
        for left_at in self._refused[bisect_right(self._refused, then) :]:
            if left_at > last + _VOLLEY_S:
                found, last = found + 1, left_at
        return found

    def refused_since(self, then: float) -> int:
        """How many of them were refused, as far as they are answered."""
        return len(self._refused) - bisect_right(self._refused, then)
