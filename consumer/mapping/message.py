"""What the Kafka client gives, and the record that it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from consumer.core.record import Headers, Record

__all__ = ["UNREADABLE_HEADERS", "Message", "headers_of", "message_of", "record_of", "timestamp_ms"]

UNREADABLE_HEADERS = "loops-consumer-headers-unreadable"
"""Stands in a record's place of headers that cannot be read."""


class Message(Protocol):
    """What is asked of confluent-kafka's message, which bears no error."""

    def topic(self) -> str | None:
        """Where it lies."""

    def partition(self) -> int | None:
        """Where it lies."""

    def offset(self) -> int | None:
        """Where it lies."""

    def key(self) -> bytes | None:
        """Its key."""

    def value(self) -> bytes | None:
        """Its value."""

    def headers(self) -> Any:
        """A list of pairs, or ``None``."""

    def timestamp(self) -> tuple[int, int]:
        """Its kind (0: there is none), and milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A record as the client would give it once more."""

    record: Record

    def topic(self) -> str:
        return self.record.topic

    def partition(self) -> int:
        return self.record.partition

    def offset(self) -> int:
        return self.record.offset

    def key(self) -> bytes | None:
        return self.record.key

    def value(self) -> bytes | None:
        return self.record.value

    def headers(self) -> list[tuple[str, bytes | None]]:
        return list(self.record.headers)

    def timestamp(self) -> tuple[int, int]:
        return (1 if self.record.timestamp_ms else 0), self.record.timestamp_ms


def message_of(record: Record) -> Message:
    """The message that :func:`record_of` makes the record of."""
    return _Kept(record)


def record_of(message: Message) -> Record:
    """The message as it was read."""
    return Record(
        topic=message.topic() or "",
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        timestamp_ms=timestamp_ms(message),
        key=message.key(),
        value=message.value(),
        headers=headers_of(message),
    )


def headers_of(message: Message) -> Headers:
    """The record's headers; where the client cannot read them, for a name that is not UTF-8, a header that says so."""
    try:
        return tuple(message.headers() or ())
    except (SystemError, UnicodeDecodeError):
        return ((UNREADABLE_HEADERS, b"1"),)


def timestamp_ms(message: Message) -> int:
    """The record's own time, milliseconds since 1970; 0 where there is none."""
    kind, milliseconds = message.timestamp()
    return milliseconds if kind else 0
