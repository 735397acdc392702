"""How many requests a second this replica would use, by what left and what waits."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

__all__ = ["IDLE_BELOW_PER_S", "LOOK_EVERY_S", "SENT_OVER_S", "DemandMeter"]

LOOK_EVERY_S: Final = 0.5
"""Seconds between two looks; those of the last two seconds count, the largest of them wins."""

SENT_OVER_S: Final = 5.0
"""Seconds over which what left is averaged: a lone event now and then is no demand."""

IDLE_BELOW_PER_S: Final = 0.3
"""Below this a replica is idle: one request each few seconds leaves in the slot that all idle ones have together."""

_CLEARED_IN_S: Final = 2.0
"""Seconds within which what waits should have left."""

_HEADROOM: Final = 1.2
"""What arrives by chance comes in bunches."""

_LOOKS: Final = 4


class DemandMeter:
    """Counts departures by the second, and looks at what waits."""

    __slots__ = ("_left", "_looked_at", "_looks", "_waits")

    def __init__(self) -> None:
        """Nothing left, and nothing waits."""
        self._left: deque[tuple[int, int]] = deque(maxlen=math.ceil(SENT_OVER_S) + 1)
        self._looks: deque[float] = deque(maxlen=_LOOKS)
        self._looked_at = -math.inf
        self._waits = False

    def leave(self, now: float) -> None:
        """One leaves."""
        second = math.floor(now)
        count = self._left.pop()[1] if self._left and self._left[-1][0] == second else 0
        self._left.append((second, count + 1))

    def is_due(self, waiting: int, now: float) -> bool:
        """Whether it is time for another look; if so many wait, one will be."""
        self._waits = waiting > 0
        return now >= self._looked_at + LOOK_EVERY_S

    def look(self, waiting: int, now: float) -> None:
        """So many could leave now, were there slots for them."""
        self._looked_at = now
        self._looks.append(self.sent_per_s(now) + waiting / _CLEARED_IN_S)

    def sent_per_s(self, now: float) -> float:
        """What left a second, over the last few."""
        return sum(count for second, count in self._left if second > now - SENT_OVER_S) / SENT_OVER_S

    @property
    def idle(self) -> bool:
        """Whether nothing is wanted but the slot of all idle ones."""
        return max(self._looks, default=0.0) < IDLE_BELOW_PER_S

    def wanted_per_s(self, rate_per_s: int) -> int:
        """Slots that would be used of this many: 0 where idle."""
        return 0 if self.idle else min(rate_per_s, math.ceil(max(self._looks) * _HEADROOM))

    def next_look_at(self) -> float:
        """When the next look is due, monotonic seconds; infinite while nothing is wanted and nothing left lately."""
        return self._looked_at + LOOK_EVERY_S if self._waits or any(self._looks) else math.inf
