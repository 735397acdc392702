"""Reads what lies on the topics, without a group: for commands that only look."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Self

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_config import KafkaConfig, consumer_properties
from consumer.adapters.kafka_errors import sentence_of
from consumer.adapters.kafka_guard import ClientLog, Guard
from consumer.adapters.kafka_span import Begin, Since, Span, spans
from consumer.adapters.kafka_status import Waits
from consumer.adapters.kafka_topics import Topics
from consumer.core.record import TopicPartition
from consumer.mapping.message import timestamp_ms

__all__ = ["Peek", "PeekFailed"]

_ASK_WITHIN_S = 10.0
_SILENT_S_MAX = 10.0
"""How long no record may come before the end until it is said that Kafka does not answer."""

_READ_RECORDS = 1_000
_READ_WITHIN_S = 0.2


class PeekFailed(Exception):  # noqa: N818 - it says what happened
    """Kafka does not give what was asked; the text says what, and names the client's error."""


class Peek:
    """The records of every partition from where it is asked to where it ended when this was made.

    A context manager. Joins no group and commits nothing: partitions are taken by hand. A queue of 8 MB, which is what
    the consumer itself has, gives 300,000 records a second of half a kilobyte, and the process 65 MB.
    """

    def __init__(
        self,
        config: KafkaConfig,
        *,
        topics: Sequence[str] | None = None,
        begin: Mapping[TopicPartition, int] | Since | Begin = Begin.BEGINNING,
        endless: bool = False,
    ) -> None:
        """Asks where the partitions begin and end. Raises :class:`PeekFailed`.

        ``topics`` stand for those of the settings. With offsets as ``begin`` only these partitions are read, each from
        there on. Where it is ``endless``, as with ``Begin.NOW``, what comes is read for as long as this is iterated
        over.
        """
        waits = Waits()
        properties = {**consumer_properties(config), "error_cb": Guard()(waits.note)}
        try:
            self._client = Consumer({**properties, "logger": ClientLog(), "log_level": 0})
        except KafkaException as error:
            raise PeekFailed(sentence_of(error.args[0])) from None
        self.partitions = self._all_partitions(config, config.topics if topics is None else topics, waits)
        """Every partition of these topics, sorted."""
        try:
            found = spans(self._client, self.partitions, begin, within_s=_ASK_WITHIN_S)
        except KafkaException as error:
            self._client.close()
            raise PeekFailed(sentence_of(error.args[0])) from None
        self._endless = endless or begin is Begin.NOW
        self._not_before_ms = begin.ms if isinstance(begin, Since) and not found.by_time else None
        self.spans: Mapping[TopicPartition, Span] = found.spans
        """What is read of each of them; not of those that are left out."""
        self._unread = {tp: span.records for tp, span in self.spans.items()}
        self.records = sum(self._unread.values())
        """About how many there are: offsets have gaps. 0 where there is no end."""
        self.done = 0
        """How much of that is read."""
        self.by_time = found.by_time
        """False: the broker does not tell which record was the first since a time, so all are read to find those."""

    def _all_partitions(self, config: KafkaConfig, topics: Sequence[str], waits: Waits) -> Sequence[TopicPartition]:
        asked = Topics(topics, waits)
        asked.ask(self._client, within_s=_ASK_WITHIN_S, serving=True)
        if asked.partitions:
            return asked.partitions
        self._client.close()
        if not asked.answered and waits.for_brokers:
            raise PeekFailed(
                f"no broker answers at {config.bootstrap_servers} within {_ASK_WITHIN_S:g} s; look at"
                " kafka.bootstrap_servers, and at the TLS and SASL settings under kafka.client"
            )
        raise PeekFailed(str(waits) or "there is no such topic")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def __iter__(self) -> Iterator[Sequence[Message]]:
        """The records, in batches; an empty one where none came for 0.2 s.

        Raises :class:`PeekFailed` where Kafka falls silent before the end.
        """
        return self.read(self.spans)

    def read(self, partitions: Collection[TopicPartition]) -> Iterator[Sequence[Message]]:
        """The same of these partitions alone; the others may be read afterwards, each of them once."""
        spans = {tp: span for tp, span in self.spans.items() if tp in partitions}
        left = {tp for tp, span in spans.items() if self._endless or span.records}
        self._client.assign([ClientPartition(*tp, _start(self.spans[tp])) for tp in left])
        silent_s = 0.0
        while left:
            messages = self._client.consume(_READ_RECORDS, _READ_WITHIN_S)
            silent_s = 0.0 if messages else silent_s + _READ_WITHIN_S
            if silent_s >= _SILENT_S_MAX and not self._endless:
                raise PeekFailed(f"no record came for {_SILENT_S_MAX:g} s")
            for message in messages:
                if (error := message.error()) is not None:
                    raise PeekFailed(sentence_of(error))
            yield self._wanted(messages) if self._endless else self._until_ends(messages, left)

    def _until_ends(self, messages: Sequence[Message], left: set[TopicPartition]) -> Sequence[Message]:
        """Those before the ends, from which on nothing more is read.

        A position passes markers at the end that are no records, so the end is found without one.
        """
        ended: list[TopicPartition] = []
        for at in self._client.position([ClientPartition(*tp) for tp in left]):
            tp = TopicPartition(at.topic, at.partition)
            span = self.spans[tp]
            self._unread[tp] = span.end - min(max(at.offset, span.begin), span.end)
            if at.offset >= span.end:
                ended.append(tp)
        self.done = self.records - sum(self._unread.values())
        if ended:
            messages = [message for message in messages if self._is_within(message)]
            self._client.pause([ClientPartition(*tp) for tp in ended])
            left.difference_update(ended)
        return self._wanted(messages)

    def _is_within(self, message: Message) -> bool:
        end = self.spans[TopicPartition(message.topic() or "", message.partition() or 0)].end
        return (message.offset() or 0) < end

    def _wanted(self, messages: Sequence[Message]) -> Sequence[Message]:
        not_before_ms = self._not_before_ms
        if not_before_ms is None:
            return messages
        return [message for message in messages if timestamp_ms(message) >= not_before_ms]


def _start(span: Span) -> int:
    """What begins where the topic does goes on beginning there, though retention may move that meanwhile."""
    return OFFSET_BEGINNING if span.at_beginning else span.begin
