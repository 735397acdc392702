"""One limit over all replicas: their parts add up, and what tells others of it costs few commits."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING

from consumer.core.quota import SETTLE_S, Quota
from consumer.core.record import TopicPartition
from consumer.core.wish import LEASE_S
from tests.sim.observing import Observer
from tests.sim.oracles.limits import Limits

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["DemandIsToldSeldom", "PartsAddUp"]

_OVER_S = 10.0
_COMMITS_MAX = 21
"""In so long: one each half second."""


class PartsAddUp(Observer):
    """At each moment at which a replica's part grows, all parts together are no more than Loops allows the team.

    Those that are idle count as one: each has a slot, in which it sends now and then. One that has become idle counts
    for itself until all can have heard of it, as they may still divide the slot that it was dealt.

    Where a topic has grown, who knew it before deals by both for a while. One that came after that cannot, and has more
    than it should until all have seen the new partitions.
    """

    def __init__(self, world: World, limits: Limits) -> None:
        """Nobody has a part."""
        super().__init__(world)
        self._limits = limits
        self._had: dict[Replica, int] = {}
        self._dealt_at_first: dict[Replica, Sequence[TopicPartition]] = {}
        """By which partitions each dealt at first."""
        self._idle_since: dict[Replica, float] = {}

    def turned(self, replica: Replica) -> None:
        """Adds up when it has more than before."""
        slots = replica.pipeline.wire.pacer.slots
        quota, now = replica.pipeline.sharing.quota, self.world.loop.now
        if replica.pipeline.sharing.shares and quota.owned and quota.has_idle_slot(now=now):
            self._idle_since.setdefault(replica, now)
        else:
            self._idle_since.pop(replica, None)
        if quota._total:
            self._dealt_at_first.setdefault(replica, quota._total)
        if slots > self._had.get(replica, 0):
            self._add_up(replica)
        self._had[replica] = slots

    def _add_up(self, replica: Replica) -> None:
        now, parts, known, new = self.world.loop.now, {}, 0, 0
        others = [one for one in self.world.replicas if one.alive and not self._limits.is_outside(one)]
        if self._knew_no_less(others):
            return
        for other in others:
            quota = other.pipeline.sharing.quota
            part = parts[other.name] = _looked_at(quota).slots(now=now, wall=other.wall())
            idle_s = now - self._idle_since.get(other, now)
            if other in self._idle_since and part == 1:
                known += idle_s > LEASE_S + SETTLE_S
                new += idle_s <= LEASE_S + SETTLE_S
        allowed = self._limits.allowed_per_s()
        if sum(parts.values()) - new - max(0, known - 1) > allowed:
            self.broken(f"replica {replica.name} has more, and all have {parts}, of {allowed}")

    def _knew_no_less(self, replicas: Sequence[Replica]) -> bool:
        """Whether some deal by fewer partitions, and one that never did deals by more."""
        dealt = {replica: replica.pipeline.sharing.quota._total for replica in replicas}
        fewest = min((len(total) for total in dealt.values() if total), default=0)
        return any(len(self._dealt_at_first.get(replica, ())) > fewest for replica in replicas)


def _looked_at(quota: Quota) -> Quota:
    """One that may be asked for its slots without changing what it says later."""
    looked_at = copy(quota)
    looked_at._targets = deque(quota._targets)
    return looked_at


class DemandIsToldSeldom(Observer):
    """Commits that tell of nothing but what is wanted are few: two a second, of all partitions together."""

    def __init__(self, world: World) -> None:
        """None."""
        super().__init__(world)
        self._at: dict[Replica, deque[float]] = {}

    def told_alone(self, replica: Replica) -> None:
        """Counts it."""
        now = self.world.loop.now
        seldom = self._at.setdefault(replica, deque())
        seldom.append(now)
        while seldom[0] < now - _OVER_S:
            seldom.popleft()
        if len(seldom) > _COMMITS_MAX:
            self.broken(f"replica {replica.name} told {len(seldom)} times within {_OVER_S} s what it wants alone")
