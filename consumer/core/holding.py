"""Partitions that are not read because the mapping is paused, until each is read again from where it stands.

1. What is on the wire ends, and a dead letter that is being written is confirmed. What has not left is dropped, and so
   is a dead letter that was held back: what cannot be read may be readable by the next mapping.
2. A record of which nothing is under way any more is forgotten, with its plans that are final kept in mind: the
   watermark stays below it, and when it comes again it is new.
3. What was on its way from the source is not taken in.
4. A partition of which nothing is under way goes on once the mapping is not paused any more. Where something was
   forgotten or not taken in, it is read again from the watermark, and until the source says that it is, what comes is
   from before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from consumer.core.dropping import drop_waiting
from consumer.core.effect import Effect, ReadAgain
from consumer.core.letters import UNDECODABLE, Letters
from consumer.core.partition import Partition
from consumer.core.pauses import paused, resumed, resumed_without
from consumer.core.record import Received, TopicPartition
from consumer.core.wire import Wire

__all__ = ["MAPPING_PAUSED", "Holding"]

MAPPING_PAUSED = "mapping_paused"
"""The reason of a partition that is not read because of it."""


@dataclass(slots=True)
class _Hold:
    """One partition's."""

    forgotten: bool = False
    """Records were."""
    passed_over_from: int | None = None
    """The lowest offset of what came and was not taken in."""
    asked: int | None = None
    """From where it is to be read again, once that is asked for."""


class Holding:
    """Which partitions are held, and what was passed over meanwhile."""

    __slots__ = ("_holds", "_letters", "_partitions", "_wire", "paused")

    def __init__(
        self, partitions: Mapping[TopicPartition, Partition], wire: Wire, letters: Letters, *, paused: bool
    ) -> None:
        """Reads these as they change. ``paused``: whether the mapping is."""
        self.paused = paused
        self._partitions = partitions
        self._wire = wire
        self._letters = letters
        self._holds: dict[Partition, _Hold] = {}

    def __bool__(self) -> bool:
        """Whether any is held, or was until it is read again."""
        return bool(self._holds)

    def __contains__(self, partition: Partition) -> bool:
        """Whether this one is, or was."""
        return partition in self._holds

    def mapped(self, *, paused: bool, now: float) -> list[Effect]:
        """Another mapping is in use, which is paused or is not."""
        self.paused = paused
        return [effect for partition in self._partitions.values() for effect in self.assigned(partition, now=now)]

    def assigned(self, partition: Partition, *, now: float) -> list[Effect]:
        """Holds one, where the mapping is paused, whether or not it was held before."""
        if not self.paused or partition.revoked:
            return []
        self._holds.setdefault(partition, _Hold()).asked = None
        drop_waiting(partition, self._wire, now=now)
        self._letters.drop_held(partition.tp)
        effects = paused(partition, MAPPING_PAUSED)
        return effects + resumed_without(partition, UNDECODABLE, self._letters.held)

    def passes_over(self, partition: Partition, received: Received) -> bool:
        """Whether what came of a partition is not to be taken in."""
        hold = self._holds.get(partition)
        if hold is None:
            return False
        if received.runs:
            first = received.runs[0][0]
            hold.passed_over_from = first if hold.passed_over_from is None else min(first, hold.passed_over_from)
        return True

    def rewound(self, partition: Partition, offset: int) -> None:
        """What comes next begins at ``offset``: what was asked for, where it lies no higher than that."""
        hold = self._holds.get(partition)
        if hold is not None and hold.asked is not None and offset <= hold.asked:
            del self._holds[partition]

    def go_on(self) -> tuple[list[Effect], int]:
        """Rules 2 and 4. Returns what to do, and how many records were forgotten."""
        effects: list[Effect] = []
        forgotten = 0
        writing = {id(of) for of in self._letters.waiting()}
        for partition, hold in list(self._holds.items()):
            if self._partitions.get(partition.tp) is not partition:
                del self._holds[partition]
                continue
            busy = writing | {id(delivery.of) for delivery in partition.under_way()}
            idle = [of for of in partition.open.values() if id(of) not in busy]
            if idle:
                partition.forget(idle)
                hold.forgotten = True
                forgotten += len(idle)
            if not (self.paused or partition.open or partition.revoked or hold.asked is not None):
                effects += self._release(partition, hold)
        return effects, forgotten

    def _release(self, partition: Partition, hold: _Hold) -> list[Effect]:
        offset = partition.watermark.offset if partition.received_any else hold.passed_over_from
        if offset is None or not (hold.forgotten or hold.passed_over_from is not None):
            del self._holds[partition]
            return resumed(partition, MAPPING_PAUSED)
        hold.asked = offset
        return [ReadAgain(partition.tp, offset), *resumed(partition, MAPPING_PAUSED)]
