"""What the owner of a partition may count on of what it wants, given who may not have heard of it yet.

What others know is read again within :data:`LEASE_S`, or it counts no more: so a smaller want holds at once, and a
larger one from :data:`LEASE_S` after the group had it. Leases are intervals of one monotonic clock. How long ago a want
was told is judged by the wall clock too, as others see no other: the older of both counts, as either may be set.
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

    __slots__ = (
        "_base_at_most",
        "_effective",
        "_idle_until",
        "_more_from",
        "_steps",
        "_told_wall_s",
        "_untold_from",
        "idle",
        "intended",
        "told",
        "told_at",
    )

    def __init__(self, found: Demand | None, *, never_committed: bool, now: float, wall: float) -> None:
        """``found``: what a former owner told. ``never_committed``: nobody ever told anything, which counts as idle.

        Where neither holds it was of another version, or there was no room: others leave the partition its base. But
        until just now there may have been nothing at all.
        """
        self.intended = 0
        self.idle = True
        self.told: tuple[int, bool] | None = (0, True) if never_committed else None
        """What the group knows: the want, and whether the owner is idle; None: what another version wrote."""
        self.told_at = -math.inf
        self._more_from = math.inf
        self._steps: deque[tuple[float, int]] = deque()
        self._told_wall_s: float = -math.inf
        self._effective = 0
        self._idle_until = -math.inf
        self._untold_from = now + LEASE_S
        """Where the group knows no want: from when on nobody can know another."""
        self._base_at_most = math.inf
        """What was begun to be told since."""
        if found is not None:
            self.intended, self.idle = found.wants_per_s, found.idle
            self.told = (found.wants_per_s, found.idle)
            self.told_at = now - max(0.0, wall - found.wall_s)
            self._told_wall_s = found.wall_s
            self._more_from = now if found.settled else now + LEASE_S
            self._effective = found.wants_per_s if found.settled else 0
            self._steps = deque() if found.settled else deque([(now + LEASE_S, found.wants_per_s)])

    def intend(self, per_s: int, *, idle: bool) -> None:
        """So many are wanted from now on. Less holds at once."""
        if self.idle and not idle:
            self._idle_until = math.inf
        self.intended, self.idle = per_s, idle
        self._effective = min(self._effective, per_s)
        self._steps = deque((at, min(value, per_s)) for at, value in self._steps)

    def begin_telling(self) -> None:
        """What is intended goes to the group: from now on somebody may count on its being no more."""
        self._effective = min(self._effective, self.intended)
        if self.told is None:
            self._base_at_most = min(self._base_at_most, self.intended)

    @property
    def is_told(self) -> bool:
        """Whether the group knows what is intended."""
        return self.told == (self.intended, self.idle)

    def tell(self, told: Demand, *, begun_at: float, now: float) -> bool:
        """The group has it, by a commit that began then (monotonic seconds). Returns whether more may come of it."""
        per_s = told.wants_per_s
        if self._has_base(now):
            self._effective = int(min(self._base_at_most, per_s))
        was_silent = now - self.told_at > FRESH_S or told.wall_s - self._told_wall_s > FRESH_S
        if was_silent:
            self._more_from = now + LEASE_S
        self.told, self.told_at, self._told_wall_s = (per_s, told.idle), begun_at, told.wall_s
        self._base_at_most = math.inf
        if not told.idle:
            self._idle_until = min(self._idle_until, now + LEASE_S)
        highest = max([self._effective, *(value for _, value in self._steps)])
        if per_s <= highest or len(self._steps) >= _STEPS_MAX:
            return was_silent
        self._steps.append((now + LEASE_S, min(per_s, self.intended)))
        return True

    def not_tell(self, *, now: float) -> bool:
        """The group has a commit without it: others leave the partition its base. Returns whether that is new."""
        if self.told is None and math.isinf(self._base_at_most):
            return False
        self._untold_from, self._base_at_most = now + LEASE_S, math.inf
        self.told, self.told_at, self._told_wall_s = None, -math.inf, -math.inf
        return True

    def want(self, *, now: float, wall: float) -> Want:
        """What may be counted on now; more than the base where it was told lately by either clock: one may be set."""
        while self._steps and self._steps[0][0] <= now:
            self._effective = max(self._effective, self._steps.popleft()[1])
        if self._has_base(now):
            return Want(self._base_at_most)
        is_fresh = now < self.told_at + FRESH_S and wall < self._told_wall_s + FRESH_S
        return Want(self._effective, more=self._more_from <= now and is_fresh)

    def counts_as_idle(self, *, now: float) -> bool:
        """Whether its owner has the slot of all idle ones by it: until all can have heard that it wants something."""
        return self.idle or now < self._idle_until

    def settled(self, per_s: int) -> bool:
        """Whether so many are counted on already."""
        return self._effective >= per_s

    def next_change_at(self, *, now: float, wall: float) -> float:
        """When :meth:`want` gives something else by time alone, monotonic seconds; infinite if never."""
        stale_at = min(self.told_at, now + self._told_wall_s - wall) + FRESH_S
        base_at = self._untold_from if self.told is None else math.inf
        times = [self._more_from, self._idle_until, base_at, stale_at, *(at for at, _ in self._steps)]
        return min((at for at in times if at > now), default=math.inf)

    def _has_base(self, now: float) -> bool:
        """Whether the partition has its base, whatever is wanted: nobody knows what."""
        return self.told is None and now >= self._untold_from
