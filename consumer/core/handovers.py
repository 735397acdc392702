"""Partitions that go to another member as soon as nothing of them is on the wire, or after a bound."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from consumer.core.record import TopicPartition

__all__ = ["Handovers"]


class Handovers:
    """Revokes that are not answered yet, each with the moment at which it is answered whatever is on the wire."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        """None."""
        self._waiting: list[tuple[float, tuple[TopicPartition, ...]]] = []

    def __len__(self) -> int:
        """How many are not answered."""
        return len(self._waiting)

    def begin(self, partitions: Sequence[TopicPartition], *, until: float) -> None:
        """These are to go; ``until`` is in monotonic seconds."""
        self._waiting.append((until, tuple(partitions)))

    def due(self, busy: Collection[TopicPartition], *, now: float) -> list[tuple[TopicPartition, ...]]:
        """Those to be answered now: none of their partitions is ``busy``, or their time is over."""
        due = [tps for until, tps in self._waiting if now >= until or not any(tp in busy for tp in tps)]
        self._waiting = [waiting for waiting in self._waiting if waiting[1] not in due]
        return due

    def next_at(self) -> float:
        """When the next one is due by time alone, monotonic seconds; infinite if never."""
        return min((until for until, _ in self._waiting), default=math.inf)
