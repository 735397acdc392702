"""Which requests may leave, given that their end must find room in the commit's metadata."""

from __future__ import annotations

from collections.abc import Mapping

from consumer.core.commits import Commits
from consumer.core.delivery import Delivery
from consumer.core.letters import Letters
from consumer.core.partition import Partition
from consumer.core.record import TopicPartition
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

    def admits(self, delivery: Delivery) -> bool:
        """Whether one may leave now; if not, it is held back, or falls back behind the one that it went ahead of."""
        partition = self._partitions[delivery.of.partition]
        if partition.may_start(delivery.of, self._commits.metadata_bytes_max) or self._is_stuck():
            partition.start(delivery.of)
            return True
        if not delivery.goes_ahead:
            partition.hold_back(delivery)
        return False

    def ended(self, *partitions: Partition) -> None:
        """A record of them is finished, or their completions are told anew: what was held back may find room now."""
        for partition in partitions:
            for delivery in reversed(partition.let_go(self._commits.metadata_bytes_max)):
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
        return self._wire.idle and not len(self._letters)
