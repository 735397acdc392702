"""Kafka in memory, deterministic: every step is a callback of the event loop, in a fixed order, and no time passes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import Message

from consumer.core.effect import Committable
from consumer.core.record import Batch, TopicPartition
from consumer.ports import Select, SourceListener

__all__ = ["FakeKafka", "FakeSource"]


@dataclass
class FakeKafka:
    """Topics with their records, one group with its members and commits."""

    topics: Mapping[str, int]
    """Numbers of partitions."""
    logs: dict[TopicPartition, list[Message]] = field(default_factory=dict)
    commits: dict[TopicPartition, Committable] = field(default_factory=dict)
    members: list[FakeSource] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Empty partitions."""
        self.logs = {TopicPartition(topic, n): [] for topic, count in self.topics.items() for n in range(count)}

    @property
    def total(self) -> list[TopicPartition]:
        """Every partition."""
        return sorted(self.logs)

    def produce(self, tp: TopicPartition, value: bytes | None, key: bytes | None = None, timestamp_ms: int = 0) -> int:
        """Adds a record; returns its offset."""
        log = self.logs[tp]
        log.append(
            Message(
                topic=tp.topic,
                partition=tp.partition,
                offset=len(log),
                key=key,
                value=value,
                headers=[],
                error=None,
                timestamp=(1, timestamp_ms),
            )
        )
        for member in self.members:
            member.look()
        return len(log) - 1

    def rebalance(self) -> None:
        """Divides the partitions among the members: what must move is revoked first, then assigned."""
        targets = self._targets()
        for member in self.members:
            if not member.leaving:
                member.revoke([tp for tp in member.owned if tp not in targets[member]])
        self.settle()

    def settle(self) -> None:
        """Assigns what is nobody's."""
        targets = self._targets()
        held = {tp for member in self.members for tp in (*member.owned, *member.going)}
        for member in self.members:
            new = [tp for tp in targets[member] if tp not in held]
            if new or not (member.joined or member.leaving):
                member.assign(new)

    def _targets(self) -> dict[FakeSource, list[TopicPartition]]:
        staying = [member for member in self.members if not member.leaving]
        targets = {member: self.total[index :: len(staying)] for index, member in enumerate(staying)}
        return {member: targets.get(member, []) for member in self.members}


class FakeSource:
    """A member of :class:`FakeKafka`'s group. Also told by a test to fail, to lose partitions, to refuse commits."""

    def __init__(self, kafka: FakeKafka, select: Select, *, batch_records_max: int = 1_000) -> None:
        """Not started."""
        self.owned: dict[TopicPartition, int] = {}
        """Its partitions, with their epochs."""
        self.going: list[TopicPartition] = []
        """Revoked and not handed over."""
        self.paused: set[TopicPartition] = set()
        self.joined = False
        self.under_way = 0
        self.commit_errors: list[str] = []
        """The next commits fail with these."""
        self.silent_readings = 0
        """So many of the next readings of what is committed fail."""
        self._kafka = kafka
        self._select = select
        self._batch_records_max = batch_records_max
        self._listener: SourceListener | None = None
        self._positions: dict[TopicPartition, int] = {}
        self._told: dict[TopicPartition, int] = {}
        self._epochs = itertools.count(1)
        self._looking = self._stopped = self._closed = False

    @property
    def leaving(self) -> bool:
        """Whether it is stopped and gets nothing any more."""
        return self._stopped

    # The port --------------------------------------------------------------------------------------------------------

    def start(self, listener: SourceListener) -> None:
        """Joins the group."""
        if self._listener is not None:
            return
        self._listener = listener
        self._soon(self._close if self._stopped else self._join)

    def took(self) -> None:
        """One batch less under way."""
        self.under_way = max(0, self.under_way - 1)
        self.look()

    def commit(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """Commits what is ours under the assignment that was told last."""
        if not self._closed:
            self._soon(self._commit, dict(positions), {tp: self._told.get(tp) for tp in positions})

    def read_committed(self, partitions: Sequence[TopicPartition]) -> None:
        """What the group has of these."""
        if self._listener is not None and not self._stopped:
            self._soon(self._read_committed, list(partitions))

    def pause(self, partition: TopicPartition) -> None:
        """Reads no more of it."""
        if partition in self.owned:
            self.paused.add(partition)

    def resume(self, partition: TopicPartition) -> None:
        """Reads it again."""
        self.paused.discard(partition)
        self.look()

    def read_again(self, partition: TopicPartition, offset: int) -> None:
        """From there, or from lower where that is next."""
        self._soon(self._go_back, partition, self._told.get(partition), offset)

    def select_with(self, select: Select) -> None:
        """From the next read on."""
        self._select = select

    def handed(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """Ends the revoke."""
        self._soon(self._let_go, dict(positions))

    def stop(self) -> None:
        """Leaves the group."""
        if not self._stopped:
            self._stopped = True
            if self._listener is not None:
                self._soon(self._leave)

    # What a test makes happen ----------------------------------------------------------------------------------------

    def lose(self, partitions: Sequence[TopicPartition]) -> None:
        """Takes partitions away without asking; they are nobody's until the next rebalance."""
        for tp in partitions:
            self._forget(tp)
        self._tell_gone(partitions, lambda listener: listener.lost(partitions))

    def fail(self, sentence: str) -> None:
        """Cannot go on."""
        self._stopped = True
        self._tell(lambda listener: listener.source_failed(sentence))
        self._soon(self._leave)

    def deliver(self, batch: Batch) -> None:
        """Tells of a batch that a test made by hand."""
        self.under_way += 1
        self._tell(lambda listener: listener.selected(batch))

    # The group's side ------------------------------------------------------------------------------------------------

    def assign(self, new: Sequence[TopicPartition]) -> None:
        """Gives it partitions."""
        self.joined = True
        epochs = {tp: next(self._epochs) for tp in new}
        self.owned |= epochs
        committed = {tp: self._kafka.commits.get(tp) for tp in new}
        for tp, at in committed.items():
            self._positions[tp] = 0 if at is None else at.offset

        def deliver(listener: SourceListener) -> None:
            self._told |= epochs
            listener.assigned(committed, self._kafka.total)

        self._tell(deliver)
        self.look()

    def revoke(self, going: Sequence[TopicPartition]) -> None:
        """Asks for partitions back."""
        if going:
            self.going += going
            for tp in going:
                self._forget(tp)
            self._tell_gone(going, lambda listener: listener.revoked(list(going)))

    def look(self) -> None:
        """There may be something to read."""
        if not self._looking and self._listener is not None and not self._closed:
            self._looking = True
            self._soon(self._read)

    # Inside ----------------------------------------------------------------------------------------------------------

    def _join(self) -> None:
        if not self._stopped:
            self._kafka.members.append(self)
            self._kafka.rebalance()

    def _read(self) -> None:
        self._looking = False
        messages: list[Message] = []
        if self.under_way >= 2:
            return
        for tp in sorted(self.owned):
            if tp not in self.paused:
                at, room = self._positions[tp], self._batch_records_max - len(messages)
                found = self._kafka.logs[tp][at : at + room]
                self._positions[tp] += len(found)
                messages += found
        if messages:
            self.deliver(self._select(messages))
            self.look()

    def _commit(self, positions: dict[TopicPartition, Committable], epochs: dict[TopicPartition, int | None]) -> None:
        ours = {tp: at for tp, at in positions.items() if tp in self.owned and self.owned[tp] == epochs[tp]}
        fenced = {tp: at for tp, at in positions.items() if tp not in ours}
        if fenced:
            self._tell(lambda listener: listener.commit_failed(fenced, "revoked"))
        if ours and self.commit_errors:
            error = self.commit_errors.pop(0)
            self._tell(lambda listener: listener.commit_failed(ours, error))
        elif ours:
            self._kafka.commits |= ours
            self._tell(lambda listener: listener.committed(ours))

    def _read_committed(self, partitions: Sequence[TopicPartition]) -> None:
        found = None if self.silent_readings else {tp: self._kafka.commits.get(tp) for tp in partitions}
        self.silent_readings = max(0, self.silent_readings - 1)
        if not self._stopped:
            self._tell(lambda listener: listener.committed_read(found))

    def _go_back(self, tp: TopicPartition, epoch: int | None, offset: int) -> None:
        if tp in self.owned and self.owned[tp] == epoch:
            lowest = self._positions[tp] = min(offset, self._positions[tp])
            self._tell(lambda listener: listener.rewound(tp, lowest))
            self.look()

    def _let_go(self, positions: dict[TopicPartition, Committable]) -> None:
        going, self.going = self.going, []
        self._kafka.commits |= {tp: at for tp, at in positions.items() if tp in going}
        if self._stopped:
            self._close()
        else:
            self._kafka.settle()

    def _leave(self) -> None:
        if self.owned:
            self.revoke(list(self.owned))
        elif not self.going:
            self._close()

    def _close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self in self._kafka.members:
            self._kafka.members.remove(self)
            self._kafka.rebalance()
        self._tell(lambda listener: listener.source_closed())

    def _forget(self, tp: TopicPartition) -> None:
        self.owned.pop(tp, None)
        self.paused.discard(tp)
        self._positions.pop(tp, None)

    def _tell_gone(self, partitions: Sequence[TopicPartition], tell: Callable[[SourceListener], None]) -> None:
        def deliver(listener: SourceListener) -> None:
            for tp in partitions:
                self._told.pop(tp, None)
            tell(listener)

        self._tell(deliver)

    def _tell(self, deliver: Callable[[SourceListener], None]) -> None:
        if self._listener is not None:
            self._soon(deliver, self._listener)

    @staticmethod
    def _soon(call: Callable[..., None], *arguments: object) -> None:
        asyncio.get_running_loop().call_soon(call, *arguments)
