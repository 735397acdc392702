"""From where to where a command that only looks reads each partition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as ClientPartition

from consumer.core.record import TopicPartition

__all__ = ["Begin", "Since", "Span", "Spans", "spans"]

_EARLIEST_MS = 0
"""Every record with a time is as late as this, so a broker that finds none of it finds nothing by time. Kafka takes -1
and -2 for the end and the beginning, and refuses what is below."""


class Begin(Enum):
    """Where reading begins, where that is neither an offset nor a time."""

    BEGINNING = "beginning"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Since:
    """Begins with the first record of this time or later."""

    ms: int
    """Milliseconds since 1970, UTC."""


class Span(NamedTuple):
    """Offsets of one partition, from the first to before the last."""

    begin: int
    end: int
    at_beginning: bool = False
    """Whether it begins where the partition does."""

    @property
    def records(self) -> int:
        """At most so many."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class Spans:
    """What is read of each partition."""

    spans: Mapping[TopicPartition, Span]
    by_time: bool = True
    """False: the broker tells no offsets by time, and the spans begin where the partitions do."""


def spans(
    client: Consumer,
    partitions: Sequence[TopicPartition],
    begin: Mapping[TopicPartition, int] | Since | Begin,
    *,
    within_s: float,
) -> Spans:
    """Asks the brokers where these partitions begin and end, each time for at most so long.

    Raises ``KafkaException``.
    """
    bounds = {tp: client.get_watermark_offsets(ClientPartition(*tp), timeout=within_s) for tp in partitions}
    if begin is Begin.NOW:
        return Spans({tp: Span(end, end) for tp, (_, end) in bounds.items()})
    if begin is Begin.BEGINNING:
        return Spans({tp: Span(low, end, at_beginning=True) for tp, (low, end) in bounds.items()})
    if isinstance(begin, Since):
        return _since(client, bounds, begin, within_s)
    return Spans({tp: _from(at, *bounds[tp]) for tp, at in begin.items() if tp in bounds})


def _since(client: Consumer, bounds: Mapping[TopicPartition, tuple[int, int]], begin: Since, within_s: float) -> Spans:
    found = _at(client, bounds, max(begin.ms, _EARLIEST_MS), within_s)
    full = [tp for tp, (low, end) in bounds.items() if low < end]
    if full and not found:
        first = _at(client, full, _EARLIEST_MS, within_s)
        if not first:
            return Spans({tp: Span(low, end, at_beginning=True) for tp, (low, end) in bounds.items()}, by_time=False)
    return Spans({tp: _from(found.get(tp, end), low, end) for tp, (low, end) in bounds.items()})


def _at(
    client: Consumer, partitions: Sequence[TopicPartition] | Mapping[TopicPartition, object], ms: int, within_s: float
) -> Mapping[TopicPartition, int]:
    """The first offset of this time or later, of the partitions that have one."""
    asked = [ClientPartition(*tp, ms) for tp in partitions]
    answers = client.offsets_for_times(asked, timeout=within_s)
    return {TopicPartition(each.topic, each.partition): each.offset for each in answers if each.offset >= 0}


def _from(at: int, low: int, end: int) -> Span:
    begin = min(max(at, low), end)
    return Span(begin, end, at_beginning=begin == low)
