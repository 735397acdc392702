"""One process: a real pipeline, the timer that wakes it, and the reading of its partitions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from consumer.core.effect import (
    Attempt,
    Commit,
    Committable,
    DeadLetter,
    Effect,
    Fate,
    Finished,
    Handed,
    Pause,
    ReadDemand,
    Resume,
    Send,
)
from consumer.core.outcome import Outcome
from consumer.core.pipeline import Pipeline
from consumer.core.record import Received, TopicPartition
from consumer.planning.course import Course, Delivered
from consumer.planning.group import Group
from consumer.planning.loops import Loops
from consumer.planning.setting import Setting
from consumer.planning.timeline import Timeline
from consumer.planning.topic import Topic

__all__ = ["READ_RECORDS_MAX", "READ_S", "Replica", "World"]

READ_S = 0.002
"""Seconds from a record's being there until the pipeline has it, and between two reads."""

READ_RECORDS_MAX = 100
"""Of a partition in one read."""

_TIMER_LATE_S = 0.001
"""A timer comes up to so much late, as an event loop's does; and never sooner than after half of it."""

_READ_S = 0.005
"""What the group has committed is there so soon after it was asked for."""

_LETTER_S = 0.005


@dataclass(frozen=True, slots=True)
class World:
    """What every replica stands in."""

    setting: Setting
    timeline: Timeline
    course: Course
    topic: Topic
    group: Group
    loops: Loops
    seen: set[tuple[TopicPartition, int]]
    """What is delivered."""


class Replica:
    """Carries out what its pipeline asks for, as the runner does; a member of the group."""

    def __init__(self, world: World, number: int, *, wall: float) -> None:
        """``wall``: what its own clock says at second 0 of the timeline, in seconds since 1970."""
        self.number = number
        self.alive = True
        self._world = world
        self._timeline = world.timeline
        self._wall = wall
        self._random = Random(f"{world.setting.seed}/replica/{number}")  # noqa: S311 - a seed decides a simulation
        self.pipeline = Pipeline(world.setting.policy, now=self._timeline.now, random=self._random.random)
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()
        self._wakes_at = math.inf
        self._reads_at = math.inf

    def kill(self) -> None:
        """Nothing more is done or told; what is on the wire arrives."""
        self.alive = False
        self._world.group.died(self)

    # What the group tells --------------------------------------------------------------------------------------------

    def assigned(self, committed: Mapping[TopicPartition, Committable | None]) -> None:
        """Reads on from what is committed."""
        self._positions |= {tp: 0 if had is None else had.offset for tp, had in committed.items()}
        self._tell(self.pipeline.assigned, committed, self._world.topic.partitions)
        self._read_soon()

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Reads these no more."""
        self._let_go(partitions)
        self._tell(self.pipeline.revoked, partitions)

    def committed(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """Tells it."""
        self._tell(self.pipeline.committed, positions)

    def commit_failed(self, positions: Mapping[TopicPartition, Committable], error: str) -> None:
        """Tells it."""
        self._tell(self.pipeline.commit_failed, positions, error)

    # Turns -----------------------------------------------------------------------------------------------------------

    def _tell(self, what: Callable[..., list[Effect]], *arguments: object) -> list[Effect]:
        if not self.alive:
            return []
        now = self._timeline.now
        effects = what(*arguments, now=now, wall=self._wall + now)
        for effect in effects:
            self._carry_out(effect)
        self._arm(now)
        return effects

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Send(attempt):
                left_s = self._timeline.now

                def answered(outcome: Outcome, counted_s: float) -> None:
                    self._answered(attempt, outcome, left_s, counted_s)

                self._world.loops.call(attempt.request.call, self.number, answered)
            case Commit(positions):
                self._world.group.commit(self, positions)
            case ReadDemand(partitions):
                self._timeline.after(_READ_S, self._demand_read, partitions)
            case Pause(partition):
                self._paused.add(partition)
            case Resume(partition):
                self._paused.discard(partition)
                self._read_soon()
            case Handed(partitions, positions):
                self._let_go(partitions)
                self._world.group.handed(self, partitions, positions)
            case DeadLetter(letter):
                self._timeline.after(_LETTER_S, self._tell, self.pipeline.letter_confirmed, letter)
            case _:
                """A report, or what only a person or a changed mapping brings about."""

    def _demand_read(self, partitions: tuple[TopicPartition, ...]) -> None:
        committed = self._world.group.committed
        self._tell(self.pipeline.demand_read, {tp: committed.get(tp) for tp in partitions})

    def _answered(self, attempt: Attempt, outcome: Outcome, left_s: float, counted_s: float) -> None:
        world = self._world
        for effect in self._tell(self.pipeline.answered, attempt, outcome):
            if isinstance(effect, Finished) and effect.offset is not None and effect.fate is Fate.DELIVERED:
                place = (effect.partition, effect.offset)
                if place not in world.seen:
                    world.seen.add(place)
                    arrival = world.topic.log(effect.partition)[effect.offset]
                    world.course.delivered.append(
                        Delivered(effect.partition, arrival.priority, arrival.at_s, left_s, counted_s)
                    )

    def _arm(self, now: float) -> None:
        """One timer; one that comes too early costs a turn."""
        wait_s = self.pipeline.next_timer(now=now)
        if wait_s is not None and now + wait_s < self._wakes_at:
            self._wakes_at = now + max(wait_s, _TIMER_LATE_S / 2)
            late_s = self._random.random() * _TIMER_LATE_S
            self._timeline.at(self._wakes_at + late_s, self._wake, self._wakes_at)

    def _wake(self, due: float) -> None:
        if due == self._wakes_at:
            self._wakes_at = math.inf
            self._tell(self.pipeline.tick)

    # Reading ---------------------------------------------------------------------------------------------------------

    def _let_go(self, partitions: Sequence[TopicPartition]) -> None:
        for tp in partitions:
            self._positions.pop(tp, None)
            self._paused.discard(tp)

    def _readable(self) -> list[TopicPartition]:
        return [tp for tp in self._positions if tp not in self._paused]

    def _read_soon(self) -> None:
        """Reads as soon as there is something, if it may."""
        produced = (self._world.topic.produced_at(tp, self._positions[tp]) for tp in self._readable())
        first = min((at for at in produced if at is not None), default=math.inf)
        at = max(first, self._timeline.now) + READ_S
        if at < self._reads_at:
            self._reads_at = at
            self._timeline.at(at, self._read, at)

    def _read(self, due: float) -> None:
        if due != self._reads_at or not self.alive:
            return
        self._reads_at = math.inf
        batch: dict[TopicPartition, Received] = {}
        for tp in self._readable():
            topic, offset = self._world.topic, self._positions[tp]
            received = topic.read(tp, offset, now=self._timeline.now - READ_S, records_max=READ_RECORDS_MAX)
            if received is not None:
                batch[tp] = received
                self._positions[tp] = offset + received.records
        if batch:
            self._tell(self.pipeline.selected, batch)
        self._read_soon()
