"""Commits tell the truth, and only the owner makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from tests.sim.observing import Observer
from tests.sim.oracles.delivery import is_final
from tests.sim.oracles.ledger import Claims

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["CommitNeverPassesUnfinished", "OnlyTheOwnerCommits"]


class CommitNeverPassesUnfinished(Observer):
    """What a commit passes, and what stands beside it, is final in truth."""

    def __init__(self, world: World) -> None:
        """Nothing is committed yet."""
        super().__init__(world)
        self._passed: dict[TopicPartition, int] = {}
        """Up to where each partition was looked at."""
        self._seen: dict[TopicPartition, Claims] = {}
        self._checked: dict[TopicPartition, set[int]] = {tp: set() for tp in world.topic.logs}
        """Offsets in runs that were looked at."""

    def committed(self, replica: Replica, tp: TopicPartition, position: Committable) -> None:  # noqa: ARG002 - as declared
        """Looks at what is new in it."""
        log = self.world.topic.logs[tp]
        for entry in log.between(self._passed.get(tp, 0), position.offset):
            if not entry.excused and not entry.at_risk:
                self._must_be_final(tp, position, entry.offset)
        self._passed[tp] = max(self._passed.get(tp, 0), position.offset)
        claims, seen = Claims.of(position), self._seen.get(tp, Claims())
        if claims.runs != seen.runs:
            known = set(seen.runs)
            for run in claims.runs:
                if run not in known:
                    self._look_at_run(tp, position, run)
        for offset, mask in claims.partly.items():
            if seen.partly.get(offset) != mask or seen.mapping != claims.mapping:
                self._look_at_mask(tp, offset, mask, claims.mapping)
        self._seen[tp] = claims

    def _look_at_run(self, tp: TopicPartition, position: Committable, run: tuple[int, int]) -> None:
        log, checked = self.world.topic.logs[tp], self._checked[tp]
        for offset in range(run[0], run[1] + 1):
            if offset in checked:
                continue
            checked.add(offset)
            entry = log.entry(offset)
            if entry is None or entry.undelivered:
                self.broken(f"{tp} {position.offset} claims {run}, and {offset} was not delivered")
            elif entry.wanted is not None:
                self._must_be_final(tp, position, offset)

    def _look_at_mask(self, tp: TopicPartition, offset: int, mask: int, mapping: int) -> None:
        entry = self.world.topic.logs[tp].entry(offset)
        wall = self.world.wall_highest + self.world.loop.now
        if entry is None or mask >> len(entry.plans):
            self.broken(f"{tp} {offset} claims plans {mask:b}, which it has not")
        for planned in () if entry is None else entry.plans:
            if planned.is_in(mask, mapping) and not is_final(planned, wall):
                self.broken(f"{planned.id} is not final, and plans {mask:b} of mapping {mapping} name it")

    def _must_be_final(self, tp: TopicPartition, position: Committable, offset: int) -> None:
        entry = self.world.topic.logs[tp].entry(offset)
        wall = self.world.wall_highest + self.world.loop.now
        for planned in () if entry is None else entry.plans:
            if not is_final(planned, wall):
                self.broken(f"{planned.id} is not final, and {position.offset} passes or claims it")


class OnlyTheOwnerCommits(Observer):
    """No commit is taken of a replica whose partition is another's, and none goes back."""

    def __init__(self, world: World) -> None:
        """Nothing is committed yet."""
        super().__init__(world)
        self._rewound: set[TopicPartition] = set()

    def rewound(self, replica: Replica, tp: TopicPartition, offset: int) -> None:  # noqa: ARG002 - as declared
        """The next commit may go back: a record below the last one was not delivered."""
        self._rewound.add(tp)

    def committed(self, replica: Replica, tp: TopicPartition, position: Committable) -> None:
        """Looks at who it is, and at what stood there before."""
        group = self.world.group
        if group.owner[tp] is not replica.source:
            self.broken(f"{tp} {position.offset} by replica {replica.name}")
        before = group.committed.get(tp)
        if before is not None and position.offset < before.offset and tp not in self._rewound:
            self.broken(f"{tp} goes back from {before.offset} to {position.offset}")
