"""From what one read brought to what the backfill makes of it: nothing behind its range, and its own plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from consumer.backfill.plans import Course, Outdated
from consumer.core.record import Batch, Received, TopicPartition, Wanted
from consumer.mapping.message import Message
from consumer.ports import Select

__all__ = ["Selection"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Works on the source's thread."""

    course: Course
    ends: Mapping[TopicPartition, int]
    """Where each partition's range ends, exclusive; of one that is not here nothing is taken."""
    outdated: Outdated
    passed: Callable[[TopicPartition], None]
    """Told of a partition that was read beyond its end, once what lies before has been selected."""

    def of(self, select: Select) -> Select:
        """The same as ``select`` within the range, with this backfill's plans."""

        def selected(messages: Sequence[Message]) -> Batch:
            return self._taken(select(messages))

        return selected

    def _taken(self, batch: Batch) -> Batch:
        found: dict[TopicPartition, Received] = {}
        for tp, received in batch.items():
            end = self.ends.get(tp, 0)
            if received.runs and received.runs[-1][1] >= end:
                _cut(received, end)
                self.passed(tp)
            if received.runs:
                received.wanted = [made for one in received.wanted if (made := self._planned(one)) is not None]
                received.mapping = self.course.digest(received.mapping)
                found[tp] = received
        return found

    def _planned(self, wanted: Wanted) -> Wanted | None:
        plans = self.course.plans(wanted.plans, wanted.record.position, self.outdated)
        return Wanted(wanted.record, plans) if plans else None


def _cut(received: Received, end: int) -> None:
    """Takes away what lies at ``end`` or behind it."""
    received.runs = [(first, min(last, end - 1)) for first, last in received.runs if first < end]
    received.records = sum(last - first + 1 for first, last in received.runs)
    received.wanted = [one for one in received.wanted if one.record.offset < end]
