"""The hot path: of what one read brought, the few records that a rule wants, with what the rules make of them.

A record that no rule wants costs the decoding of its event's name, two look-ups, and nothing that lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct

from consumer.core.record import Batch, Received, Record, Rejection, TopicPartition, Wanted
from consumer.mapping.formats.format import Unreadable
from consumer.mapping.head import Head, Heads, Unsure
from consumer.mapping.plan import plans
from consumer.mapping.rule import Rule
from consumer.mapping.rules import CompiledMapping

__all__ = ["UNREADABLE_HEADERS", "Message", "Selector", "record_of"]

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


class Selector:
    """Selects with one mapping. Used by one thread at a time."""

    def __init__(self, mapping: CompiledMapping) -> None:
        """Remembers, from then on, which event names are wanted."""
        self._mapping = mapping
        self._heads = Heads(mapping)

    def select(self, messages: Sequence[Message]) -> Batch:
        """What these messages, in the order in which they were read, come to by partition. Raises nothing."""
        batch: dict[TopicPartition, Received] = {}
        topic: str | None = None
        partition: int | None = None
        low = following = -1
        last: Message | None = None
        received, head = Received(), None
        decode: Callable[[bytes | None], Any] = _undecided
        remembered: Callable[[Any], tuple[Rule, ...] | None] = _nothing
        for message in messages:
            offset: int = message.offset()  # type: ignore[assignment]  # a message that was read has one
            if offset != following or message.partition() != partition or message.topic() != topic:
                if last is not None:
                    _close(received, low, following, last)
                low, topic, partition = offset, message.topic(), message.partition()
                received, head = self._open(batch, topic, partition)
                if head is not None:
                    decode, remembered = head.decode, head.memo.get
                else:
                    decode, remembered = _undecided, _nothing
            following = offset + 1
            last = message
            try:
                read = decode(message.value())
            except Unsure:
                self._take(message, None, head, received)
                continue
            rules = remembered(read)
            if rules is None or rules:
                self._take(message, read, head, received)
        if last is not None:
            _close(received, low, following, last)
        return batch

    def _open(
        self, batch: dict[TopicPartition, Received], topic: str | None, partition: int | None
    ) -> tuple[Received, Head | None]:
        tp = TopicPartition(topic or "", partition or 0)
        received = batch.get(tp)
        if received is None:
            received = batch[tp] = Received()
        return received, self._heads[tp.topic]

    def _take(self, message: Message, read: Struct | None, head: Head | None, received: Received) -> None:
        """Takes in a message that a rule may want, or that cannot be read; forgets it where it turns out otherwise."""
        value = message.value()
        if value is None:
            return
        try:
            head = _known(head)
            rules = head.slow(value) if read is None else head.wanting(read)
            if not rules:
                return
            document = head.form.document(value)
        except Unreadable as reason:
            received.wanted.append(Wanted(record_of(message), (Rejection("undecodable", str(reason)),)))
            return
        record = record_of(message)
        made = plans(rules, document, record, head.form, self._mapping.recipients)
        if made:
            received.wanted.append(Wanted(record, made))


def _close(received: Received, low: int, following: int, last: Message) -> None:
    """Adds a run of offsets to what was received; it may go on where the one before ended."""
    if received.runs and received.runs[-1][1] + 1 == low:
        received.runs[-1] = (received.runs[-1][0], following - 1)
    else:
        received.runs.append((low, following - 1))
    received.records += following - low
    received.last_timestamp_ms = _timestamp_ms(last)


def record_of(message: Message) -> Record:
    """The message as it was read."""
    return Record(
        topic=message.topic() or "",
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        timestamp_ms=_timestamp_ms(message),
        key=message.key(),
        value=message.value(),
        headers=_headers(message),
    )


def _headers(message: Message) -> tuple[tuple[str, bytes | None], ...]:
    """The record's headers; where the client cannot read them, for a name that is not UTF-8, a header that says so."""
    try:
        return tuple(message.headers() or ())
    except (SystemError, UnicodeDecodeError):
        return ((UNREADABLE_HEADERS, b"1"),)


def _timestamp_ms(message: Message) -> int:
    kind, milliseconds = message.timestamp()
    return milliseconds if kind else 0


def _known(head: Head | None) -> Head:
    if head is None:
        raise Unreadable("the mapping has no format for this topic")
    return head


def _undecided(_value: bytes | None, /) -> Any:
    raise TypeError


def _nothing(_read: Any, /) -> tuple[Rule, ...] | None:
    """Remembers no head."""
    return None
