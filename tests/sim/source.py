"""A member of the simulated group: what :class:`consumer.ports.RecordSource` promises, on virtual time.

As the real adapter does it: commands are carried out a little later and in order; at most two batches are under way;
nothing else happens while a revoke waits for its answer; a commit is fenced by the epochs told before it was asked for.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from consumer.adapters import kafka_commits
from consumer.core.effect import Committable
from consumer.core.record import Batch, TopicPartition
from consumer.ports import Select, SourceListener
from tests.sim.commit_line import CommitLine
from tests.sim.mapping import SimulatedMapping
from tests.sim.reading import Owned, read_from
from tests.sim.telling import Telling
from tests.sim.topic import Entry

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["SimulatedSource"]

_COMMAND_S = 0.004
"""The longest that a command waits while records flow."""

_IDLE_COMMAND_S = 0.1
"""The longest that one waits ever, and one in :data:`_IDLE_ONE_IN` does."""

_IDLE_ONE_IN = 50
_REVOKE_MARGIN_S = 5.0
"""How much longer than the pipeline's own bound a revoke waits for its answer."""

_ASK_TOPICS_S = (0.01, 0.15)
"""How long after an assignment it knows which partitions there are."""

_UNDER_WAY_MAX = 2
_SELECT_S = 0.02
"""The longest that it takes to make a batch of what was read, where the mapping changes."""

_LAST_ANSWERS_WITHIN_S = 2.0
"""How long the end waits for commits that are under way."""


class SimulatedSource:
    """One member. ``replica`` is the process that it is part of."""

    def __init__(self, world: World, replica: Replica) -> None:
        """Not started."""
        self.replica = replica
        self.owned: dict[TopicPartition, Owned] = {}
        self.under_way = 0
        self.stopping = False
        self.dead = False
        """The process is gone: nothing is done any more."""
        self.incarnation = 0
        """How often it has joined the group."""
        self.mapping = SimulatedMapping()
        """What selects."""
        self.random = Random(f"{world.scenario.seed}/source/{replica.name}")  # noqa: S311 - as above
        self._world = world
        self._ways = world.scenario.kafka
        self._known: list[TopicPartition] = []
        """All partitions, as it was told of them."""
        self._tell = Telling(world, replica)
        self._line = CommitLine(world, self)
        self._handed_within_s = world.scenario.policy.handover_s - 1.0 + _REVOKE_MARGIN_S
        self._epochs = itertools.count(1)
        self._commands: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._callbacks: deque[Callable[[], None]] = deque()
        """What the group wants, while a revoke goes on."""
        self._turning = self._selecting = False
        self._handing: tuple[Sequence[TopicPartition], object] | None = None
        """The revoke that waits for its answer."""
        self._late_answers = 0
        self._unanswered: list[Mapping[TopicPartition, Committable]] = []
        self._left_at: float | None = None
        """When it began to leave: no command but the answer to a revoke is carried out from then on."""
        self._closed = False

    @property
    def leaving(self) -> bool:
        """Whether it gets nothing any more."""
        return self.stopping or self.dead or self._closed

    # The port --------------------------------------------------------------------------------------------------------

    def start(self, listener: SourceListener) -> None:
        """Joins the group soon."""
        self._tell.listener = listener
        self._world.loop.later(self.random.uniform(0.01, 0.2), self._join)

    def took(self) -> None:
        """One batch less under way."""
        self._put(self._took)

    def commit(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """Commits what is ours under the assignments that were told."""
        for look in self._world.observers.commit_asked:
            look(self.replica, positions)
        epochs = {tp: epoch for tp in positions if (epoch := self._tell.epochs.get(tp)) is not None}
        if not self._closed:
            self._put(self._commit, dict(positions), epochs)

    def read_committed(self, partitions: Sequence[TopicPartition]) -> None:
        """By a client of its own, which waits for nothing that happens here."""
        self._line.read(partitions, self._tell.committed_read)

    def pause(self, partition: TopicPartition) -> None:
        """Reads no more of it."""
        self._put(self._set_paused, partition, self._tell.epochs.get(partition), True)

    def resume(self, partition: TopicPartition) -> None:
        """Reads it again."""
        self._put(self._set_paused, partition, self._tell.epochs.get(partition), False)

    def read_again(self, partition: TopicPartition, offset: int) -> None:
        """From there, or from lower where that is next."""
        self._put(self._read_again, partition, self._tell.epochs.get(partition), offset)

    def select_with(self, select: Select) -> None:
        """Reads what this version of the mapping makes of the records."""
        assert isinstance(select, SimulatedMapping)
        self.mapping = select

    def handed(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """Answers a revoke."""
        for look in self._world.observers.commit_asked:
            look(self.replica, positions)
        if self._handing is not None and not self._late_answers:
            for look in self._world.observers.handing:
                look(self.replica, self._handing[0])
        self._put(self._handed, dict(positions))

    def stop(self) -> None:
        """Leaves the group."""
        if not self.stopping:
            self.stopping = True
            self._put(self._leave)

    # What happens to it ----------------------------------------------------------------------------------------------

    def die(self) -> None:
        """The process is gone."""
        self.dead = self._tell.dead = True

    def fail(self, sentence: str) -> None:
        """The client meets a fatal error: the group has put it out."""
        if self.leaving:
            return
        self.stopping = True
        self._world.group.leave(self)
        self._tell.failed(sentence)
        self._close()

    def notice(self) -> None:
        """There may be something to read, or to do."""
        if not self._turning and not self.dead:
            self._turning = True
            idle = self.random.randrange(_IDLE_ONE_IN) == 0
            self._world.loop.later(self.random.uniform(0, _IDLE_COMMAND_S if idle else _COMMAND_S), self._turn)

    def ask_topics(self) -> None:
        """There may be new partitions."""
        total = self._world.group.total
        if self._known and self._known != total and not self._closed:
            self._known = list(total)
            self._tell.assigned({}, {}, self._known)

    def on_assign(self, new: Sequence[TopicPartition]) -> None:
        """The group gives it partitions, perhaps none."""
        self._call_back(lambda: self._assign(new))

    def on_revoke(self, going: Sequence[TopicPartition]) -> None:
        """The group asks for partitions back."""
        self._call_back(lambda: self._revoke([tp for tp in going if tp in self.owned]))

    def on_lost(self) -> None:
        """The group has put it out, and it learns of that now; it joins again."""
        self._call_back(self._lose)

    # The client's thread ---------------------------------------------------------------------------------------------

    def _put(self, command: Callable[..., None], *args: Any) -> None:
        if not self.dead:
            self._commands.append((command, args))
            self.notice()

    def _turn(self) -> None:
        self._turning = False
        if self.dead or self._closed or self._selecting:
            return
        if self._handing is not None or self._left_at is not None:
            self._look_for_handed()
            return
        while self._commands:
            command, args = self._commands.popleft()
            command(*args)
            if self._is_busy():
                return
        if self._left_at is None:
            self._read()

    def _is_busy(self) -> bool:
        """Whether a revoke waits for its answer, or it is all over."""
        return self._handing is not None or self._closed

    def _call_back(self, callback: Callable[[], None]) -> None:
        if self._is_engaged or self._callbacks:
            self._callbacks.append(callback)
        elif not self.dead and not self._closed:
            callback()

    @property
    def _is_engaged(self) -> bool:
        """Whether a revoke waits for its answer, or what was read is being selected: nothing else happens then."""
        return self._handing is not None or self._selecting

    def _serve(self) -> None:
        while self._callbacks and not self._is_engaged:
            self._callbacks.popleft()()

    def _look_for_handed(self) -> None:
        """The one command that is looked for while a revoke waits; the others keep their order."""
        for index, (command, args) in enumerate(self._commands):
            if command == self._handed:
                del self._commands[index]
                self._handed(*args)
                return

    def _join(self) -> None:
        if not self.dead and not self.stopping:
            self._world.group.join(self)

    def _took(self) -> None:
        self.under_way = max(0, self.under_way - 1)

    def _set_paused(self, tp: TopicPartition, epoch: int | None, paused: bool) -> None:
        owned = self.owned.get(tp)
        if owned is not None and owned.epoch == epoch:
            owned.paused = paused

    def _read(self) -> None:
        """One read; another follows while there is more."""
        if self.under_way >= _UNDER_WAY_MAX or not self.owned:
            return
        read = read_from(self._world, self)
        for tp, owned, entry in read.passed_over:
            self._world.loop.later(self.random.choice((0.02, 1.0, 10.0)), self._rewind, tp, owned, entry)
        if read.batch:
            self.under_way += 1
            self._selecting = True
            if self._world.scenario.mapping.every_s is None:
                self._selected(read.batch)
            else:
                self._world.loop.later(self.random.uniform(0, _SELECT_S), self._selected, read.batch)
        elif read.more:
            self.notice()

    def _selected(self, batch: Batch) -> None:
        """What was asked for or happened meanwhile comes now."""
        self._selecting = False
        if not self._closed:
            self._tell.selected(batch)
            self._serve()
            self.notice()

    def _read_again(self, tp: TopicPartition, epoch: int | None, offset: int) -> None:
        owned = self.owned.get(tp)
        if owned is not None and owned.epoch == epoch:
            owned.position = min(offset, owned.position)
            self._tell.read_again(tp, owned.position)

    def _rewind(self, tp: TopicPartition, owned: Owned, entry: Entry) -> None:
        """The watch found that a record is there which the client passed over."""
        if self.dead or self._closed or self.owned.get(tp) is not owned or not entry.undelivered:
            return
        if self._is_engaged:
            self._callbacks.append(lambda: self._rewind(tp, owned, entry))
            return
        if entry.offset < owned.position:
            owned.position = entry.offset
            self._tell.rewound(tp, entry.offset)
            self.notice()

    # Assignments -----------------------------------------------------------------------------------------------------

    def _assign(self, new: Sequence[TopicPartition]) -> None:
        group, logs = self._world.group, self._world.topic.logs
        ours = [tp for tp in new if group.owner[tp] is self]
        committed = {tp: group.committed.get(tp) for tp in ours}
        epochs = {tp: next(self._epochs) for tp in ours}
        for tp, had in committed.items():
            self.owned[tp] = Owned(epochs[tp], logs[tp].skip_to_low(0 if had is None else had.offset))
        self._known = sorted({*self._known, *ours}) if self._known else list(group.total)
        self._tell.assigned(epochs, committed, self._known)
        self._world.loop.later(self.random.uniform(*_ASK_TOPICS_S), self.ask_topics)
        self.notice()

    def _revoke(self, going: Sequence[TopicPartition]) -> None:
        if not going:
            return
        ticket = object()
        self._handing = (going, ticket)
        self._tell.revoked(list(going))
        self._world.loop.later(self._handed_within_s, self._handed_too_late, ticket)
        self.notice()

    def _handed(self, positions: Mapping[TopicPartition, Committable]) -> None:
        if self._handing is None:
            self._late_answers = max(0, self._late_answers - 1)
            return
        going, _ = self._handing
        if self._late_answers:
            self._late_answers -= 1
            if not positions.keys() & set(going):
                self.notice()
                return
        ours = {tp: at for tp, at in positions.items() if tp in going}
        self._handing = (going, None) if ours else self._handing
        if ours:
            self._line.send(ours, lambda errors: self._let_go(going, errors))
        else:
            self._let_go(going, {})

    def _handed_too_late(self, ticket: object) -> None:
        if self._handing is not None and self._handing[1] is ticket and not self.dead:
            self._late_answers += 1
            self._let_go(self._handing[0], None)

    def _let_go(self, going: Sequence[TopicPartition], errors: Mapping[TopicPartition, str] | None) -> None:
        """The revoke returns; ``errors`` of its commit, None where it came too late."""
        if self.dead:
            return
        for tp in going:
            if self.owned.pop(tp, None) is not None:
                for look in self._world.observers.handed_over:
                    look(self.replica, tp, taken=errors is not None and tp not in errors)
        # The broker takes a member's requests in order: what it committed before comes first.
        loop = self._world.loop
        loop.later(max(0.0, self._line.last_arrival_s - loop.now), self._world.group.released, self, going)
        self._handing = None
        self._serve()
        if self.stopping and self._handing is None:
            self._leave()
        self.notice()

    def _lose(self) -> None:
        gone = list(self.owned)
        self.owned.clear()
        self._tell.lost(gone)
        self._world.loop.later(self.random.uniform(0.01, 0.2), self._join)

    def _leave(self) -> None:
        """Commits under way are waited for, what is left is handed over, then it is out."""
        self._left_at = self._world.loop.now if self._left_at is None else self._left_at
        if self.dead or self._closed or self._handing is not None:
            return
        if self._unanswered and self._world.loop.now < self._left_at + _LAST_ANSWERS_WITHIN_S:
            self._world.loop.later(_COMMAND_S, self._leave)
        elif self.owned:
            self._revoke(list(self.owned))
        else:
            self._world.group.leave(self)
            self._close()

    def _close(self) -> None:
        if self._closed or self.dead:
            return
        self._closed = True
        self.owned.clear()
        dropped = [args[0] for command, args in self._commands if command == self._commit]
        for positions in (*self._unanswered, *dropped):
            self._tell.commit_failed(positions, kafka_commits.CLOSED)
        self._tell.closed()

    # Commits ---------------------------------------------------------------------------------------------------------

    def _commit(self, positions: Mapping[TopicPartition, Committable], epochs: Mapping[TopicPartition, int]) -> None:
        ours, fenced = kafka_commits.fence(positions, epochs, {tp: owned.epoch for tp, owned in self.owned.items()})
        if not ours:
            self._tell.commit_failed(fenced, kafka_commits.REVOKED)
            return
        self._unanswered.append(positions)

        def answered(errors: Mapping[TopicPartition, str]) -> None:
            if self._is_engaged:
                self._callbacks.append(lambda: answered(errors))
            elif not self._closed:
                self._unanswered.remove(positions)
                self._tell.commit_ended(ours, fenced, errors)

        self._line.send(ours, answered)
