"""It goes on by itself, and no replica ends but by being ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sim.observing import Observer
from tests.sim.replica import FATAL

if TYPE_CHECKING:
    from tests.sim.replica import Replica

__all__ = ["GoesOnByItself", "NoReplicaFails"]

_NAMED_MAX = 5


class GoesOnByItself(Observer):
    """When the trouble is over, everything is committed to the end, in time."""

    def finish(self) -> None:
        """Holds the commits against the partitions' ends."""
        world = self.world
        if world.complete:
            return
        committed = world.group.committed
        behind = {
            f"{tp.topic}/{tp.partition}": (committed[tp].offset if tp in committed else None, log.offsets[-1] + 1)
            for tp, log in world.topic.logs.items()
            if log.offsets and (tp not in committed or committed[tp].offset <= log.offsets[-1])
        }
        self.broken(f"committed, end: {dict(list(behind.items())[:_NAMED_MAX])}")


class NoReplicaFails(Observer):
    """A replica ends when it is killed, stopped, or its client cannot go on; and stops in time."""

    def ended(self, replica: Replica, how: str) -> None:
        """Whether it was ended."""
        if how not in {"killed", "stopped", FATAL}:
            self.broken(f"replica {replica.name}: {how}")

    def finish(self) -> None:
        """Nothing was raised that nobody took."""
        for failure in self.world.loop.failures:
            self.broken(repr(failure))
