"""One limit over all replicas: their parts add up, and what tells others of it costs few commits."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING

from consumer.core.effect import Committable
from consumer.core.quota import Quota
from consumer.core.record import TopicPartition
from tests.sim.observing import Observer
from tests.sim.oracles.ledger import Claims
from tests.sim.oracles.limits import Limits

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["DemandIsToldSeldom", "PartsAddUp"]

_OVER_S = 10.0
_COMMITS_MAX = 11
"""In so long: one a second tells of what is wanted alone."""


class PartsAddUp(Observer):
    """At each moment at which a replica's part grows, all parts together are no more than Loops allows the team.

    Those that are idle count as one: each has a slot, in which it sends now and then.
    """

    def __init__(self, world: World, limits: Limits) -> None:
        """Nobody has a part."""
        super().__init__(world)
        self._limits = limits
        self._had: dict[Replica, int] = {}

    def turned(self, replica: Replica) -> None:
        """Adds up when it has more than before."""
        slots = replica.pipeline.wire.pacer.slots
        if slots > self._had.get(replica, 0):
            self._add_up(replica)
        self._had[replica] = slots

    def _add_up(self, replica: Replica) -> None:
        now, parts, idle = self.world.loop.now, {}, 0
        for other in self.world.replicas:
            if not other.alive or self._limits.is_outside(other):
                continue
            quota = other.pipeline.sharing.quota
            part = parts[other.name] = _looked_at(quota).slots(now=now, wall=other.wall())
            idle += other.pipeline.sharing.shares and quota.is_idle and part == 1
        allowed = self._limits.allowed_per_s()
        if sum(parts.values()) - max(0, idle - 1) > allowed:
            self.broken(f"replica {replica.name} has more, and all have {parts}, of {allowed}")


def _looked_at(quota: Quota) -> Quota:
    """One that may be asked for its slots without changing what it says later."""
    looked_at = copy(quota)
    looked_at._targets = deque(quota._targets)
    return looked_at


class DemandIsToldSeldom(Observer):
    """Commits that tell of nothing but what is wanted are few: about one a second, of all partitions together."""

    def __init__(self, world: World) -> None:
        """None."""
        super().__init__(world)
        self._asked: dict[tuple[Replica, TopicPartition], Claims] = {}
        self._at: dict[Replica, deque[float]] = {}

    def assigned(self, replica: Replica, tp: TopicPartition, committed: Committable | None) -> None:
        """From what is there."""
        self._asked[replica, tp] = Claims.of(committed)

    def handing(self, replica: Replica, tps: Sequence[TopicPartition]) -> None:
        """A partition is given up with all that there is to tell."""
        for tp in tps:
            self._asked.pop((replica, tp), None)

    def commit_asked(self, replica: Replica, positions: Mapping[TopicPartition, Committable]) -> None:
        """Holds it against what was asked for before."""
        asked, told = self._asked, {(replica, tp): Claims.of(position) for tp, position in positions.items()}
        news = [key for key, claims in told.items() if asked.get(key) != claims]
        asked.update(told)
        if news or not told:
            return
        now, at = self.world.loop.now, self._at.setdefault(replica, deque())
        at.append(now)
        while at[0] < now - _OVER_S:
            at.popleft()
        if len(at) > _COMMITS_MAX:
            self.broken(
                f"replica {replica.name} told {len(at)} times within {_OVER_S} s what it wants, and nothing else"
            )

    def commit_refused(self, replica: Replica, error: str) -> None:  # noqa: ARG002 - as declared
        """What was not taken is told again."""
        self._at.pop(replica, None)
