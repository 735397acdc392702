"""One process of a simulation: the real runner and pipeline between simulated edges."""

from __future__ import annotations

from asyncio import Task
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from consumer.core.effect import Attempt, Commit, Effect, Saved, Send
from consumer.core.outcome import Outcome
from consumer.core.pipeline import Pipeline
from consumer.core.record import Received, TopicPartition
from consumer.mapping.renewal import RefusalKind
from consumer.runner import Clock, Ports, Runner, RunnerFailed
from tests.sim.letters import SimulatedLetters
from tests.sim.loops import SimulatedApi
from tests.sim.source import SimulatedSource

if TYPE_CHECKING:
    from tests.sim.world import World

__all__ = ["FATAL", "KNOWN_WITHIN_S", "Replica"]

FATAL = "fenced: another has taken its place"
"""What the client says when it cannot go on."""

KNOWN_WITHIN_S = 0.15
"""So soon a member mostly learns that it was put out of the group: before others use its part of the rate."""

_CLOCK_SKEW_S = 0.1
"""How far a replica's wall clock is off, at most; the program allows for 0.2 s between two."""


class Replica:
    """Runs from its making to :meth:`kill`, :meth:`stop` or its own failure."""

    def __init__(self, world: World, name: int, *, replaces: bool = False) -> None:
        """Joins the group; ``replaces``: as a static member that is dead, and in its place."""
        self.name = name
        self.alive = True
        self.stopping = False
        self._world = world
        random = Random(f"{world.scenario.seed}/replica/{name}")  # noqa: S311 - a seed decides a simulation
        skew_s = random.uniform(-_CLOCK_SKEW_S, _CLOCK_SKEW_S)
        loop = world.loop
        self.source = SimulatedSource(world, self)
        self.letters = SimulatedLetters(world, self)
        policy = replace(world.scenario.policy, replaces=replaces)
        self.mapping = world.mapping
        self.source.select_with(world.mapping)
        self.pipeline = Pipeline(policy, now=loop.now, random=random.random, rules=world.mapping.rules)
        ports = Ports(self.source, SimulatedApi(world, self), self.letters, _Telemetry(world, self))
        clock = Clock(loop.time, lambda: world.wall + loop.now + skew_s)
        self.runner = Runner(self.pipeline, ports, clock, drain_s=world.scenario.drain_s)
        self.wall = clock.wall
        for look in world.observers.started:
            look(self)
        self._task: Task[None] = loop.create_task(self._run())

    def kill(self) -> None:
        """Ends at once; nothing more is done or told. What is on the wire may still arrive."""
        self.source.die()
        self.letters.dead = True
        self._end("killed")
        self._task.cancel()

    def look_at_mapping(self) -> None:
        """Takes what lies in the file, if it is another."""
        if self.alive and self.mapping != self._world.mapping:
            self.mapping = self._world.mapping
            for look in self._world.observers.remapped:
                look(self)
            self.runner.mapping_found(self.mapping.renewal)

    def stop(self) -> None:
        """SIGTERM."""
        self.stopping = True
        for look in self._world.observers.stopping:
            look(self)
        self._world.loop.call_soon(self.runner.stop)

    async def _run(self) -> None:
        try:
            await self.runner.run()
        except RunnerFailed as failed:
            if self.alive:
                self.source.die()
                self.letters.dead = True
                self._end(str(failed))
        else:
            self._end("stopped")

    def _end(self, how: str) -> None:
        if self.alive:
            self.alive = False
            for look in self._world.observers.ended:
                look(self, how)
            self._world.replica_ended(self)


class _Telemetry:
    """Shows the observers each turn of the pipeline; counts nothing."""

    def __init__(self, world: World, replica: Replica) -> None:
        self._told_of = world.topic.told_of
        self._observers = world.observers
        self._replica = replica

    def happened(self, effects: Iterable[Effect]) -> None:
        """Comes after a turn and before its effects are carried out."""
        for effect in effects:
            if isinstance(effect, Send):
                told = self._told_of(effect.attempt.request)
                for look in self._observers.sent:
                    look(self._replica, effect.attempt, told)
            elif isinstance(effect, Commit) and effect.reason == "demand":
                for look in self._observers.told_alone:
                    look(self._replica)
            elif isinstance(effect, Saved):
                for look in self._observers.saved:
                    look(self._replica, effect)
        for look in self._observers.turned:
            look(self._replica)

    def received(self, partition: TopicPartition, received: Received) -> None:
        """The pipeline counts them too."""

    def answered(self, attempt: Attempt, outcome: Outcome, seconds: float) -> None:
        """The edge has shown it already."""

    def delivered(self, age_s: float) -> None:
        """Nobody asks."""

    def rebalanced(self, kind: str, partitions: int) -> None:
        """The edge has shown it already."""

    def committed(self, partitions: int, error: str | None) -> None:
        """The edge has shown it already."""

    def committed_read(self, *, known: bool) -> None:
        """Nobody asks."""

    def mapping_refused(self, kind: RefusalKind, reasons: Sequence[str]) -> None:
        """None is."""
