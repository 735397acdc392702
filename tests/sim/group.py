"""The broker's side of the group: who owns what, when partitions move, and which commits are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING

from consumer.core.effect import Committable
from consumer.core.record import TopicPartition

if TYPE_CHECKING:
    from tests.sim.source import SimulatedSource
    from tests.sim.world import World

__all__ = ["Group"]

_TIMED_OUT = "REQUEST_TIMED_OUT"
_TOPICS_EVERY_S = 60.0
"""How often a member asks which partitions there are, when nothing else makes it ask."""

_ERRORS = ("NOT_COORDINATOR", "COORDINATOR_LOAD_IN_PROGRESS", _TIMED_OUT, "_TRANSPORT")
_UNKNOWN_MEMBER = "UNKNOWN_MEMBER_ID"
_TOO_LARGE = "OFFSET_METADATA_TOO_LARGE"


class Group:
    """One group over all partitions. A partition moves only after its owner let go, or was put out of the group."""

    def __init__(self, world: World) -> None:
        """Empty."""
        scenario = world.scenario
        self.ways = scenario.kafka
        self.random = Random(f"{scenario.seed}/group")  # noqa: S311 - a seed decides a simulation
        self.troubled = True
        self.every = sorted(world.topic.logs)
        """All partitions that there will be."""
        self.total = self.every[: scenario.topic.partitions]
        """Those that there are."""
        self.committed: dict[TopicPartition, Committable] = {}
        if self.ways.foreign_metadata:
            self.committed = {tp: Committable(0, "another program's") for tp in self.total}
        self.owner: dict[TopicPartition, SimulatedSource | None] = dict.fromkeys(self.every)
        self.members: list[SimulatedSource] = []
        self._world = world
        self._moving: set[TopicPartition] = set()
        """Asked back and not let go."""
        self._turn = 0
        """Shifts who gets what."""

    # Membership ------------------------------------------------------------------------------------------------------

    def join(self, member: SimulatedSource) -> None:
        """One more member; what it sent as a former one is not taken any more."""
        self.members.append(member)
        member.incarnation += 1
        self.rebalance_soon()

    def leave(self, member: SimulatedSource) -> None:
        """It is out, of its own will or because its session ended; what it had is nobody's."""
        if member not in self.members:
            return
        self.members.remove(member)
        for tp, owner in self.owner.items():
            if owner is member:
                self._moving.discard(tp)
                self.owner[tp] = None
        self.rebalance_soon()

    def released(self, member: SimulatedSource, tps: Sequence[TopicPartition]) -> None:
        """A revoke is over."""
        for tp in tps:
            if self.owner[tp] is member:
                self.owner[tp] = None
                self._moving.discard(tp)
        self.rebalance_soon()

    def shuffle(self) -> None:
        """Others get what they have, for no reason."""
        self._turn += 1
        self.rebalance_soon()

    def grow(self) -> None:
        """All partitions are there now; each member notices some time."""
        self.total = self.every
        for member in self.members:
            self._world.loop.later(self.random.uniform(0, _TOPICS_EVERY_S), member.ask_topics)
        self.rebalance_soon()

    def rebalance_soon(self) -> None:
        """After a step of the protocol, partitions are divided anew."""
        self._world.loop.later(self.random.uniform(0.01, self.ways.rebalance_s), self._rebalance)

    def _rebalance(self) -> None:
        """What must move is asked back first; what is nobody's is given out."""
        staying = [member for member in self.members if not member.leaving]
        if not staying:
            return
        new: dict[SimulatedSource, list[TopicPartition]] = {member: [] for member in staying}
        going: dict[SimulatedSource, list[TopicPartition]] = {}
        for tp, target in self._targets(staying).items():
            owner = self.owner[tp]
            if owner is None:
                self.owner[tp] = target
                new[target].append(tp)
            elif owner is not target and tp not in self._moving and not owner.leaving:
                self._moving.add(tp)
                going.setdefault(owner, []).append(tp)
        for member, tps in going.items():
            member.on_revoke(tps)
        # Whoever gets nothing is told so.
        for member, tps in new.items():
            member.on_assign(tps)

    def _targets(self, staying: Sequence[SimulatedSource]) -> Mapping[TopicPartition, SimulatedSource]:
        if not self.ways.sticky:
            return {tp: staying[(number + self._turn) % len(staying)] for number, tp in enumerate(self.total)}
        most = -(-len(self.total) // len(staying))
        room = dict.fromkeys(staying, most)
        targets: dict[TopicPartition, SimulatedSource] = {}
        for tp in self.total[self._turn % len(self.total) :] + self.total[: self._turn % len(self.total)]:
            owner = self.owner[tp]
            if owner is not None and room.get(owner):
                targets[tp] = owner
                room[owner] -= 1
        for tp in self.total:
            if tp not in targets:
                targets[tp] = max(staying, key=lambda member: room[member])
                room[targets[tp]] -= 1
        return targets

    # Commits ---------------------------------------------------------------------------------------------------------

    def commit(
        self, member: SimulatedSource, incarnation: int, positions: Mapping[TopicPartition, Committable]
    ) -> Mapping[TopicPartition, str]:
        """A commit arrives. Returns the errors by partition; one may have been taken all the same.

        As with Kafka itself, any member may commit for any partition.
        """
        if member not in self.members or member.incarnation != incarnation:
            return dict.fromkeys(positions, _UNKNOWN_MEMBER)
        chance = self.random.random() if self.troubled else 1.0
        failing = chance < self.ways.commit_failures
        if failing and chance < self.ways.commit_failures * 0.7:
            return dict.fromkeys(positions, self.random.choice(_ERRORS))
        fitting = {tp: at for tp, at in positions.items() if len(at.metadata) <= self.ways.metadata_bytes_max}
        if len(fitting) < len(positions):
            for look in self._world.observers.commit_refused:
                look(member.replica, _TOO_LARGE)
        for tp, position in fitting.items():
            self._take(member, tp, position)
        self._world.progressed()
        return {tp: _TIMED_OUT if tp in fitting else _TOO_LARGE for tp in positions if failing or tp not in fitting}

    def answers(self) -> bool:
        """Whether the next question about what is committed is answered."""
        return not self.troubled or self.random.random() >= self.ways.commit_failures

    def _take(self, member: SimulatedSource, tp: TopicPartition, position: Committable) -> None:
        for look in self._world.observers.committed:
            look(member.replica, tp, position)
        self.committed[tp] = position
        for entry in self._world.topic.passed_over.get(tp, ()):
            if not entry.undelivered and position.offset <= entry.offset:
                entry.at_risk = False
