"""The one thread that owns the Kafka client: reads, hands out batches, carries out commands, leaves.

No other thread touches the client.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_commands import Command, CommandQueue, Commit, Handed, Pause, ReadAgain, Stop, Took
from consumer.adapters.kafka_commits import (
    REVOKED,
    CommitLedger,
    Positions,
    client_positions,
    failed_as,
    fence,
)
from consumer.adapters.kafka_config import KafkaConfig, consumer_properties, is_new_protocol
from consumer.adapters.kafka_ends import Ends
from consumer.adapters.kafka_entrance import Entrance, is_member
from consumer.adapters.kafka_errors import is_fatal
from consumer.adapters.kafka_gap_check import GapChecker
from consumer.adapters.kafka_gaps import GapWatch
from consumer.adapters.kafka_guard import ClientLog, Guard
from consumer.adapters.kafka_handover import Handovers
from consumer.adapters.kafka_pace import BUSY_POLL_S, IDLE_POLL_S, OWING_POLL_S, Pace
from consumer.adapters.kafka_reader import Problem, Reader
from consumer.adapters.kafka_rebalance import Assignments
from consumer.adapters.kafka_reset import LostPositions
from consumer.adapters.kafka_secrets import SecretsWatch
from consumer.adapters.kafka_snapshot import snapshot
from consumer.adapters.kafka_status import Counts, KafkaStatus, Waits
from consumer.adapters.kafka_teller import Teller
from consumer.adapters.kafka_topics import Topics
from consumer.adapters.kafka_undecoded import Undecoded
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.logs import defect
from consumer.ports import Select

__all__ = ["BATCHES_UNDER_WAY_MAX", "KafkaThread"]

BATCHES_UNDER_WAY_MAX = 2
"""Batches told and not taken in: one in work, one ready."""

_HOLD_AFTER_S = 0.25
"""How long the thread waits for a batch to be taken in before it pauses all and goes back to polling."""

_SNAPSHOT_EVERY_S = 0.5
_TOPICS_WITHIN_S = 1.0

_LEAVES_WITHIN_S = 0.7
"""How long leaving may take where nothing is owned: the client waits up to 5 s for a join that the group holds up."""

_LAST_ANSWERS_WITHIN_S = 2.0
"""How long the end waits for commits that are under way."""


class KafkaThread:
    """Everything that happens on the client's thread; :meth:`run` is its target.

    ``last_poll`` (monotonic seconds) and ``status`` may be read from any thread, and ``select`` be replaced.
    """

    def __init__(
        self,
        config: KafkaConfig,
        select: Select,
        teller: Teller,
        commands: CommandQueue,
        *,
        handed_within_s: float,
    ) -> None:
        """Nothing is opened yet."""
        self.last_poll = time.monotonic()
        self.status = KafkaStatus()
        self._config = config
        self.select = select
        self._teller = teller
        self._commands = commands
        self._handovers = Handovers(commands, teller, within_s=handed_within_s)
        self._guard = Guard()
        self._waits = Waits()
        self._entrance = Entrance(config, self._waits)
        self._client_log = ClientLog()
        self._topics = Topics(config.topics, self._waits)
        self._assignments = Assignments(self._topics, self._waits, config.start)
        self._client: Consumer | None = None
        self._client_is_broken = self._stopping = self._subscribed = False
        self._secrets = SecretsWatch(config, tells=True)
        self._reader: Reader | None = None
        self._ledger, self._pace = CommitLedger(), Pace()
        self._undecoded = Undecoded(self._waits)
        self._looked_at = -math.inf
        self._member_at = time.monotonic()
        self._counts, self._ends = Counts(), Ends()
        self._lost = LostPositions(self._assignments, self._counts)
        self._gap_checker = GapChecker(config)
        self._gaps = GapWatch(self._gap_checker, self._assignments, self._counts, teller.rewound)

    def run(self) -> None:
        """From joining the group to leaving it. Raises nothing; the last thing it tells is ``closed``."""
        try:
            while self._goes_on():
                self._client = Consumer(self._properties())
                self._read_on(self._client)
                if self._entrance.kept_out:
                    self._wait_outside(self._client)
                    self._give_up_client()
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
        """These will go; returns what may be committed, after a bounded wait."""
        return self._handovers.ask(partitions, self._polled)

    def holds_still(self) -> bool:
        """Whether every partition is kept from being read for now."""
        return self._reader is not None and self._reader.holding

    def _read_on(self, client: Consumer) -> None:
        self._reader = Reader(client, self._assignments)
        while self._goes_on() and not self._entrance.kept_out:
            self._turn(client, self._reader)

    def _goes_on(self) -> bool:
        return not self._stopping and self._guard.failure is None

    def _wait_outside(self, client: Consumer) -> None:
        """Until the next client may try. Commands are about nothing: nothing is owned yet."""
        while self._goes_on() and (left_s := self._entrance.waits_s) > 0:
            self._polled()
            self._publish()
            if (command := self._commands.take(within_s=min(left_s, IDLE_POLL_S))) is not None:
                self._carry_out(client, command)

    def _give_up_client(self) -> None:
        """The broken one, unless it is the last."""
        if self._goes_on() and self._client is not None:
            broken = [self._client]
            self._client = self._reader = None
            self._client_is_broken = self._subscribed = False
            self._member_at = time.monotonic()
            if not self._entrance.give_up(broken):
                self._guard.fail("clients that the group did not take in cannot be destroyed; another process may try")

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
        self._teller.look()
        if self._teller.under_way >= BATCHES_UNDER_WAY_MAX:
            self._wait_for_room(client, reader)
            return
        if self._assignments.moved:
            self._pace.keep(self._assignments.owned)
        if self._undecoded:
            self._hand_out(self._undecoded.again(reader, self._assignments), reader)
            self._polled()
            return
        if reader.holding:
            reader.release()
        self._gaps.look(client, reader)
        messages, problems = reader.read(self._pace.poll_s())
        self._polled()
        if messages:
            self._waits.reading()
            self._hand_out(messages, reader)
        self._lost.begin_turn()
        for problem in problems:
            self._meet(client, problem)

    def _wait_for_room(self, client: Consumer, reader: Reader) -> None:
        """Stays responsive to commands for a moment, then to the group."""
        if reader.holding:
            reader.serve(OWING_POLL_S)
            self._polled()
        elif (command := self._commands.take(within_s=_HOLD_AFTER_S)) is not None:
            self._carry_out(client, command)
        else:
            reader.hold()

    def _hand_out(self, messages: Sequence[Message], reader: Reader) -> None:
        selected = self._undecoded.select(self.select, messages, reader)
        if selected is None:
            return
        self._pace.happened()
        owned_ones = self._assignments.owned
        batch = {tp: received for tp, received in selected.items() if tp in owned_ones}
        for tp, received in batch.items():
            owned = owned_ones[tp]
            self._gaps.read(tp, owned, received.runs)
            owned.position = received.runs[-1][1] + 1
            if received.wanted:
                self._pace.owe(tp, received.wanted[-1].record.offset + 1)
        self._teller.selected(batch)

    def _meet(self, client: Consumer, problem: Problem) -> None:
        """Something came in place of a record."""
        error, tp = problem
        if is_fatal(error):
            self._failed(error)
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - the client's name of it
            if tp is not None and tp in self._assignments.owned:
                self._find_again(client, tp)
        else:
            self._waits.met(error, "" if tp is None else tp.topic)

    def _find_again(self, client: Consumer, tp: TopicPartition) -> None:
        if self._lost.find_again(client, tp).anew:
            self._pace.forget(tp)
            self._undecoded.drop([tp])
            epoch = self._assignments.renew(client, tp, held=self.holds_still())
            self._teller.lost([tp])
            self._teller.assigned({tp: epoch}, {tp: None}, self._total())

    def _look_around(self, client: Consumer) -> None:
        now = time.monotonic()
        wanting = bool(self._waits) or not self._assignments.owned
        if self._assignments.topics_due or self._topics.is_due(joining=not self._subscribed, wanting=wanting):
            self._assignments.topics_due = False
            changed = self._topics.ask(client, within_s=_TOPICS_WITHIN_S, serving=not self._subscribed)
            now = time.monotonic()
            if changed and self._assignments.joined:
                self._teller.assigned({}, {}, self._total())
            if self._topics.answered and not self._subscribed:
                self._join(client)
        if now - self._looked_at >= _SNAPSHOT_EVERY_S:
            self._looked_at = now
            self._secrets.look(client)
            silent = self._subscribed and not self._assignments.joined and is_new_protocol(self._config)
            if silent and is_member(client):
                self._assignments.taken_in(self)
            self._look_at_group(now)
            self._publish(client)

    def _look_at_group(self, now: float) -> None:
        joined = self._assignments.joined
        if joined or not self._subscribed:
            self._member_at = now
        self._waits.group(silent_s=max(now - self._member_at, self._ledger.waits_s), member=joined)

    # Commands --------------------------------------------------------------------------------------------------------

    def _carry_out(self, client: Consumer, command: Command) -> None:
        self._pace.happened()
        match command:
            case Took():
                self._teller.took()
            case Commit(positions, epochs):
                self._commit(client, positions, epochs)
            case Pause(partition, epoch, paused):
                self._pause(client, partition, epoch, paused=paused)
            case ReadAgain(tp, epoch, offset) if self._reader is not None and self._assignments.epochs.get(tp) == epoch:
                self._undecoded.drop([tp])
                self._pace.forget(tp)
                self._gaps.read_again(tp, offset, client, self._reader)
            case Handed():
                self._handovers.came_late()
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
            self._pace.paid(tp, position.offset)
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
            "logger": self._client_log,
        }

    def _error(self, error: KafkaError) -> None:
        """The client's callback for what concerns no single partition."""
        if is_fatal(error):
            self._failed(error)
        else:
            self._waits.note(error)

    def _polled(self) -> None:
        self.last_poll = time.monotonic()

    def _total(self) -> Sequence[TopicPartition]:
        return sorted({*self._topics.partitions, *self._assignments.owned})

    def _publish(self, client: Consumer | None = None) -> None:
        closed = self._stopping and self._client is None
        self._counts.handovers_late = self._handovers.late
        ends = {} if client is None else self._ends.of(client, self._assignments.owned, answers=not self._waits)
        self.status = snapshot(self._assignments, ends, self._waits, self._guard, self._counts, closed=closed)

    def _failed(self, error: KafkaError) -> None:
        self._client_is_broken = self._client_is_broken or is_fatal(error)
        if self._assignments.joined_ever or not self._entrance.keeps_out(error):
            self._guard.fail(self._entrance.why_ended(error))

    def _end(self) -> None:
        """Leaves the group, whatever happened before."""
        told = self._guard.failure
        if told is not None:
            self._teller.failed(told)
        broken = self._close()
        self._gap_checker.stop()
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
                client.poll(BUSY_POLL_S)
            if not self._assignments.owned:
                self._teller.closed_within(_LEAVES_WITHIN_S)
            client.close()
        except (KafkaException, RuntimeError) as error:
            name = error.args[0].name() if isinstance(error, KafkaException) else type(error).__name__
            self._guard.fail(f"leaving the consumer group failed: {name}")
        return None
