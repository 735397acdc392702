"""One contact's requests take effect in record order, and are on the wire one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from consumer.core.effect import Attempt, Letter
from consumer.core.outcome import Answer
from consumer.core.record import TopicPartition
from consumer.core.request import HttpRequest
from tests.sim.observing import Observer
from tests.sim.oracles.delivery import may_be_stale
from tests.sim.planned import Planned, Told

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["InOrderPerContact", "OneOnTheWirePerContact"]


class InOrderPerContact(Observer):
    """Of each identifier in each partition, requests first took effect in the order of records, and of rules in them.

    A request that was given up may still arrive, later than its successors; so may one whose record is gone, or was
    delivered late. What bears an email may go ahead of what waits for its contact, and of what else names the userId
    alone.
    """

    def __init__(self, world: World) -> None:
        """Nothing took effect yet."""
        super().__init__(world)
        self._given_up: set[Planned] = set()
        self._last: dict[tuple[TopicPartition, str, bool], Planned] = {}
        """Of each identifier, those that bear an email and those that do not."""

    def took_effect(self, planned: Planned) -> None:
        """The first time counts."""
        if planned.effects + planned.told > 1 or planned.passed_over:
            return
        if planned in self._given_up or may_be_stale(planned, self.world.wall_highest + self.world.loop.now):
            return
        entry = self.world.topic.logs[planned.tp].entry(planned.offset)
        if entry is not None and entry.excused:
            return
        makes = len(planned.lanes) > 1
        for lane in planned.lanes:
            waits = not makes and lane.removeprefix("u") in self.world.topic.by_user
            for other in {makes} if waits else {True, False}:
                last = self._last.get((planned.tp, lane, other))
                if last is not None and self._place(last) > self._place(planned):
                    self.broken(f"{planned.id} after {last.id}")
            self._last[planned.tp, lane, makes] = planned

    def letter_asked(self, replica: Replica, planned: Planned, letter: Letter) -> None:  # noqa: ARG002 - as declared
        """It makes way for its successors at once."""
        self._given_up.add(planned)

    def _place(self, planned: Planned) -> tuple[int, int]:
        """Which rule of a record comes first is the mapping's affair, and that may have changed."""
        return planned.offset, planned.number if self.world.mapping.version == 0 else 0


class OneOnTheWirePerContact(Observer):
    """A replica never has two requests of one identifier on the wire; nor have two replicas of one partition.

    But for what a replica had on the wire when it was killed, or lost the partition, or could not wait any longer.
    """

    def __init__(self, world: World) -> None:
        """Nothing is on the wire."""
        super().__init__(world)
        self._by_replica: dict[Replica, dict[str, Planned]] = {}
        self._put_out: set[Replica] = set()
        self._by_partition: dict[tuple[TopicPartition, str], tuple[Replica, Planned]] = {}

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:  # noqa: ARG002 - as declared
        """Whether its lanes are free: those of all that it tells of are the same."""
        if not told:
            return
        mine, planned = self._by_replica.setdefault(replica, {}), told[-1]
        for lane in planned.lanes:
            if lane in mine:
                self.broken(f"{planned.id} left while {mine[lane].id} is on the wire")
            held = self._by_partition.get((planned.tp, lane))
            if held is not None and held[0] is not replica and replica not in self._put_out:
                self.broken(f"{planned.id} left while {held[1].id} is on the wire of replica {held[0].name}")
            mine[lane] = planned
            if replica not in self._put_out:
                self._by_partition[planned.tp, lane] = replica, planned

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:  # noqa: ARG002 - as declared
        """They are again."""
        if not told:
            return
        mine, planned = self._by_replica[replica], told[-1]
        for lane in planned.lanes:
            mine.pop(lane, None)
            held = self._by_partition.get((planned.tp, lane))
            if held is not None and held[1] is planned and held[0] is replica:
                del self._by_partition[planned.tp, lane]

    def put_out(self, replica: Replica) -> None:
        """It does not know."""
        self._put_out.add(replica)
        self._forget(replica, self.world.group.every)

    def lost(self, replica: Replica, tps: Sequence[TopicPartition]) -> None:
        """Now it does."""
        self._put_out.discard(replica)
        self._forget(replica, tps)

    def handed_over(self, replica: Replica, tp: TopicPartition, *, taken: bool) -> None:
        """It has waited; what did not come by then is excused where it waited too long."""
        if not taken:
            self._forget(replica, [tp])

    def ended(self, replica: Replica, how: str) -> None:  # noqa: ARG002 - as declared
        """Nobody waits any more."""
        self._forget(replica, self.world.group.every)
        self._by_replica.pop(replica, None)

    def _forget(self, replica: Replica, tps: Sequence[TopicPartition]) -> None:
        gone = set(tps)
        for key in [key for key, held in self._by_partition.items() if held[0] is replica and key[0] in gone]:
            del self._by_partition[key]
