"""Reads the range beforehand: where each partition's last record lies, and which contacts are deleted on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from consumer.adapters.kafka_config import KafkaConfig
from consumer.adapters.kafka_peek import Peek
from consumer.adapters.kafka_span import Begin, Since
from consumer.backfill.deletes import Deletes
from consumer.core.record import Batch, Position, TopicPartition
from consumer.core.request import Call, DeleteContact
from consumer.mapping.envelope import ValueDecoder
from consumer.mapping.message import Message
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.select import Selector

__all__ = ["NoTimes", "Surveyed", "survey"]

_TAIL: Final = 1_000
"""Offsets before a partition's end among which its last record is looked for first: what ends a transaction has an
offset and is no record."""


class NoTimes(Exception):  # noqa: N818 - it says what is wrong
    """The brokers know no record by its time."""


@dataclass(slots=True)
class Surveyed:
    """What is to be read, and what of it must not be sent."""

    begins: Mapping[TopicPartition, int] = field(default_factory=dict)
    """Of every partition: where its range begins."""
    ends: dict[TopicPartition, int] = field(default_factory=dict)
    """And where it ends, exclusive: behind its last record, or where it begins if there is none."""
    tails: Mapping[TopicPartition, int] = field(default_factory=dict)
    """Where each partition ended, so that what came since lies from there on."""
    from_beginning: bool = True
    """Whether every range begins where its partition does."""
    deletes: Deletes = field(default_factory=Deletes)

    def has_any(self, tp: TopicPartition) -> bool:
        """Whether a record was found in this partition's range."""
        return self.ends[tp] > self.begins[tp]

    @property
    def records(self) -> int:
        """About how many there are: offsets have gaps."""
        return sum(end - self.begins[tp] for tp, end in self.ends.items())


def survey(
    kafka: KafkaConfig,
    mapping: CompiledMapping,
    begin: Since | Begin,
    *,
    decoder: ValueDecoder | None = None,
    progress: Callable[[int, int], object] = lambda _done, _of: None,
) -> Surveyed:
    """Reads from ``begin`` to where the partitions end now; all of it where a rule deletes, else only the last records.

    ``progress`` is told how many records of how many are read. Raises
    :class:`~consumer.adapters.kafka_peek.PeekFailed`, ``NotYet``, :class:`NoTimes`, and
    :class:`~consumer.backfill.deletes.TooManyContacts`.
    """
    deleting = tuple(rule for rule in mapping.rules if rule.call is Call.DELETE)
    with Peek(kafka, begin=begin) as peek:
        if not peek.by_time:
            raise NoTimes("the brokers find no record by its time; give --from earliest")
        spans = peek.spans
        found = Surveyed(
            begins={tp: span.begin for tp, span in spans.items()},
            ends={tp: span.begin for tp, span in spans.items()},
            tails={tp: span.end for tp, span in spans.items()},
            from_beginning=all(span.at_beginning for span in spans.values()),
        )
        if deleting:
            select = Selector(replace(mapping, rules=deleting), decoder).select
            for messages in _followed(peek, found, progress):
                _take(found.deletes, select(messages))
    if not deleting:
        _find_ends(kafka, found, progress)
    return found


def _find_ends(kafka: KafkaConfig, found: Surveyed, progress: Callable[[int, int], object]) -> None:
    near = {tp: max(found.begins[tp], end - _TAIL) for tp, end in found.tails.items()}
    _drain(_read(kafka, near, found, progress))
    missing = {tp: found.begins[tp] for tp, at in near.items() if found.begins[tp] < at and not found.has_any(tp)}
    if missing:
        _drain(_read(kafka, missing, found, progress))


def _read(
    kafka: KafkaConfig, begins: Mapping[TopicPartition, int], found: Surveyed, progress: Callable[[int, int], object]
) -> Iterator[Sequence[Message]]:
    with Peek(kafka, begin=begins) as peek:
        yield from _followed(peek, found, progress)


def _followed(peek: Peek, found: Surveyed, progress: Callable[[int, int], object]) -> Iterator[Sequence[Message]]:
    for messages in peek:
        for message in messages:
            tp, after = TopicPartition(message.topic() or "", message.partition() or 0), (message.offset() or 0) + 1
            if after <= found.tails[tp]:
                found.ends[tp] = max(found.ends[tp], after)
        progress(peek.done, peek.records)
        yield messages


def _drain(batches: Iterable[object]) -> None:
    for _ in batches:
        pass


def _take(deletes: Deletes, batch: Batch) -> None:
    for received in batch.values():
        for wanted in received.wanted:
            at: Position = wanted.record.position
            for plan in wanted.plans:
                if isinstance(plan, DeleteContact):
                    deletes.add(plan.lanes, plan.event_time_ms, at)
