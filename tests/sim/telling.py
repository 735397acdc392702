"""From a simulated source to its listener: what happened, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from consumer.adapters.kafka_commits import REVOKED
from consumer.core.effect import Committable
from consumer.core.record import Batch, TopicPartition
from consumer.ports import SourceListener

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["Telling"]

Positions = Mapping[TopicPartition, Committable]


class Telling:
    """Tells the listener and whoever looks on. ``epochs`` are those that the listener has been told of."""

    def __init__(self, world: World, replica: Replica) -> None:
        """Nobody listens yet."""
        self.listener: SourceListener | None = None
        self.epochs: dict[TopicPartition, int] = {}
        self.dead = False
        """The process is gone: nothing is told."""
        self._loop = world.loop
        self._topic = world.topic
        self._observers = world.observers
        self._replica = replica

    def assigned(
        self,
        epochs: Mapping[TopicPartition, int],
        committed: Mapping[TopicPartition, Committable | None],
        total: Sequence[TopicPartition],
    ) -> None:
        """New partitions, perhaps none."""

        def deliver(listener: SourceListener) -> None:
            self.epochs.update(epochs)
            for tp, had in committed.items():
                for look in self._observers.assigned:
                    look(self._replica, tp, had)
            listener.assigned(committed, total)

        self._tell(deliver)

    def selected(self, batch: Batch) -> None:
        """One batch."""
        self._tell(lambda listener: listener.selected(batch))

    def rewound(self, tp: TopicPartition, offset: int) -> None:
        """What comes next of a partition begins there again."""
        self._topic.disturb(tp)

        def deliver(listener: SourceListener) -> None:
            for look in self._observers.rewound:
                look(self._replica, tp, offset)
            listener.rewound(tp, offset)

        self._tell(deliver)

    def read_again(self, tp: TopicPartition, offset: int) -> None:
        """The same, as the listener asked for: nothing is begun anew by it."""
        self._tell(lambda listener: listener.rewound(tp, offset))

    def revoked(self, tps: Sequence[TopicPartition]) -> None:
        """A revoke began."""
        self._gone(tps, self._observers.revoking, lambda listener: listener.revoked(tps))

    def lost(self, tps: Sequence[TopicPartition]) -> None:
        """These were taken away."""
        self._gone(tps, self._observers.lost, lambda listener: listener.lost(tps))

    def commit_ended(self, ours: Positions, fenced: Positions, errors: Mapping[TopicPartition, str]) -> None:
        """A commit ended; where its partitions ended differently, the failed ones are told first."""
        if fenced:
            self.commit_failed(fenced, REVOKED)
        for error in dict.fromkeys(errors.values()):
            self.commit_failed({tp: at for tp, at in ours.items() if errors.get(tp) == error}, error)
        taken = {tp: at for tp, at in ours.items() if tp not in errors}
        if taken:
            self._tell(lambda listener: listener.committed(taken))

    def commit_failed(self, positions: Positions, error: str) -> None:
        """None of these is committed."""
        self._tell(lambda listener: listener.commit_failed(positions, error))

    def committed_read(self, found: Mapping[TopicPartition, Committable | None] | None) -> None:
        """What the group has committed, or that it could not be read."""
        self._tell(lambda listener: listener.committed_read(found))

    def failed(self, sentence: str) -> None:
        """The source cannot go on."""
        self._tell(lambda listener: listener.source_failed(sentence))

    def closed(self) -> None:
        """The last."""
        self._tell(lambda listener: listener.source_closed())

    def _gone(
        self,
        tps: Sequence[TopicPartition],
        looks: Sequence[Callable[[Replica, Sequence[TopicPartition]], None]],
        tell: Callable[[SourceListener], None],
    ) -> None:
        def deliver(listener: SourceListener) -> None:
            for tp in tps:
                self.epochs.pop(tp, None)
            for look in looks:
                look(self._replica, tps)
            tell(listener)

        self._tell(deliver)

    def _tell(self, deliver: Callable[[SourceListener], None]) -> None:
        self._loop.call_soon(self._deliver, deliver)

    def _deliver(self, deliver: Callable[[SourceListener], None]) -> None:
        if not self.dead and self.listener is not None:
            deliver(self.listener)
