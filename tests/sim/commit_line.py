"""The way of a member's commits, and of its questions about all commits, to the broker and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from consumer.core.effect import Committable
from consumer.core.record import TopicPartition

if TYPE_CHECKING:
    from tests.sim.source import SimulatedSource
    from tests.sim.world import World

__all__ = ["CommitLine"]


_ANSWER_WITHIN_S = 1.0
"""How long an answer about what is committed is waited for."""


class CommitLine:
    """Commits arrive in the order in which they left; then the answer comes back."""

    def __init__(self, world: World, source: SimulatedSource) -> None:
        """Nothing is on it."""
        self.last_arrival_s = 0.0
        """When the last of them arrives: virtual seconds."""
        self._world = world
        self._source = source

    def send(
        self, ours: Mapping[TopicPartition, Committable], done: Callable[[Mapping[TopicPartition, str]], None]
    ) -> None:
        """``done`` is told the errors of those that the broker did not take."""
        world, source = self._world, self._source
        loop, latency_s = world.loop, world.scenario.kafka.commit_latency_s
        self.last_arrival_s = max(loop.now + source.random.expovariate(2 / latency_s), self.last_arrival_s)
        incarnation = source.incarnation

        def arrive() -> None:
            errors = world.group.commit(source, incarnation, ours)
            loop.later(source.random.expovariate(2 / latency_s), come_back, errors)

        def come_back(errors: Mapping[TopicPartition, str]) -> None:
            if not source.dead:
                done(errors)

        loop.later(self.last_arrival_s - loop.now, arrive)

    def read(
        self,
        partitions: Sequence[TopicPartition],
        done: Callable[[Mapping[TopicPartition, Committable | None] | None], None],
    ) -> None:
        """Asks what the group has of these, on a connection of its own; ``done`` is told nothing once it leaves."""
        world, source = self._world, self._source
        loop, latency_s = world.loop, world.scenario.kafka.commit_latency_s

        def arrive() -> None:
            back_s = source.random.expovariate(2 / latency_s)
            answered = world.group.answers() and there_s + back_s <= _ANSWER_WITHIN_S
            found = {tp: world.group.committed.get(tp) for tp in partitions} if answered else None
            loop.later(back_s if answered else max(0.0, _ANSWER_WITHIN_S - there_s), come_back, found)

        def come_back(found: Mapping[TopicPartition, Committable | None] | None) -> None:
            if not source.leaving:
                done(found)

        there_s = source.random.expovariate(2 / latency_s)
        loop.later(there_s, arrive)
