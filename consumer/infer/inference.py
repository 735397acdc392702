"""The way of every record from which a first mapping is inferred: counted by name, one in fifty looked at closely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from consumer.core.record import Record
from consumer.infer.own_json import OwnJson, own_json
from consumer.infer.recognizing import Recognized, recognized
from consumer.infer.sample import Sample
from consumer.infer.wrapping import unwrapped
from consumer.infer.writing import Topic
from consumer.mapping.envelope import Encoding, Envelope, Unreadable, ValueDecoder
from consumer.mapping.formats.format import Format
from consumer.mapping.formats.known import FORMATS
from consumer.mapping.head import Heads
from consumer.mapping.message import Message, record_of
from consumer.mapping.rules import CompiledMapping
from consumer.preview.tally import Tally

__all__ = ["SAMPLED_EVERY", "Inference", "SchemaNeeded"]

SAMPLED_EVERY: Final = 50
"""One record in so many is looked at closely, once the format is known."""
_RECOGNIZED_BY: Final = 300
"""Records by which a topic's format is recognized; fewer only where there are no more."""
_ENCODINGS: Final[tuple[Encoding, ...]] = ("json_schema", "avro", "protobuf")
"""In the order in which they are tried: a wrong one fails at once."""
_BYTES_MAX: Final = 8 * 1024 * 1024
"""Of records that wait until it is."""


class SchemaNeeded(Exception):  # noqa: N818 - it says what is missing
    """Values can be read with a schema alone, and there is no registry to ask; the text is for a person."""


@dataclass(slots=True)
class _Waiting:
    """Records of a topic whose format is not known yet."""

    messages: list[Message] = field(default_factory=list)
    size_bytes: int = 0
    with_value: int = 0

    def add(self, message: Message) -> None:
        value = message.value()
        self.messages.append(message)
        self.size_bytes += len(value or b"")
        self.with_value += value is not None

    @property
    def is_enough(self) -> bool:
        return self.with_value >= _RECOGNIZED_BY or self.size_bytes >= _BYTES_MAX


@dataclass(slots=True)
class _Known:
    """A topic whose format is known."""

    recognized: Recognized
    own: OwnJson | None
    encoding: Encoding | None
    sample: Sample


class Inference:
    """Takes records of any number of topics. Holds what :class:`Sample` and :class:`Tally` hold, and 8 MB a topic."""

    def __init__(self, decoder: ValueDecoder | None = None) -> None:
        """None was taken yet. ``decoder`` as ``Head`` has it."""
        self._decoder = decoder
        self._formats: dict[str, Format] = {}
        mapping = CompiledMapping("", (), (), self._formats, None)
        self._tally = Tally(mapping, decoder)
        self._heads = Heads(mapping, decoder)
        self._waiting: dict[str, _Waiting] = {}
        self._known: dict[str, _Known] = {}
        self._until_next = 0

    def take(self, messages: Sequence[Message]) -> None:
        """Counts these and looks at some. Raises :class:`SchemaNeeded`, and ``NotYet`` as ``Head`` does."""
        if {message.topic() or "" for message in messages} <= self._known.keys():
            self._take_known(messages)
            return
        known: list[Message] = []
        for message in messages:
            topic = message.topic() or ""
            if topic in self._known:
                known.append(message)
            else:
                self._waiting.setdefault(topic, _Waiting()).add(message)
        self._take_known(known)
        for topic, waiting in list(self._waiting.items()):
            if waiting.is_enough:
                self._recognize(topic)

    def end(self) -> None:
        """No more will come: what waits is taken. Raises as :meth:`take`."""
        for topic in list(self._waiting):
            self._recognize(topic)

    @property
    def records(self) -> int:
        """How many were counted."""
        return self._tally.records

    @property
    def looked_at(self) -> int:
        """How many were looked at closely."""
        return sum(known.sample.looked_at for known in self._known.values())

    @property
    def names(self) -> Counter[str]:
        """What events are called, with how often they came."""
        return self._tally.names.counts

    @property
    def topics(self) -> list[Topic]:
        """What was found out about each of which there was a record, by name."""
        return [
            Topic(name, known.recognized, known.sample, known.own, known.encoding)
            for name, known in sorted(self._known.items())
        ]

    def _take_known(self, messages: Sequence[Message]) -> None:
        self._tally.take(messages)
        for message in messages[self._until_next :: SAMPLED_EVERY]:
            self._look_at(message)
        self._until_next = (self._until_next - len(messages)) % SAMPLED_EVERY

    def _look_at(self, message: Message) -> None:
        topic = message.topic() or ""
        head, sample = self._heads[topic], self._known[topic].sample
        if head is None or message.value() is None:
            return
        try:
            event = head.event(record_of(message))
        except Unreadable:
            sample.unreadable += 1
            return
        sample.add(event, head.called_event(event))

    def _encoding(self, topic: str, records: Sequence[Record]) -> Encoding | None:
        """The encoding in which a registry's schemas make sense of these; ``None`` where they bear no schema's id."""
        framed = [record for record in records if record.value is not None]
        wrappings = Counter(unwrapped(record.value or b"", record.headers).wrapping for record in framed)
        if not wrappings or not wrappings.most_common(1)[0][0].schema:
            return None
        if self._decoder is None:
            raise SchemaNeeded(
                f"the values of {topic} bear the id of a schema, and there is nothing to decode them with"
            )
        for encoding in _ENCODINGS:
            if sum(self._decoded(record, encoding) is not record for record in framed) * 2 > len(framed):
                return encoding
        raise SchemaNeeded(
            f"the values of {topic} bear the id of a schema with which the registry does not decode them"
        )

    def _decoded(self, record: Record, encoding: Encoding) -> Record:
        """The record with its value as JSON, or itself where the value cannot be decoded."""
        envelope = Envelope(encoding=encoding)
        try:
            return replace(
                record, value=envelope.open(record.value or b"", record.headers, record.topic, self._decoder)
            )
        except Unreadable:
            return record

    def _recognize(self, topic: str) -> None:
        """Settles on a format by records from everywhere among those that wait, and takes them all."""
        messages = self._waiting.pop(topic).messages
        chosen = messages[:: max(1, len(messages) // _RECOGNIZED_BY)]
        records = [record_of(message) for message in chosen]
        encoding = self._encoding(topic, records)
        if encoding is not None:
            records = [self._decoded(record, encoding) for record in records]
        found = recognized(records)
        own = None
        form = FORMATS["json"] if found.name is None else FORMATS[found.name]
        if form.name == "json":
            own = own_json([unwrapped(record.value or b"", record.headers).document for record in records])
            form = own.format
        envelope = Envelope(found.wrapping.compression, encoding, found.wrapping.wrapped)
        self._formats[topic] = form = form if envelope == Envelope() else replace(form, envelope=envelope)
        self._known[topic] = _Known(found, own, encoding, Sample(form))
        for message in chosen:
            self._look_at(message)
        self._tally.take(messages)
