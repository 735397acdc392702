"""How far a backfill has come, and how long it takes at the present pace."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from consumer.adapters.kafka_status import KafkaPartition
from consumer.backfill.survey import Surveyed
from consumer.core.partition import Partition
from consumer.core.record import TopicPartition

__all__ = ["Pace", "Progress", "Progressed", "Tracker"]

_PACE_OF_S: Final = 60.0
"""Seconds that the present pace is measured over."""
_LOOKS_MAX: Final = 120


@dataclass(frozen=True, slots=True)
class Progress:
    """At one moment."""

    done: int = 0
    """Records that were read and are finished, of the partitions that are this process'; gaps in the offsets count."""
    of: int = 0
    """How many there are in their ranges."""
    requests: int = 0
    """Calls made to Loops."""
    left_s: float | None = None
    """Seconds until the end at the present pace; None: not known yet."""
    waits_for: str = ""
    """Why nothing goes on for now; empty where it does."""


Progressed = Callable[[Progress], None]


class Pace:
    """Measures how fast something grows, over the last minute."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._seen: deque[tuple[float, int]] = deque(maxlen=_LOOKS_MAX)

    def left_s(self, done: int, of: int, *, now: float) -> float | None:
        """Seconds until ``done`` is ``of``; None where that is not known. To be asked at most twice a second."""
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((now, done))
        while now - self._seen[0][0] > _PACE_OF_S:
            self._seen.popleft()
        began, before = self._seen[0]
        if done >= of:
            return 0.0
        return (of - done) * (now - began) / (done - before) if done > before else None


class Tracker:
    """Tells from the partitions' state how much is done, and whether all of it is."""

    def __init__(self, found: Surveyed, passed: Collection[TopicPartition]) -> None:
        """``passed`` are those that were read beyond their end; it may grow."""
        self._found = found
        self._passed = passed
        self._at_end: set[TopicPartition] = set()
        """Those with nothing in flight and nothing left to read, when it was looked last."""

    def counts(
        self, partitions: Mapping[TopicPartition, Partition], read: Mapping[TopicPartition, KafkaPartition]
    ) -> tuple[int, int]:
        """Records done, and how many there are, of these partitions."""
        done = of = 0
        for tp, partition in partitions.items():
            begin, end = self._range(tp)
            position = max(_committed(partition), read.get(tp, _NOT_READ).position or 0)
            done += max(0, min(position, end) - begin - len(partition.open))
            of += end - begin
        return done, of

    def is_done(
        self, partitions: Mapping[TopicPartition, Partition], read: Mapping[TopicPartition, KafkaPartition]
    ) -> bool:
        """Whether all of these are finished; false where there are none. To be asked about once a second.

        A last record that is gone by now (retention, compaction) is never finished: then it counts that reading is
        behind it and that nothing is in flight, seen twice in a row.
        """
        found = [self._is_done(tp, partition, read.get(tp, _NOT_READ)) for tp, partition in partitions.items()]
        return bool(found) and all(found)

    def _is_done(self, tp: TopicPartition, partition: Partition, read: KafkaPartition) -> bool:
        begin, end = self._range(tp)
        watermark = partition.watermark.offset if partition.received_any else _committed(partition)
        if begin == end or watermark >= end:
            return True
        behind = tp in self._passed or (read.position or 0) >= end
        if partition.open or not behind:
            self._at_end.discard(tp)
            return False
        seen_before = tp in self._at_end
        self._at_end.add(tp)
        return seen_before

    def _range(self, tp: TopicPartition) -> tuple[int, int]:
        end = self._found.ends.get(tp, 0)
        return min(self._found.begins.get(tp, end), end), end


_NOT_READ: Final = KafkaPartition()


def _committed(partition: Partition) -> int:
    return 0 if partition.committed is None else partition.committed.offset
