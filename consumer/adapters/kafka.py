"""Kafka's consumer behind :class:`consumer.ports.RecordSource`: the event loop's side of it.

What happens on the client's thread is in :mod:`consumer.adapters.kafka_thread`. Between the two go commands one way,
by a queue, and what happened the other way, by ``call_soon_threadsafe``; nothing else is shared but two values to
read, and one to write: what selects.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping, Sequence

from consumer.adapters.kafka_commands import CommandQueue, Commit, Handed, Pause, ReadAgain, Stop, Took
from consumer.adapters.kafka_commits import CLOSED, CommitAnswer, failed_as
from consumer.adapters.kafka_committed import CommittedReader
from consumer.adapters.kafka_config import KafkaConfig
from consumer.adapters.kafka_status import KafkaStatus
from consumer.adapters.kafka_teller import Teller
from consumer.adapters.kafka_thread import KafkaThread
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.ports import Select, SourceListener

__all__ = ["KafkaSource"]


class KafkaSource:
    """Reads the topics as a member of the group. Use it on ``loop``'s thread alone; it works once.

    Every partition of a commit is told exactly once to be committed or not, until ``source_closed``; where both happen
    in one commit, the failed ones come first.
    """

    def __init__(
        self,
        config: KafkaConfig,
        select: Select,
        loop: asyncio.AbstractEventLoop,
        *,
        handed_within_s: float,
    ) -> None:
        """``select`` runs on the Kafka thread and makes a batch of what one read brought.

        Where it raises ``NotYet``, the thread keeps what it read and tries again.

        ``handed_within_s``: how long a revoke waits for its answer; a request's time-out and some seconds.
        """
        self._loop = loop
        self._commands = CommandQueue()
        self._teller = Teller(loop, self._drop_commits)
        self._committed = CommittedReader(config, self._teller.committed_read)
        self._thread = KafkaThread(config, select, self._teller, self._commands, handed_within_s=handed_within_s)
        self._runner = threading.Thread(target=self._thread.run, name="kafka", daemon=True)
        self._started = self._stopped = False

    @property
    def last_poll(self) -> float:
        """When the thread last asked Kafka or waited for an answer of ours; monotonic seconds.

        It gets old, by at most ``socket.timeout.ms``, while a rebalance waits for the brokers.
        """
        return self._thread.last_poll

    @property
    def poll_age_s(self) -> float:
        """Seconds since :attr:`last_poll`."""
        return max(0.0, time.monotonic() - self._thread.last_poll)

    def status(self) -> KafkaStatus:
        """As it was at most half a second ago, while the thread polls."""
        return self._thread.status

    def start(self, listener: SourceListener) -> None:
        """Joins the group and begins to read; brokers that do not answer are waited for."""
        if self._started:
            return
        self._started = True
        self._teller.listener = listener
        if self._stopped:
            self._loop.call_soon(self._teller.end)
        else:
            self._runner.start()

    def took(self) -> None:
        """The oldest batch is taken in."""
        self._commands.put(Took())

    def commit(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """Commits what is ours of it, under the assignment that the listener was told of last."""
        if self._teller.ended:
            return
        epochs = {tp: epoch for tp in positions if (epoch := self._teller.epochs.get(tp)) is not None}
        self._commands.put(Commit(dict(positions), epochs))

    def read_committed(self, partitions: Sequence[TopicPartition]) -> None:
        """Asks what the group has committed of these; the Kafka thread has no part in it."""
        if self._started and not self._stopped:
            self._committed.ask(partitions)

    def pause(self, partition: TopicPartition) -> None:
        """Reads no more of it until :meth:`resume` or a revoke."""
        self._set_paused(partition, paused=True)

    def resume(self, partition: TopicPartition) -> None:
        """Reads it again."""
        self._set_paused(partition, paused=False)

    def read_again(self, partition: TopicPartition, offset: int) -> None:
        """Reads it from there again, or from lower where that is next."""
        epoch = self._teller.epochs.get(partition)
        if epoch is not None:
            self._commands.put(ReadAgain(partition, epoch, offset))

    def select_with(self, select: Select) -> None:
        """Makes batches with this from the next read on."""
        self._thread.select = select

    def handed(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """Answers the oldest ``revoked``."""
        self._commands.put(Handed(dict(positions)))

    def stop(self) -> None:
        """Leaves the group and ends the thread, which then tells ``source_closed``."""
        if not self._stopped:
            self._stopped = True
            self._committed.stop()
            self._commands.put(Stop())

    def _set_paused(self, partition: TopicPartition, *, paused: bool) -> None:
        epoch = self._teller.epochs.get(partition)
        if epoch is not None:
            self._commands.put(Pause(partition, epoch, paused))

    def _drop_commits(self) -> list[CommitAnswer]:
        dropped = []
        while (command := self._commands.take()) is not None:
            if isinstance(command, Commit):
                dropped.append(failed_as(command.positions, CLOSED))
        return dropped
