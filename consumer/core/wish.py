"""What the owner of a partition may count on of what it wants, given who may not have heard of it yet.

What others know is read again within :data:`LEASE_S`, or it counts no more: so a smaller want holds at once, and a
larger one from :data:`LEASE_S` after the group had it. Only intervals of one monotonic clock are compared.
"""

from __future__ import annotations

import math
from collections import deque

from consumer.core.demand import Demand
from consumer.core.shares import Want

__all__ = ["FRESH_S", "LEASE_S", "STALE_S", "Wish"]

LEASE_S = 3.0
"""Seconds for which what was read of others' wants counts, from when the reading began: a reading each two seconds, and
one more for a slow one."""

FRESH_S = 8.0
"""Seconds after which an owner that could not repeat its want keeps to its base."""

STALE_S = 10.0
"""Seconds after which others grant a want no more than its base: its owner may be dead. Two seconds more than
:data:`FRESH_S`, ten times what the replicas' clocks may differ."""

_STEPS_MAX = 16


class Wish:
    """Of one partition that is ours."""

    __slots__ = ("_effective", "_more_from", "_steps", "idle", "intended", "told", "told_at")

    def __init__(self, found: Demand | None, *, never_committed: bool, now: float, wall: float) -> None:
        """``found``: what a former owner told. ``never_committed``: nobody ever told anything, which counts as idle."""
        self.intended = 0
        self.idle = True
        self.told: tuple[int, bool] | None = (0, True) if never_committed else None
        """What the group knows: the want, and whether the owner is idle; None: what another version wrote."""
        self.told_at = -math.inf
        self._more_from = math.inf
        self._steps: deque[tuple[float, int]] = deque()
        self._effective: float = 0 if never_committed else math.inf
        if found is not None:
            self.intended, self.idle = found.wants_per_s, found.idle
            self.told = (found.wants_per_s, found.idle)
            self.told_at = now - max(0.0, wall - found.wall_s)
            self._more_from = now if found.settled else now + LEASE_S
            self._effective = found.wants_per_s if found.settled else 0
            self._steps = deque() if found.settled else deque([(now + LEASE_S, found.wants_per_s)])

    def intend(self, per_s: int, *, idle: bool) -> None:
        """So many are wanted from now on. Less holds at once."""
        self.intended, self.idle = per_s, idle
        self._effective = min(self._effective, per_s)
        self._steps = deque((at, min(value, per_s)) for at, value in self._steps)

    def begin_telling(self) -> None:
        """What is intended goes to the group: from now on somebody may count on its being no more."""
        self._effective = min(self._effective, self.intended)

    @property
    def is_told(self) -> bool:
        """Whether the group knows what is intended."""
        return self.told == (self.intended, self.idle)

    def tell(self, per_s: int, *, idle: bool, begun_at: float, now: float) -> bool:
        """The group has it, by a commit that began then (monotonic seconds). Returns whether more may come of it."""
        was_silent = now - self.told_at > FRESH_S
        if was_silent:
            self._more_from = now + LEASE_S
        self.told, self.told_at = (per_s, idle), begun_at
        highest = max([self._effective, *(value for _, value in self._steps)])
        if per_s <= highest or len(self._steps) >= _STEPS_MAX:
            return was_silent
        self._steps.append((now + LEASE_S, min(per_s, self.intended)))
        return True

    def want(self, *, now: float) -> Want:
        """What may be counted on now."""
        while self._steps and self._steps[0][0] <= now:
            self._effective = max(self._effective, self._steps.popleft()[1])
        return Want(self._effective, more=self._more_from <= now < self.told_at + FRESH_S)

    def settled(self, per_s: int) -> bool:
        """Whether so many are counted on already."""
        return self._effective >= per_s

    def next_change_at(self, now: float) -> float:
        """When :meth:`want` gives something else by time alone, monotonic seconds; infinite if never."""
        times = [self._more_from, self.told_at + FRESH_S, *(at for at, _ in self._steps)]
        return min((at for at in times if at > now), default=math.inf)
