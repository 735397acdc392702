"""A simulated world: a topic, a group of replicas with the real pipeline, Loops, and a seed that decides what happens.

Everything is an entry in one queue of moments; no time passes but the simulated one.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from consumer.core.effect import Attempt, Committable, Drained, Effect, Letter
from consumer.core.effect import Commit as CommitEffect
from consumer.core.effect import DeadLetter as DeadLetterEffect
from consumer.core.effect import Handed as HandedEffect
from consumer.core.effect import Pause as PauseEffect
from consumer.core.effect import Resume as ResumeEffect
from consumer.core.effect import Send as SendEffect
from consumer.core.outcome import Outcome
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from consumer.core.record import Received, Record, Rejection, TopicPartition, Wanted
from consumer.core.request import SendEvent
from tests.sim.loops import SimulatedLoops

__all__ = ["WALL", "Replica", "World"]

WALL = 1_777_629_600.0
_READ_EVERY_S = 0.05
_READ_RECORDS = 20


@dataclass(frozen=True)
class Entry:
    """One record of the topic: nobody's, a user's event, or unreadable."""

    user: str | None
    junk: bool = False


class Replica:
    """One process: a pipeline, the partitions that the group gave it, and where it reads."""

    def __init__(self, world: World, name: int, policy: Policy) -> None:
        """Joined, without partitions."""
        self.name = name
        self.pipeline = Pipeline(policy, now=world.now, random=world.random.random)
        self.world = world
        self.alive = True
        self.leaving = False
        self.positions: dict[TopicPartition, int] = {}
        self.epochs: dict[TopicPartition, int] = {}
        self.paused: set[TopicPartition] = set()
        self.on_wire: dict[str, int] = {}
        self._timer = 0

    def tell(self, what: str, *arguments: object) -> None:
        """One turn of the runner."""
        if not self.alive:
            return
        world = self.world
        effects = getattr(self.pipeline, what)(*arguments, now=world.now, wall=WALL + world.now)
        for effect in effects:
            self._carry_out(effect)
        self._timer += 1
        wait_s = self.pipeline.next_timer(now=world.now, wall=WALL + world.now)
        if wait_s is not None:
            world.later(max(wait_s, 0.0005), self._tick, self._timer)

    def read(self) -> None:
        """Reads a little of each partition, for as long as it lives."""
        if not self.alive:
            return
        batch: dict[TopicPartition, Received] = {}
        for tp, at in self.positions.items():
            log = self.world.logs[tp]
            end = min(len(log), at + self.world.random.randint(1, _READ_RECORDS))
            if tp not in self.paused and end > at:
                batch[tp] = self.world.selected(tp, at, end)
        for tp, received in batch.items():
            self.positions[tp] = received.runs[-1][1] + 1
        if batch:
            self.tell("selected", batch)
        self.world.later(_READ_EVERY_S, self.read)

    def _tick(self, timer: int) -> None:
        if timer == self._timer:
            self.tell("tick")

    def _carry_out(self, effect: Effect) -> None:
        world = self.world
        match effect:
            case SendEffect(attempt):
                world.send(self, attempt)
            case CommitEffect(positions):
                world.later(world.latency_s(0.03), world.commit, self, dict(positions), dict(self.epochs))
            case DeadLetterEffect(letter):
                world.later(world.latency_s(0.03), world.write, self, letter)
            case PauseEffect(tp):
                self.paused.add(tp)
            case ResumeEffect(tp):
                self.paused.discard(tp)
            case HandedEffect(partitions, positions):
                world.handed(self, partitions, positions)
            case Drained():
                world.leave(self)
            case _:
                """A report."""


@dataclass
class World:
    """What is outside the replicas. Oracles listen at ``on_send``, ``on_answer``, ``on_commit``."""

    seed: int
    loops: SimulatedLoops
    random: Random
    logs: dict[TopicPartition, list[Entry]]
    policy: Policy = field(default_factory=Policy)
    commit_failures: float = 0.0
    letter_failures: float = 0.0
    now: float = 0.0
    committed: dict[TopicPartition, int] = field(default_factory=dict)
    letters: set[tuple[TopicPartition, int]] = field(default_factory=set)
    replicas: list[Replica] = field(default_factory=list)
    owner: dict[TopicPartition, Replica | None] = field(default_factory=dict)
    on_send: list[Callable[[Replica, Attempt], None]] = field(default_factory=list)
    on_answer: list[Callable[[Replica, Attempt, Outcome], None]] = field(default_factory=list)
    on_commit: list[Callable[[Replica, TopicPartition, int], None]] = field(default_factory=list)
    _queue: list[tuple[float, int, Callable[..., None], tuple[object, ...]]] = field(default_factory=list)
    _number: int = 0
    _epoch: int = 0
    _revoking: set[TopicPartition] = field(default_factory=set)

    def later(self, wait_s: float, what: Callable[..., None], *arguments: object) -> None:
        """Makes something happen after so many seconds."""
        self._number += 1
        heapq.heappush(self._queue, (self.now + wait_s, self._number, what, arguments))

    def run(self, until_s: float, done: Callable[[], bool] = lambda: False) -> None:
        """Goes on until a moment, or until ``done``."""
        while self._queue and self._queue[0][0] <= until_s and not done():
            at, _, what, arguments = heapq.heappop(self._queue)
            self.now = at
            what(*arguments)

    def latency_s(self, mean_s: float) -> float:
        """Now and then ten times the mean."""
        return self.random.expovariate(1 / mean_s) * (10 if self.random.random() < 0.02 else 1)

    def join(self) -> None:
        """One more replica."""
        replica = Replica(self, len(self.replicas), self.policy)
        self.replicas.append(replica)
        replica.read()
        self.rebalance()

    def kill(self, replica: Replica) -> None:
        """Ends it without a word; the group notices after its session."""
        replica.alive = False
        for tp, owner in self.owner.items():
            if owner is replica:
                self.owner[tp] = None
                self._revoking.discard(tp)
        self.later(6.0, self.rebalance)

    def stop(self, replica: Replica) -> None:
        """SIGTERM."""
        replica.leaving = True
        replica.tell("drain")

    def leave(self, replica: Replica) -> None:
        """It is drained: the group takes its partitions, as in a revoke."""
        mine = [tp for tp, owner in self.owner.items() if owner is replica and tp not in self._revoking]
        self._revoking |= set(mine)
        self.later(0.001, replica.tell, "revoked", mine)

    def rebalance(self) -> None:
        """Divides the partitions anew: what must move is revoked first, then assigned."""
        members = [replica for replica in self.replicas if replica.alive and not replica.leaving]
        if not members:
            return
        for number, tp in enumerate(sorted(self.logs)):
            target, owner = members[number % len(members)], self.owner.get(tp)
            if owner is None:
                self._assign(tp, target)
            elif owner is not target and tp not in self._revoking and not owner.leaving:
                self._revoking.add(tp)
                if self.random.random() < 0.2:
                    self._lose(tp, owner)
                else:
                    owner.tell("revoked", [tp])

    def handed(
        self, replica: Replica, tps: tuple[TopicPartition, ...], positions: Mapping[TopicPartition, Committable]
    ) -> None:
        """The revoke's commit, and the partition goes on."""
        for tp in tps:
            if tp in positions and self.owner.get(tp) is replica:
                self._commit_one(replica, tp, positions[tp].offset)
            self._let_go(tp, replica)
        if replica.leaving and not any(owner is replica for owner in self.owner.values()):
            replica.alive = False
        self.later(0.05, self.rebalance)

    def _lose(self, tp: TopicPartition, owner: Replica) -> None:
        self._let_go(tp, owner)
        owner.tell("lost", [tp])
        self.later(0.05, self.rebalance)

    def _let_go(self, tp: TopicPartition, replica: Replica) -> None:
        if self.owner.get(tp) is replica:
            self.owner[tp] = None
            replica.positions.pop(tp, None)
            replica.epochs.pop(tp, None)
            replica.paused.discard(tp)
            self._revoking.discard(tp)

    def _assign(self, tp: TopicPartition, target: Replica) -> None:
        self._epoch += 1
        self.owner[tp] = target
        had = self.committed.get(tp)
        target.positions[tp] = had or 0
        target.epochs[tp] = self._epoch
        target.tell("assigned", {tp: None if had is None else Committable(had)}, sorted(self.logs))

    def send(self, replica: Replica, attempt: Attempt) -> None:
        """A request is on the wire; Loops takes it whatever becomes of its sender."""
        for listener in self.on_send:
            listener(replica, attempt)

        def arrive() -> None:
            outcome = self.loops.take(attempt.request, self.now)
            wait_s = 10.0 if outcome.status is None else self.latency_s(0.04)
            self.later(wait_s, answer, outcome)

        def answer(outcome: Outcome) -> None:
            for listener in self.on_answer:
                listener(replica, attempt, outcome)
            replica.tell("answered", attempt, outcome)

        self.later(self.random.uniform(0.005, 0.015), arrive)

    def commit(
        self, replica: Replica, positions: Mapping[TopicPartition, Committable], epochs: Mapping[TopicPartition, int]
    ) -> None:
        """An asynchronous commit arrives; it is fenced by the epoch under which it was asked for."""
        if not replica.alive:
            return
        ours = {tp: at for tp, at in positions.items() if replica.epochs.get(tp, -1) == epochs.get(tp)}
        fenced = {tp: at for tp, at in positions.items() if tp not in ours}
        if fenced:
            replica.tell("commit_failed", fenced)
        if ours and self.random.random() < self.commit_failures:
            replica.tell("commit_failed", ours)
        elif ours:
            for tp, at in ours.items():
                self._commit_one(replica, tp, at.offset)
            replica.tell("committed", ours)

    def _commit_one(self, replica: Replica, tp: TopicPartition, offset: int) -> None:
        for listener in self.on_commit:
            listener(replica, tp, offset)
        self.committed[tp] = offset

    def write(self, replica: Replica, letter: Letter) -> None:
        """A dead letter arrives, or does not."""
        if self.random.random() < self.letter_failures:
            replica.tell("letter_failed", letter)
        else:
            record = letter.record
            self.letters.add((TopicPartition(record.topic, record.partition), record.offset))
            replica.tell("letter_confirmed", letter)

    def selected(self, tp: TopicPartition, at: int, end: int) -> Received:
        """What the selection makes of some entries."""
        wanted = []
        for offset in range(at, end):
            entry = self.logs[tp][offset]
            record = Record(*tp, offset, int(WALL * 1000), None, b"x")
            if entry.junk:
                wanted.append(Wanted(record, (Rejection("undecodable", "not JSON"),)))
            elif entry.user is not None:
                wanted.append(Wanted(record, (_request(entry.user, tp, offset),)))
        return Received([(at, end - 1)], end - at, wanted, int(WALL * 1000))


def _request(user: str, tp: TopicPartition, offset: int) -> SendEvent:
    return SendEvent(
        rule="r",
        email=None,
        user_id=user,
        event_name="e",
        idempotency_key=f"{tp.partition}/{offset}",
        event_time_ms=int(WALL * 1000),
    )
