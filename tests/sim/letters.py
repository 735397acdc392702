"""The dead-letter topic in a simulation: slow, failing, and now and then keeping what it said to have failed."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from consumer.core.effect import Letter
from consumer.core.record import TopicPartition
from consumer.ports import LettersListener
from tests.sim.planned import Planned

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["SimulatedLetters"]

_ERROR = "_MSG_TIMED_OUT"


class SimulatedLetters:
    """A replica's producer: what :class:`consumer.ports.DeadLetterSink` promises."""

    def __init__(self, world: World, replica: Replica) -> None:
        """Not started."""
        self.dead = False
        self._world = world
        self._replica = replica
        self._ways = world.scenario.kafka
        self._random = Random(f"{world.scenario.seed}/letters/{replica.name}")  # noqa: S311 - as the seed decides
        self._listener: LettersListener | None = None

    def start(self, listener: LettersListener) -> None:
        """Connects."""
        self._listener = listener

    def write(self, letter: Letter) -> None:
        """It arrives, or does not; either may be told as a failure."""
        if self.dead:
            return
        planned = self._planned_of(letter)
        if planned.still is not None:
            planned.still.disturbed = True
        for look in self._world.observers.letter_asked:
            look(self._replica, planned, letter)
        random = self._random
        failing = self._world.loops.troubled and random.random() < self._ways.letter_failures
        arrives = not failing or random.random() < 0.3
        latency_s = random.expovariate(1 / self._ways.letter_latency_s)
        if arrives:
            self._world.loop.later(latency_s, self._arrive, planned)
        self._world.loop.later(latency_s * 1.1, self._tell, planned, letter, failing)

    def stop(self) -> None:
        """Tells nothing any more."""
        self._listener = None

    def _arrive(self, planned: Planned) -> None:
        planned.letters += 1
        for look in self._world.observers.letter_written:
            look(planned)

    def _tell(self, planned: Planned, letter: Letter, failing: bool) -> None:
        if self.dead or self._listener is None:
            return
        if failing:
            self._listener.letter_failed(letter, _ERROR)
        else:
            for look in self._world.observers.letter_confirmed:
                look(self._replica, planned, letter)
            self._listener.letter_confirmed(letter)

    def _planned_of(self, letter: Letter) -> Planned:
        record = letter.record
        log = self._world.topic.logs[TopicPartition(record.topic, record.partition)]
        plans = log.entries[log.index(record.offset)].plans
        return plans[0 if letter.rule is None else int(letter.rule[1:])]
