"""Reads what lies on the topics at this moment, without a group: for commands that only look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_config import KafkaConfig, consumer_properties
from consumer.adapters.kafka_errors import sentence_of
from consumer.adapters.kafka_guard import ClientLog
from consumer.adapters.kafka_status import Waits
from consumer.adapters.kafka_topics import Topics
from consumer.core.record import TopicPartition

__all__ = ["Peek", "PeekFailed"]

_ASK_WITHIN_S = 10.0
_SILENT_S_MAX = 10.0
"""How long no record may come before the end until it is said that Kafka does not answer."""

_READ_RECORDS = 1_000
_READ_WITHIN_S = 0.2


class PeekFailed(Exception):  # noqa: N818 - it says what happened
    """Kafka does not give what was asked; the text says what, and names the client's error."""


class Peek:
    """The records of every partition from its beginning to where it ended when this was made.

    A context manager. Joins no group and commits nothing: partitions are taken by hand.
    """

    def __init__(
        self,
        config: KafkaConfig,
        *,
        topics: Sequence[str] | None = None,
        begin: Mapping[TopicPartition, int] | None = None,
    ) -> None:
        """Asks where the partitions begin and end. Raises :class:`PeekFailed`.

        ``topics`` stand for those of the settings. With ``begin`` only these partitions are read, each from there on.
        """
        self._begin = begin
        self._client = Consumer({**consumer_properties(config), "logger": ClientLog(), "log_level": 0})
        waits = Waits()
        asked = Topics(config.topics if topics is None else topics, waits)
        asked.ask(self._client, within_s=_ASK_WITHIN_S)
        if not asked.partitions:
            self._client.close()
            if not asked.answered and waits.for_brokers:
                raise PeekFailed(
                    f"no broker answers at {config.bootstrap_servers} within {_ASK_WITHIN_S:g} s; look at"
                    " kafka.bootstrap_servers, and at the TLS and SASL settings under kafka.client"
                )
            raise PeekFailed(str(waits) or "there is no such topic")
        try:
            self._left = self._bounds(asked.partitions)
        except KafkaException as error:
            self._client.close()
            raise PeekFailed(sentence_of(error.args[0])) from None
        self.partitions = asked.partitions
        """Every partition of these topics, sorted."""
        self.records = sum(end - begin for begin, end in self._left.values())
        """About how many there are: offsets have gaps."""
        self.done = 0
        """How much of that is read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def __iter__(self) -> Iterator[Sequence[Message]]:
        """The records, in batches. Raises :class:`PeekFailed` where Kafka falls silent."""
        ends = {tp: end for tp, (begin, end) in self._left.items() if end > begin}
        # What begins where the topic does goes on beginning there, though retention may move that meanwhile.
        begins = {tp: OFFSET_BEGINNING if self._begin is None else self._left[tp][0] for tp in ends}
        self._client.assign([ClientPartition(*tp, begin) for tp, begin in begins.items()])
        silent_s = 0.0
        while ends:
            messages = self._client.consume(_READ_RECORDS, _READ_WITHIN_S)
            silent_s = 0.0 if messages else silent_s + _READ_WITHIN_S
            if silent_s >= _SILENT_S_MAX:
                raise PeekFailed(f"no record came for {_SILENT_S_MAX:g} s")
            yield [message for message in messages if self._is_within(message, ends)]
            self._note_positions(ends)

    def _bounds(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, tuple[int, int]]:
        bounds = {
            tp: self._client.get_watermark_offsets(ClientPartition(*tp), timeout=_ASK_WITHIN_S) for tp in partitions
        }
        if self._begin is None:
            return bounds
        there = {tp: (begin, *bounds[tp]) for tp, begin in self._begin.items() if tp in bounds}
        return {tp: (min(max(begin, low), end), end) for tp, (begin, low, end) in there.items()}

    def _is_within(self, message: Message, ends: Mapping[TopicPartition, int]) -> bool:
        if (error := message.error()) is not None:
            raise PeekFailed(sentence_of(error))
        end = ends.get(TopicPartition(message.topic() or "", message.partition() or 0), 0)
        return (message.offset() or 0) < end

    def _note_positions(self, ends: dict[TopicPartition, int]) -> None:
        """A position passes markers at the end that are no records, so the end is found without one."""
        for at in self._client.position([ClientPartition(*tp) for tp in ends]):
            tp = TopicPartition(at.topic, at.partition)
            if at.offset >= ends[tp]:
                del ends[tp]
        self.done = self.records - sum(ends[tp] - self._left[tp][0] for tp in ends)
