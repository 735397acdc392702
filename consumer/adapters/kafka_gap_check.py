"""Asks the broker whether it has a record where a read brought none: by a second client, on a thread of its own.

No call explains a gap in the offsets: compaction, the marker of a transaction and an aborted transaction leave one too.
So the records are read there once more, by a client that is no member of the group, takes its partition by hand and
commits nothing. It is made at the first need and closed when it was not needed for a while. With its queue of one fetch
it costs 1.8 MB of memory and five threads that sleep.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_config import KafkaConfig, checking_properties
from consumer.adapters.kafka_guard import ClientLog
from consumer.adapters.kafka_secrets import SecretsWatch
from consumer.core.record import TopicPartition
from consumer.logs import defect

__all__ = ["QUEUE_MAX", "Checked", "Gap", "GapChecker"]

QUEUE_MAX = 16
"""Gaps that wait to be checked; what does not fit is refused, and may be asked again."""

_ANSWER_WITHIN_S = 10.0
_IDLE_S = 90.0
"""Longer than a partition's checks are apart, so that a topic full of gaps keeps its client."""

_POLL_S = 0.1
_END_WITHIN_S = 0.5


@dataclass(frozen=True, slots=True)
class Gap:
    """Offsets of a partition that no read brought, under one assignment: from ``first`` up to, without, ``end``."""

    partition: TopicPartition
    epoch: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of it."""

    gap: Gap
    record: int | None = None
    """The offset of the first record in the gap; None where there is none."""
    error: str = ""
    """Why it is not known: the client's name of the error, or words of ours."""


class GapChecker:
    """Use it on one thread; no method waits, but for :meth:`stop`, half a second at most."""

    def __init__(
        self, config: KafkaConfig, *, answer_within_s: float = _ANSWER_WITHIN_S, idle_s: float = _IDLE_S
    ) -> None:
        """Nothing is opened, and no thread started, before the first gap."""
        self._config = config
        self._secrets = SecretsWatch(config)
        self._answer_within_s = answer_within_s
        self._idle_s = idle_s
        self._asked: queue.Queue[Gap | None] = queue.Queue(QUEUE_MAX)
        self._answers: queue.SimpleQueue[Checked] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._client: Consumer | None = None

    @property
    def connected(self) -> bool:
        """Whether it has a client at this moment."""
        return self._client is not None

    def ask(self, gap: Gap) -> bool:
        """Has a gap checked; False where too many wait."""
        try:
            self._asked.put_nowait(gap)
        except queue.Full:
            return False
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="kafka-gaps", daemon=True)
            self._thread.start()
        return True

    def answers(self) -> Iterator[Checked]:
        """What was found out since it was asked last, one for each gap."""
        while not self._answers.empty():
            yield self._answers.get_nowait()

    def stop(self) -> None:
        """Ends it; what was not checked is not answered. May be called twice."""
        self._stopping.set()
        if self._thread is not None:
            if self._asked.empty():
                self._asked.put_nowait(None)
            self._thread.join(_END_WITHIN_S)

    # On its own thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                gap = self._next()
                if gap is not None:
                    self._answers.put(self._check(gap))
        finally:
            self._close()

    def _next(self) -> Gap | None:
        """The next gap; None where none came for so long that the client was closed, and at the end."""
        try:
            return self._asked.get(timeout=self._idle_s if self.connected else None)
        except queue.Empty:
            self._close()
            return None

    def _check(self, gap: Gap) -> Checked:
        try:
            if self._client is None:
                self._client = Consumer({**checking_properties(self._config), "logger": ClientLog()})
            self._secrets.look(self._client)
            return self._look(self._client, gap)
        except KafkaException as error:
            return Checked(gap, error=error.args[0].name())
        except Exception as error:  # noqa: BLE001 - a defect here must end no more than this check
            return Checked(gap, error=f"defect: {defect(error)}")

    def _look(self, client: Consumer, gap: Gap) -> Checked:
        client.assign([ClientPartition(*gap.partition, gap.first)])
        try:
            end = time.monotonic() + self._answer_within_s
            while time.monotonic() < end and not self._stopping.is_set():
                message = client.poll(_POLL_S)
                if message is not None:
                    return _judge(gap, message.offset(), message.error())
            return Checked(gap, error="no answer in time")
        finally:
            client.unassign()

    def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _judge(gap: Gap, offset: int | None, error: KafkaError | None) -> Checked:
    """What the first thing says that came: a record, the partition's end, or an error."""
    if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client's name of it
        return Checked(gap, error=error.name())
    if offset is None or offset < gap.first:
        return Checked(gap, error="the topic was made anew")
    return Checked(gap, record=offset if error is None and offset < gap.end else None)
