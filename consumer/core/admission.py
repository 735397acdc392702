"""Which requests may leave, given that their end must find room in the commit's metadata."""

from __future__ import annotations

from collections.abc import Mapping

from consumer.core.commits import Commits
from consumer.core.delivery import HELD, Apart, Delivery, Held
from consumer.core.letters import Letters
from consumer.core.outcome import Outcome
from consumer.core.partition import Partition
from consumer.core.record import TopicPartition
from consumer.core.request import Call
from consumer.core.wire import Wire

__all__ = ["Admission"]


class Admission:
    """Holds back what could not be recorded, so that no crash sends again what is finished."""

    __slots__ = ("_commits", "_letters", "_partitions", "_wire")

    def __init__(
        self, partitions: Mapping[TopicPartition, Partition], wire: Wire, letters: Letters, commits: Commits
    ) -> None:
        """Reads these as they change."""
        self._partitions = partitions
        self._wire = wire
        self._letters = letters
        self._commits = commits

    def judge(self, delivery: Delivery) -> Outcome | Held | Apart | None:
        """Whether one may leave now: None. Or it is held back, or falls back behind the one that it went ahead of.

        So is one whose number of refusals is in no commit yet; where it finds no room there, that is its end.

        The lowest record never waits for room: what carries it is taken apart, and so is what carries anything where
        all stand.
        """
        partition = self._partitions[delivery.of.partition]
        if delivery.refusals and (refused := partition.refusals.judge(delivery, self._commits.room(partition))):
            return refused
        records = delivery.records
        if not partition.may_start(records, self._commits.metadata_bytes_max):
            is_lowest = any(of.record.offset == partition.watermark.offset for of in records)
            may_go_without_room = is_lowest or self._is_stuck()
            if may_go_without_room and delivery.carries:
                return Apart()
            if not may_go_without_room:
                if not delivery.goes_ahead:
                    partition.hold_back(delivery)
                return HELD
        for of in records:
            partition.start(of)
        return None

    def leaves(self, delivery: Delivery) -> None:
        """What may leave does, as what it was when it was asked about."""
        if delivery.refusals and delivery.call is Call.SEND:
            self._partitions[delivery.of.partition].refusals.leaves(delivery)

    def ended(self, *partitions: Partition) -> None:
        """A record of them is finished, or their completions are told anew: what was held back may find room now."""
        for partition in partitions:
            for delivery in reversed(partition.let_go(self._commits.metadata_bytes_max)):
                self._wire.bring_back(delivery)
            if partition.refusals.waits:
                for delivery in partition.refusals.let_go(self._commits.room(partition)):
                    self._wire.bring_back(delivery)

    def free_one(self) -> bool:
        """Brings one back where nothing could ever end but what is held back. Returns whether there was one.

        Lanes reach over partitions, so two full ones may wait for each other: to record less is better than to stand.
        """
        if not self._is_stuck():
            return False
        for partition in self._partitions.values():
            if (delivery := partition.lowest_held_back()) is not None:
                self._wire.bring_back(delivery)
                return True
        return False

    def _is_stuck(self) -> bool:
        refused = any(partition.refusals.waits for partition in self._partitions.values())
        return self._wire.idle and not (len(self._letters) or refused)
