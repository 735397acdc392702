"""A Kafka message and where it lies, as the rest of the program sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from consumer.core.request import Request

__all__ = ["Batch", "Headers", "Plan", "Position", "Received", "Record", "Rejection", "TopicPartition", "Wanted"]

Headers: TypeAlias = Sequence[tuple[str, bytes | None]]


class TopicPartition(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int


class Position(NamedTuple):
    """Where one record lies."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka message, untouched. Key, value and headers hold personal data, so its ``repr`` leaves them out."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    """The record's own time: milliseconds since 1970, UTC. 0 where the broker has none."""
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: Headers = field(repr=False, default=())

    @property
    def position(self) -> Position:
        """Where it lies."""
        return Position(self.topic, self.partition, self.offset)

    @property
    def size_bytes(self) -> int:
        """Bytes of key and value, what it costs to hold."""
        return len(self.key or b"") + len(self.value or b"")


@dataclass(frozen=True, slots=True)
class Rejection:
    """A rule (or, without one, the format) that cannot make a request of this record: a dead letter.

    ``reason`` is one of a few fixed words, fit for a metric's label; ``message`` says it for a person and quotes
    no value of the record.
    """

    reason: str
    message: str
    rule: str | None = None


Plan: TypeAlias = Request | Rejection
"""What one rule makes of one record."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record that at least one rule wants or that cannot be read, with what each rule makes of it, in rule order."""

    record: Record
    plans: tuple[Plan, ...]


@dataclass(slots=True)
class Received:
    """What one read brought of one partition.

    Offsets have gaps (compaction, transaction markers), so what was received is kept as runs of consecutive offsets,
    first and last inclusive, in order. Every received record that is not in ``wanted`` is filtered.
    """

    runs: list[tuple[int, int]] = field(default_factory=list)
    records: int = 0
    wanted: list[Wanted] = field(default_factory=list)
    last_timestamp_ms: int = 0
    mapping: str = ""
    """Digest of the mapping that made the plans."""


Batch: TypeAlias = Mapping[TopicPartition, Received]
"""What one read brought, by partition."""
