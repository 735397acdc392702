"""The hot path: of what one read brought, the few records that a rule wants, with what the rules make of them.

A record that no rule wants costs the decoding of its event's name, two look-ups, and nothing that lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from consumer.core.record import Batch, Received, Rejection, TopicPartition, Wanted
from consumer.mapping.envelope import Unreadable, ValueDecoder
from consumer.mapping.head import Head, Heads, Unsure
from consumer.mapping.message import Message, record_of, timestamp_ms
from consumer.mapping.plan import plans
from consumer.mapping.rule import Rule
from consumer.mapping.rules import CompiledMapping

__all__ = ["Selector"]


class Selector:
    """Selects with one mapping. Used by one thread at a time."""

    def __init__(self, mapping: CompiledMapping, decoder: ValueDecoder | None = None, *, opened: bool = False) -> None:
        """Remembers, from then on, which event names are wanted. ``decoder`` and ``opened`` as ``Head`` has them."""
        self._mapping = mapping
        self._heads = Heads(mapping, decoder, opened=opened)

    def select(self, messages: Sequence[Message]) -> Batch:
        """What these messages, in the order in which they were read, come to by partition.

        Raises ``NotYet`` alone, where one cannot be decoded for now: then nothing counts as selected.
        """
        batch: dict[TopicPartition, Received] = {}
        topic: str | None = None
        partition: int | None = None
        low = following = -1
        last: Message | None = None
        received, head = Received(), None
        look: Callable[[Any], Any] = _undecided
        of_message = False
        remembered: Callable[[Any], tuple[Rule, ...] | None] = _nothing
        for message in messages:
            offset: int = message.offset()  # type: ignore[assignment]  # a message that was read has one
            if offset != following or message.partition() != partition or message.topic() != topic:
                if last is not None:
                    _close(received, low, following, last)
                low, topic, partition = offset, message.topic(), message.partition()
                received, head = self._open(batch, topic, partition)
                if head is not None:
                    look, of_message, remembered = head.look, head.of_message, head.memo.get
                else:
                    look, of_message, remembered = _undecided, False, _nothing
            following = offset + 1
            last = message
            try:
                seen = look(message if of_message else message.value())
            except Unsure:
                self._take(message, None, head, received)
                continue
            rules = remembered(seen)
            if rules is None or rules:
                self._take(message, seen, head, received)
        if last is not None:
            _close(received, low, following, last)
        return batch

    def _open(
        self, batch: dict[TopicPartition, Received], topic: str | None, partition: int | None
    ) -> tuple[Received, Head | None]:
        tp = TopicPartition(topic or "", partition or 0)
        received = batch.get(tp)
        if received is None:
            received = batch[tp] = Received(mapping=self._mapping.digest)
        return received, self._heads[tp.topic]

    def _take(self, message: Message, seen: Hashable | None, head: Head | None, received: Received) -> None:
        """Takes in a message that a rule may want, or that cannot be read; forgets it where it turns out otherwise."""
        if message.value() is None:
            return
        record = record_of(message)
        try:
            head = _known(head)
            rules = None if seen is None else head.wanting(seen)
            if rules == ():
                return
            event = head.event(record)
            rules = head.wanting_event(event) if rules is None else rules
        except Unreadable as reason:
            received.wanted.append(Wanted(record, (Rejection("undecodable", str(reason)),)))
            return
        made = plans(rules, event, record, head.form, self._mapping.recipients) if rules else ()
        if made:
            received.wanted.append(Wanted(record, made))


def _close(received: Received, low: int, following: int, last: Message) -> None:
    """Adds a run of offsets to what was received; it may go on where the one before ended."""
    if received.runs and received.runs[-1][1] + 1 == low:
        received.runs[-1] = (received.runs[-1][0], following - 1)
    else:
        received.runs.append((low, following - 1))
    received.records += following - low
    received.last_timestamp_ms = timestamp_ms(last)


def _known(head: Head | None) -> Head:
    if head is None:
        raise Unreadable("the mapping has no format for this topic")
    return head


def _undecided(_value: Any, /) -> Any:
    raise TypeError


def _nothing(_seen: Any, /) -> tuple[Rule, ...] | None:
    """Remembers no glance."""
    return None
