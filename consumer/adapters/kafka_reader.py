"""Reads messages: whatever is there at once, without what belongs to a former assignment, errors apart."""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaError, Message
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_rebalance import Assignments
from consumer.core.record import TopicPartition
from consumer.logs import logger

__all__ = ["BATCH_RECORDS_MAX", "LONG_S", "SHORT_S", "Problem", "Reader"]

BATCH_RECORDS_MAX = 1_000
"""Records of one read."""

LONG_S = 1.0
"""Seconds of work on one read after which the next brings a quarter of its records. An expression may take 0.25 s, and
``max.poll.interval.ms``, five minutes by default, is what the group gives to all of a read."""

SHORT_S = 0.1
"""Seconds of work within which the next read may bring twice as many again."""

Problem = tuple[KafkaError, TopicPartition | None]
"""What the client says in place of a record, and about which partition."""

_log = logger("kafka")


class Reader:
    """Used on the client's thread alone."""

    def __init__(self, client: Consumer, assignments: Assignments) -> None:
        """Nothing is read yet."""
        self.holding = False
        """Every partition is paused because too many batches are under way."""
        self.records_max = BATCH_RECORDS_MAX
        """Records of the next read."""
        self._client = client
        self._assignments = assignments
        self._held: list[Message] = []

    def read(self, timeout_s: float) -> tuple[Sequence[Message], Sequence[Problem]]:
        """What is there, waiting at most so long for the first; serves the client's callbacks on the way.

        ``consume`` alone would wait for a full batch: a median of 286 ms at a trickle.
        """
        messages, self._held = self._held, []
        self._assignments.begin_read()
        first = self._client.poll(0.0 if messages else timeout_s)
        if first is not None:
            messages.append(first)
            if (room := self.records_max - len(messages)) > 0:
                messages += self._client.consume(room, 0)
        messages = self._without_moved(messages)
        if all(message.error() is None for message in messages):
            return messages, ()
        problems = [(error, _of(message)) for message in messages if (error := message.error()) is not None]
        return [message for message in messages if message.error() is None], problems

    def took(self, seconds: float) -> None:
        """So long the work on what it read took: where that is long, the next read brings less."""
        if seconds > LONG_S:
            self.records_max = max(1, self.records_max // 4)
        elif seconds < SHORT_S:
            self.records_max = min(BATCH_RECORDS_MAX, 2 * self.records_max)

    def hold(self) -> None:
        """Keeps every partition from being read, so that :meth:`serve` can go on polling."""
        self.holding = True
        self._client.pause([ClientPartition(*tp) for tp in self._assignments.owned])

    def serve(self, timeout_s: float) -> None:
        """Serves the client's callbacks; a message that comes all the same is kept for the next read."""
        self._assignments.begin_read()
        message = self._client.poll(timeout_s)
        if message is not None:
            self._held.append(message)
        self._held = self._without_moved(self._held)

    def release(self) -> None:
        """Reads again what nobody wants paused."""
        self.holding = False
        owned = self._assignments.owned
        self._client.resume([ClientPartition(*tp) for tp in owned if not owned[tp].paused])

    def drop(self, partition: TopicPartition) -> None:
        """Forgets what it kept of a partition that is read from elsewhere now."""
        self._held = [message for message in self._held if _of(message) != partition]

    def _without_moved(self, messages: list[Message]) -> list[Message]:
        moved = self._assignments.moved
        if not moved:
            return messages
        kept = [message for message in messages if _of(message) not in moved]
        if len(kept) < len(messages):
            _log.info("kafka_records_of_moved_partitions_dropped", records=len(messages) - len(kept))
        self._assignments.rewind_moved(self._client)
        return kept


def _of(message: Message) -> TopicPartition | None:
    topic, partition = message.topic(), message.partition()
    return None if topic is None or partition is None else TopicPartition(topic, partition)
