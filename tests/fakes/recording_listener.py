"""A listener that keeps all it is told, answers as the runner would, and has no pipeline behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from consumer.core.effect import Committable
from consumer.core.record import Batch, TopicPartition
from consumer.ports import RecordSource

__all__ = ["RecordingListener"]


class RecordingListener:
    """Takes each batch at once and hands each revoke over at once, unless ``takes`` or ``hands`` is set to False."""

    def __init__(self, source: RecordSource) -> None:
        """Listens to ``source`` once that is started with it."""
        self.source = source
        self.takes = True
        self.hands = True
        self.to_hand: dict[TopicPartition, Committable] = {}
        """What is handed over of a partition that is revoked."""
        self.events: list[tuple[str, Any]] = []
        self.owned: dict[TopicPartition, Committable | None] = {}
        """Ours now, with what the group had committed when it became ours."""
        self.total: Sequence[TopicPartition] = ()
        self.offsets: defaultdict[TopicPartition, list[int]] = defaultdict(list)
        """Every offset received, in order."""
        self.told_batches: list[Batch] = []

    @property
    def closed(self) -> bool:
        """Whether the source has ended."""
        return bool(self.events) and self.events[-1][0] == "closed"

    @property
    def batches(self) -> int:
        """How many were told."""
        return len(self.told_batches)

    def told(self, kind: str) -> list[Any]:
        """What was told of one kind."""
        return [what for name, what in self.events if name == kind]

    def received(self) -> int:
        """Records in all."""
        return sum(len(offsets) for offsets in self.offsets.values())

    def assigned(self, committed: Mapping[TopicPartition, Committable | None], total: Sequence[TopicPartition]) -> None:
        """Keeps it."""
        self.owned.update(committed)
        self.total = total
        self.events.append(("assigned", dict(committed)))

    def selected(self, batch: Batch) -> None:
        """Keeps it and takes it."""
        self.told_batches.append(batch)
        for partition, received in batch.items():
            for first, last in received.runs:
                self.offsets[partition] += range(first, last + 1)
        self.events.append(("selected", sorted(batch)))
        if self.takes:
            self.source.took()

    def rewound(self, partition: TopicPartition, offset: int) -> None:
        """Keeps it."""
        self.events.append(("rewound", (partition, offset)))

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Keeps it and hands over."""
        self._gone(partitions)
        self.events.append(("revoked", sorted(partitions)))
        if self.hands:
            self.hand(partitions)

    def hand(self, partitions: Sequence[TopicPartition]) -> None:
        """Hands over."""
        self.source.handed({tp: self.to_hand[tp] for tp in partitions if tp in self.to_hand})

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Keeps it."""
        self._gone(partitions)
        self.events.append(("lost", sorted(partitions)))

    def committed(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """Keeps it."""
        self.events.append(("committed", dict(positions)))

    def commit_failed(self, positions: Mapping[TopicPartition, Committable], error: str) -> None:
        """Keeps it."""
        self.events.append(("commit_failed", (dict(positions), error)))

    def committed_read(self, positions: Mapping[TopicPartition, Committable | None] | None) -> None:
        """Keeps it."""
        self.events.append(("committed_read", positions))

    def source_failed(self, error: str) -> None:
        """Keeps it."""
        self.events.append(("failed", error))

    def source_closed(self) -> None:
        """Keeps it."""
        self.events.append(("closed", None))

    def _gone(self, partitions: Sequence[TopicPartition]) -> None:
        for tp in partitions:
            self.owned.pop(tp, None)
