"""Finds the records about somebody: those that the mapping takes to be, whether a rule wants them or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from consumer.core.record import Position, Record
from consumer.mapping.envelope import NotYet, Unreadable, ValueDecoder
from consumer.mapping.expression import EvaluationFailed, Program
from consumer.mapping.formats.format import Event
from consumer.mapping.head import Head, Heads
from consumer.mapping.message import Message, headers_of, record_of
from consumer.mapping.plan import older_ms
from consumer.mapping.rules import CompiledMapping
from consumer.why.sieve import Sieve, is_verbatim
from consumer.why.whom import Identity, Whom, email_of, user_id_of

__all__ = ["RECORDS_MAX", "Finder", "Found"]

RECORDS_MAX: Final = 10_000
"""Of one person; what comes beyond is counted."""
_NAMES_MAX: Final = 1_000
_MENTIONS_MAX: Final = 5


@dataclass(slots=True)
class Found:
    """What was found. It holds personal data."""

    records: dict[Position, Record] = field(default_factory=dict, repr=False)
    """Those about the person that a rule wants, or that cannot be read."""
    unwanted: Counter[str | None] = field(default_factory=Counter)
    """Those about the person that no rule wants, by the name of the event; ``None``: it has none."""
    mentions: list[Position] = field(default_factory=list)
    """The first few that hold an address and are about somebody else, or nobody, as the mapping reads them."""
    mentions_count: int = 0
    left_out: int = 0
    """Of the person's records those past :data:`RECORDS_MAX`."""
    not_decoded: Counter[str] = field(default_factory=Counter)
    """Records that cannot be decoded for now, by what is waited for."""


class _Topic:
    """What it takes to find somebody's records on one topic."""

    def __init__(self, head: Head, contact: Program) -> None:
        self.head = head
        self.contact = contact
        envelope = head.form.envelope
        packed = envelope is not None and (envelope.compression is not None or envelope.encoding is not None)
        sources = [contact.sources[name] for name in ("email", "userId") if name in contact.sources]
        self.sieved = not packed and all(map(is_verbatim, sources))
        """Whether what the record's bytes do not hold is not what the mapping reads."""
        self.of_headers = head.of_message


class Finder:
    """Looks at records. What a record says beside a given identifier is looked for from then on."""

    def __init__(self, mapping: CompiledMapping, whom: Whom, decoder: ValueDecoder | None = None) -> None:
        """``decoder`` as ``Head`` has it."""
        self._whom = whom
        self._heads = Heads(mapping, decoder)
        self._contacts = mapping.contacts
        self._topics: dict[str, _Topic | None] = {}
        self._sieve = Sieve(whom.texts)
        self.found = Found()

    def take(self, messages: Sequence[Message]) -> None:
        """Looks at these."""
        for message in messages:
            name = message.topic() or ""
            topic = self._topics[name] if name in self._topics else self._open(name)
            value = message.value()
            if topic is None or value is None:
                continue
            if topic.sieved and not self._may_hold(topic, value, message):
                continue
            self._look(record_of(message), topic)

    def _open(self, name: str) -> _Topic | None:
        head = self._heads[name]
        topic = None if head is None else _Topic(head, self._contacts[head.form])
        self._topics[name] = topic
        return topic

    def _may_hold(self, topic: _Topic, value: bytes, message: Message) -> bool:
        lets_through = self._sieve.lets_through
        if lets_through(value) or lets_through(message.key() or b""):
            return True
        return topic.of_headers and any(lets_through(held or b"") for _, held in headers_of(message))

    def _look(self, record: Record, topic: _Topic) -> None:
        event: Event | None = None
        try:
            event = topic.head.event(record)
        except NotYet as waits:
            self.found.not_decoded[str(waits)] += 1
            return
        except Unreadable:
            text = record.value or b""
        else:
            text = orjson.dumps(event.document)
        identity = None if event is None else _identity(topic.contact, event, record)
        if event is None or identity is None:
            if self._is_named(text):
                self._keep(record)
        elif self._whom.is_meant(identity):
            self._learn(identity, record)
            self._take_in(event, record, topic)
        elif self._is_named(text):
            self.found.mentions_count += 1
            if len(self.found.mentions) < _MENTIONS_MAX:
                self.found.mentions.append(record.position)

    def _take_in(self, event: Event, record: Record, topic: _Topic) -> None:
        unwanted = self.found.unwanted
        if topic.head.wanting_event(event):
            self._keep(record)
        elif event.name in unwanted or len(unwanted) < _NAMES_MAX:
            unwanted[event.name] += 1

    def _keep(self, record: Record) -> None:
        if len(self.found.records) < RECORDS_MAX:
            self.found.records[record.position] = record
        else:
            self.found.left_out += 1

    def _learn(self, identity: Identity, record: Record) -> None:
        if self._whom.learn(identity, f"the record {record.topic} {record.partition}:{record.offset}"):
            self._sieve = Sieve(self._whom.texts)

    def _is_named(self, text: bytes) -> bool:
        """Whether an address stands there. A userId may be any number, so it tells nothing."""
        folded = text.decode("utf-8", "replace").casefold()
        return any(email in folded for email in self._whom.emails)


def _identity(contact: Program, event: Event, record: Record) -> Identity | None:
    """Whom the mapping takes it to be about; ``None``: its expressions fail."""
    try:
        made = contact.evaluate(event.document, now_ms=older_ms(event.time_ms, record.timestamp_ms)) or {}
    except EvaluationFailed:
        return None
    return Identity(email_of(made.get("email")), user_id_of(made.get("userId")))
