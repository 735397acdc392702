"""What the group has committed, read while it works: by a second client, on a thread that nobody waits for.

The member's own client would hold the Kafka thread up for as long as the coordinator is silent. An ``AdminClient`` asks
without waiting, but ends the process with a segmentation fault where the coordinator has moved (librdkafka 2.16.0; its
issue 5040). So the client is a consumer with the group's name that never joins and fetches nothing.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from confluent_kafka import Consumer, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_commits import errors_in, found_positions
from consumer.adapters.kafka_config import KafkaConfig, checking_properties
from consumer.adapters.kafka_guard import ClientLog
from consumer.adapters.kafka_secrets import SecretsWatch
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.logs import defect, logger

__all__ = ["QUEUE_MAX", "CommittedReader", "Found"]

Found: TypeAlias = Mapping[TopicPartition, Committable | None] | None
"""``None`` beside a partition: the group has no commit of it. ``None`` in all: it could not be read."""

QUEUE_MAX = 1
"""Questions that wait while one is asked; what does not fit is answered with None."""

_ANSWER_WITHIN_S = 1.0
"""A broker answers in about a millisecond; the first question waits for the connection, about 60 ms on loopback."""

_log = logger("kafka")


class CommittedReader:
    """Answers each question once, by ``tell`` on its own thread, unless it is stopped before. No method waits."""

    def __init__(
        self, config: KafkaConfig, tell: Callable[[Found], None], *, answer_within_s: float = _ANSWER_WITHIN_S
    ) -> None:
        """Nothing is opened, and no thread started, before the first question."""
        self._config = config
        self._secrets = SecretsWatch(config)
        self._tell = tell
        self._answer_within_s = answer_within_s
        self._asked: queue.Queue[Sequence[TopicPartition] | None] = queue.Queue(QUEUE_MAX)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._client: Consumer | None = None

    def ask(self, partitions: Sequence[TopicPartition]) -> None:
        """Asks what the group has committed of these, whoever owns them."""
        try:
            self._asked.put_nowait(partitions)
        except queue.Full:
            self._tell(None)
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="kafka-committed", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Tells nothing more, and lets the thread end; may be called twice."""
        self._stopping.set()
        if self._asked.empty():
            self._asked.put_nowait(None)

    # On its own thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (partitions := self._asked.get()) is not None and not self._stopping.is_set():
            found = self._answer(partitions)
            if not self._stopping.is_set():
                self._tell(found)
        if self._client is not None:
            self._client.close()

    def _answer(self, partitions: Sequence[TopicPartition]) -> Found:
        found: list[ClientPartition] = []
        try:
            found = self._read(partitions)
            error = ", ".join(errors_in(found))
        except KafkaException as failed:
            error = str(failed.args[0].name())
        except Exception as failed:  # noqa: BLE001 - a defect here must end no more than this question
            error = f"defect: {defect(failed)}"
        if error:
            _log.debug("kafka_committed_unknown", error=error)
            return None
        return found_positions(found)

    def _read(self, partitions: Sequence[TopicPartition]) -> list[ClientPartition]:
        if self._client is None:
            self._client = Consumer({**checking_properties(self._config), "logger": ClientLog(), "log_level": 0})
        self._secrets.look(self._client)
        # Takes what the client says of its connections, which else gathers in its queue.
        self._client.poll(0)
        asked = [ClientPartition(*tp) for tp in partitions]
        return self._client.committed(asked, timeout=self._answer_within_s) if asked else []
