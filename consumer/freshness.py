"""Which records were delivered soon after they were produced, and which were not: what the objective is held against.

1. Judged is a record that a rule wants: fresh where it was delivered within ``FRESH_S`` of being produced, and late
   where it was not, as soon as that is seen. The record's own time counts, never the event's.
2. Each is judged once by each replica that has it: one that is late is not counted again when it is delivered.
3. What came to anything but a delivery in time (a dead letter, stale, capped, unchanged) is not judged.
4. Nor is what was produced before the partition's :attr:`~consumer.core.partition.Partition.judged_from_ms`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from consumer.core.effect import Finished
from consumer.core.partition import Partition

__all__ = ["FRESH_S", "Freshness"]

FRESH_S: Final = 300.0
"""Seconds from being produced to being delivered that are soon enough."""


@dataclass(slots=True)
class Freshness:
    """Counts both kinds, since the start."""

    wall: Callable[[], float]
    """Seconds since 1970."""
    within_s: float | None = FRESH_S
    """None: nothing is judged, as where the past is read."""
    fresh: int = 0
    late: int = 0

    def finished(self, effect: Finished) -> None:
        """Records have their fate."""
        if effect.judged_from_ms is not None and self.within_s is not None:
            is_late = self._is_late(effect.judged_from_ms)
            self.late, self.fresh = self.late + is_late, self.fresh + (not is_late)

    def look(self, partitions: Iterable[Partition]) -> None:
        """Notes what has become late and is not finished; a millisecond where 10,000 records are in flight."""
        for partition in partitions:
            for of in partition.open.values():
                if partition.judges(of) and self._is_late(of.record.timestamp_ms):
                    of.late = True
                    self.late += 1

    def _is_late(self, record_ms: int) -> bool:
        return self.within_s is not None and self.wall() - record_ms / 1000 > self.within_s
