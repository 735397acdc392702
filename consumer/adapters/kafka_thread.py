"""The one thread that owns the Kafka client: reads, hands out batches, carries out commands, leaves.

No other thread touches the client. Nothing wakes a ``poll`` but what comes from Kafka, so it waits 100 ms where no
command is urgent; 4 ms while a record that a rule wants is not committed and something happened within the last second,
so that a commit leaves soon after its request finished; 20 ms while that takes longer, as in an outage.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_commands import Command, CommandQueue, Commit, Handed, Pause, Stop, Took
from consumer.adapters.kafka_commits import (
    REVOKED,
    CommitLedger,
    Positions,
    client_positions,
    failed_as,
    fence,
)
from consumer.adapters.kafka_config import KafkaConfig, consumer_properties
from consumer.adapters.kafka_errors import is_fatal, sentence_of
from consumer.adapters.kafka_guard import ClientLog, Guard
from consumer.adapters.kafka_reader import Problem, Reader
from consumer.adapters.kafka_rebalance import Assignments
from consumer.adapters.kafka_reset import ends_of, find_again
from consumer.adapters.kafka_status import KafkaPartition, KafkaStatus, Waits
from consumer.adapters.kafka_teller import Teller
from consumer.adapters.kafka_topics import Topics
from consumer.core.effect import Committable
from consumer.core.record import Batch, TopicPartition
from consumer.logs import defect, logger
from consumer.status import SourceState

_log = logger("kafka")

__all__ = ["BATCHES_UNDER_WAY_MAX", "KafkaThread"]

BATCHES_UNDER_WAY_MAX = 2
"""Batches told and not taken in: one in work, one ready."""

_IDLE_POLL_S = 0.1
_OWING_POLL_S = 0.02
_BUSY_POLL_S = 0.004
_BUSY_FOR_S = 1.0

_HOLD_AFTER_S = 0.25
"""How long the thread waits for a batch to be taken in before it pauses all and goes back to polling."""

_SNAPSHOT_EVERY_S = 0.5
_TOPICS_EVERY_S = 60.0
_TOPICS_EVERY_S_WHILE_WAITING = 5.0
_TOPICS_EVERY_S_BEFORE_JOINING = 0.2
_TOPICS_WITHIN_S = 1.0

_LAST_ANSWERS_WITHIN_S = 2.0
"""How long the end waits for commits that are under way."""


class KafkaThread:
    """Everything that happens on the client's thread; :meth:`run` is its target.

    ``last_poll`` (monotonic seconds) and ``status`` may be read from any thread.
    """

    def __init__(
        self,
        config: KafkaConfig,
        select: Callable[[Sequence[Message]], Batch],
        teller: Teller,
        commands: CommandQueue,
        *,
        handed_within_s: float,
    ) -> None:
        """Nothing is opened yet."""
        self.last_poll = time.monotonic()
        self.status = KafkaStatus()
        self._config = config
        self._select = select
        self._teller = teller
        self._commands = commands
        self._handed_within_s = handed_within_s
        self._guard = Guard()
        self._waits = Waits()
        self._topics = Topics(config.topics, self._waits)
        self._assignments = Assignments(self._topics, self._waits, config.start)
        self._client: Consumer | None = None
        self._client_is_broken = False
        self._reader: Reader | None = None
        self._ledger = CommitLedger()
        self._owing: dict[TopicPartition, int] = {}
        """Where a partition's commit must stand for all its wanted records to be committed."""
        self._under_way = 0
        self._stopping = False
        self._subscribed = False
        self._handed_owed = 0
        """Answers to revokes that did not come in time and may still come."""
        self._happened_at = self._looked_at = self._asked_topics_at = -math.inf
        self._jumps = self._skipped = self._positions_lost = self._handovers_late = 0

    def run(self) -> None:
        """From joining the group to leaving it. Raises nothing; the last thing it tells is ``closed``."""
        try:
            self._client = Consumer(self._properties())
            self._read_on(self._client)
        except KafkaException as error:
            self._failed(error.args[0])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a defect, and its text may quote a record
            self._guard.fail(f"defect: {defect(error)}")
        self._end()

    # What the callbacks tell -----------------------------------------------------------------------------------------

    def told_assigned(
        self, epochs: Mapping[TopicPartition, int], committed: Mapping[TopicPartition, Committable | None]
    ) -> None:
        """New partitions are ours."""
        self._teller.assigned(epochs, committed, self._total())
        self._publish()

    def told_lost(self, partitions: Sequence[TopicPartition]) -> None:
        """These are gone."""
        self._teller.lost(partitions)

    def hand_over(self, partitions: Sequence[TopicPartition]) -> Positions:
        """Tells of a revoke and waits, bounded, for its answer. Other commands wait meanwhile."""
        self._teller.revoked(partitions)
        end = time.monotonic() + self._handed_within_s
        while (left_s := end - time.monotonic()) > 0 and not self._teller.gone:
            self.last_poll = time.monotonic()
            handed = self._commands.wait_for(Handed, within_s=min(left_s, 1.0))
            if handed is None:
                continue
            if self._handed_owed:
                self._handed_owed -= 1
                if not handed.positions.keys() & set(partitions):
                    continue
            return handed.positions
        self._handovers_late += 1
        self._handed_owed += 1
        return {}

    def holds_still(self) -> bool:
        """Whether every partition is kept from being read for now."""
        return self._reader is not None and self._reader.holding

    def _read_on(self, client: Consumer) -> None:
        self._reader = Reader(client, self._assignments)
        while not self._stopping and self._guard.failure is None:
            self._turn(client, self._reader)

    def _join(self, client: Consumer) -> None:
        """Once it is known which partitions there are: a first assignment needs that."""
        self._subscribed = True
        callbacks = self._assignments.callbacks(self)
        client.subscribe(list(self._config.topics), **{name: self._guard(of) for name, of in callbacks.items()})

    # One turn --------------------------------------------------------------------------------------------------------

    def _turn(self, client: Consumer, reader: Reader) -> None:
        while (command := self._commands.take()) is not None:
            self._carry_out(client, command)
        if self._stopping:
            return
        self._look_around(client)
        if self._under_way >= BATCHES_UNDER_WAY_MAX:
            self._wait_for_room(client, reader)
            return
        if reader.holding:
            reader.release()
        messages, problems = reader.read(self._poll_s())
        self.last_poll = time.monotonic()
        if messages:
            self._hand_out(messages)
        for problem in problems:
            self._meet(client, problem)

    def _wait_for_room(self, client: Consumer, reader: Reader) -> None:
        """Stays responsive to commands for a moment, then to the group."""
        if reader.holding:
            reader.serve(_OWING_POLL_S)
            self.last_poll = time.monotonic()
        elif (command := self._commands.take(within_s=_HOLD_AFTER_S)) is not None:
            self._carry_out(client, command)
        else:
            reader.hold()

    def _hand_out(self, messages: Sequence[Message]) -> None:
        self._waits.reading()
        self._happened_at = time.monotonic()
        owned_ones = self._assignments.owned
        batch = {tp: received for tp, received in self._select(messages).items() if tp in owned_ones}
        for tp, received in batch.items():
            owned = owned_ones[tp]
            first, last = received.runs[0][0], received.runs[-1][1]
            self._jumps += len(received.runs) - 1 + (owned.position is not None and first != owned.position)
            owned.position = last + 1
            if received.wanted:
                self._owing[tp] = received.wanted[-1].record.offset + 1
        self._under_way += 1
        self._teller.selected(batch)

    def _meet(self, client: Consumer, problem: Problem) -> None:
        """Something came in place of a record."""
        error, tp = problem
        if is_fatal(error):
            self._failed(error)
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - the client's name of it
            if tp is not None and tp in self._assignments.owned:
                self._find_again(client, tp)
        elif not self._waits.note(error, "" if tp is None else tp.topic):
            _log.warning("kafka_error", error=error.name())

    def _find_again(self, client: Consumer, tp: TopicPartition) -> None:
        found = find_again(client, self._assignments, tp)
        self._positions_lost += 1
        self._skipped += found.skipped
        if found.anew:
            self._owing.pop(tp, None)
            epoch = self._assignments.renew(client, tp, held=self.holds_still())
            self._teller.lost([tp])
            self._teller.assigned({tp: epoch}, {tp: None}, self._total())
        self._publish(client)

    def _poll_s(self) -> float:
        if self._owing and self._assignments.moved:
            self._owing = {tp: offset for tp, offset in self._owing.items() if tp in self._assignments.owned}
        if not self._owing:
            return _IDLE_POLL_S
        return _BUSY_POLL_S if time.monotonic() - self._happened_at < _BUSY_FOR_S else _OWING_POLL_S

    def _look_around(self, client: Consumer) -> None:
        now = time.monotonic()
        if self._assignments.topics_due or now - self._asked_topics_at >= self._topics_every_s():
            self._assignments.topics_due = False
            changed = self._topics.ask(client, within_s=_TOPICS_WITHIN_S)
            self._asked_topics_at = now = time.monotonic()
            if changed and self._assignments.joined:
                self._teller.assigned({}, {}, self._total())
            if self._topics.answered and not self._subscribed:
                self._join(client)
        if now - self._looked_at >= _SNAPSHOT_EVERY_S:
            self._looked_at = now
            self._publish(client)

    def _topics_every_s(self) -> float:
        if not self._subscribed:
            return _TOPICS_EVERY_S_BEFORE_JOINING
        wanting = self._waits or not self._assignments.owned
        return _TOPICS_EVERY_S_WHILE_WAITING if wanting else _TOPICS_EVERY_S

    # Commands --------------------------------------------------------------------------------------------------------

    def _carry_out(self, client: Consumer, command: Command) -> None:
        self._happened_at = time.monotonic()
        match command:
            case Took():
                self._under_way = max(0, self._under_way - 1)
            case Commit(positions, epochs):
                self._commit(client, positions, epochs)
            case Pause(partition, epoch, paused):
                self._pause(client, partition, epoch, paused=paused)
            case Handed():
                self._handed_owed = max(0, self._handed_owed - 1)
            case Stop():
                self._stopping = True

    def _commit(self, client: Consumer, positions: Positions, epochs: Mapping[TopicPartition, int]) -> None:
        ours, fenced = fence(positions, epochs, self._assignments.epochs)
        if not ours:
            self._teller.commit_ended(failed_as(fenced, REVOKED))
            return
        self._ledger.sent(ours, fenced)
        try:
            client.commit(offsets=client_positions(ours), asynchronous=True)
        except KafkaException as error:
            self._teller.commit_ended(self._ledger.refused(error.args[0].name()))

    def _committed(self, error: KafkaError | None, partitions: list[ClientPartition]) -> None:
        """The client's callback for commits."""
        answer = self._ledger.answered(error, partitions)
        if answer is None:
            return
        for tp, position in answer.committed.items():
            if (owned := self._assignments.owned.get(tp)) is not None:
                owned.committed = position.offset
            if self._owing.get(tp, position.offset + 1) <= position.offset:
                del self._owing[tp]
        self._teller.commit_ended(answer)

    def _pause(self, client: Consumer, tp: TopicPartition, epoch: int, *, paused: bool) -> None:
        owned = self._assignments.owned.get(tp)
        if owned is None or owned.epoch != epoch or owned.paused == paused:
            return
        owned.paused = paused
        if not self.holds_still():
            (client.pause if paused else client.resume)([ClientPartition(*tp)])

    # Around it -------------------------------------------------------------------------------------------------------

    def _properties(self) -> dict[str, Any]:
        return {
            **consumer_properties(self._config),
            "on_commit": self._guard(self._committed),
            "error_cb": self._guard(self._error),
            "logger": ClientLog(),
        }

    def _error(self, error: KafkaError) -> None:
        """The client's callback for what concerns no single partition."""
        if is_fatal(error):
            self._failed(error)
        else:
            self._waits.note(error)

    def _total(self) -> Sequence[TopicPartition]:
        return sorted({*self._topics.partitions, *self._assignments.owned})

    def _publish(self, client: Consumer | None = None) -> None:
        owned = self._assignments.owned
        highs = {tp: ends_of(client, tp)[1] for tp in owned} if client is not None else {}
        partitions = {
            tp: KafkaPartition(at.position, highs.get(tp), at.committed, at.paused) for tp, at in owned.items()
        }
        self.status = KafkaStatus(
            self._state(),
            str(self._waits),
            partitions,
            rebalances=self._assignments.rebalances,
            callback_errors=self._guard.errors,
            jumps=self._jumps,
            records_skipped_by_retention=self._skipped,
            positions_lost=self._positions_lost,
            handovers_late=self._handovers_late,
            handover_commit_failures=self._assignments.commit_failures,
        )

    def _state(self) -> SourceState:
        if self._guard.failure is not None:
            return SourceState.FAILED
        if self._stopping and self._client is None:
            return SourceState.CLOSED
        if not self._assignments.joined:
            return SourceState.JOINING
        return SourceState.JOINED if self._assignments.owned else SourceState.STANDING_BY

    def _failed(self, error: KafkaError) -> None:
        self._client_is_broken = self._client_is_broken or is_fatal(error)
        self._guard.fail(sentence_of(error))

    def _end(self) -> None:
        """Leaves the group, whatever happened before."""
        told = self._guard.failure
        if told is not None:
            self._teller.failed(told)
        broken = self._close()
        for answer in self._ledger.abandon():
            self._teller.commit_ended(answer)
        if self._guard.failure is not None and told is None:
            self._teller.failed(self._guard.failure)
        self._publish()
        self._teller.closed()
        # Destroyed last, when all is told: after a fatal error even that may never return.
        del broken

    def _close(self) -> Consumer | None:
        """Closes the client and destroys it, on this thread.

        After a fatal error it is not closed, which would spin for ever, but returned to be destroyed: the group has put
        this member out.
        """
        client, self._client, self._reader = self._client, None, None
        if client is None or self._client_is_broken:
            return client
        try:
            end = time.monotonic() + _LAST_ANSWERS_WITHIN_S
            while len(self._ledger) and self._guard.failure is None and time.monotonic() < end:
                client.poll(_BUSY_POLL_S)
            client.close()
        except (KafkaException, RuntimeError) as error:
            name = error.args[0].name() if isinstance(error, KafkaException) else type(error).__name__
            self._guard.fail(f"leaving the consumer group failed: {name}")
        return None
