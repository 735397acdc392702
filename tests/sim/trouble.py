"""What goes wrong in a simulation besides Loops and the broker: replicas come, go and die, clocks jump, records go."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.sim.replica import FATAL, KNOWN_WITHIN_S

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["Incidents"]

_LONG_ZOMBIE_S = 10.0


class Incidents:
    """Makes them happen while there is trouble, then leaves a group in which everything works."""

    def __init__(self, world: World) -> None:
        """One replica runs."""
        self._world = world
        self._trouble = world.scenario.trouble
        self._random = Random(f"{world.scenario.seed}/trouble")  # noqa: S311 - a seed decides a simulation
        self._kinds = [kind for kind, _ in self._trouble.weights]
        self._weights = [weight for _, weight in self._trouble.weights]
        world.start_replica()
        self._next()
        world.loop.later(self._trouble.lasts_s, self._end)
        if world.scenario.topic.added:
            world.loop.later(world.scenario.topic.added_at_s, world.group.grow)

    def _next(self) -> None:
        self._world.loop.later(self._random.uniform(*self._trouble.every_s), self._happen)

    def _happen(self) -> None:
        if self._world.settling:
            return
        (kind,) = self._random.choices(self._kinds, self._weights)
        living = self._world.living
        if not living:
            self._world.start_replica()
        else:
            getattr(self, f"_{kind}")(self._random.choice(living))
        self._next()

    def _end(self) -> None:
        world = self._world
        world.settling = True
        world.loops.troubled = world.group.troubled = False
        if not world.living:
            world.start_replica()
        if world.complete:
            world.loop.stop()

    # Incidents -------------------------------------------------------------------------------------------------------

    def _join(self, _: Replica) -> None:
        if len(self._world.living) < self._trouble.replicas_max:
            self._world.start_replica()

    def _kill(self, replica: Replica) -> None:
        """One that is being stopped may be killed too."""
        stopping = [one for one in self._world.replicas if one.alive and one.stopping]
        replica = self._random.choice(stopping) if stopping and self._random.random() < 0.5 else replica
        replica.kill()
        self._follow(replica)

    def _stop(self, replica: Replica) -> None:
        replica.stop()
        self._follow(replica)

    def _fatal(self, replica: Replica) -> None:
        replica.source.fail(FATAL)
        self._follow(replica)

    def _follow(self, replica: Replica) -> None:
        """Another takes its place: at once, in a moment, or not at all."""
        chance, group = self._random.random(), self._world.group
        if chance < 0.5:
            static = not replica.alive and self._world.scenario.kafka.static
            self._world.start_replica(replaces=static)
            if static:
                group.leave(replica.source)
        elif chance < 0.8:
            self._world.loop.later(self._random.uniform(0, 10), self._world.start_replica)

    def _lose(self, replica: Replica) -> None:
        """The group puts it out; it learns of that a little later, now and then much later."""
        world = self._world
        if replica.source not in world.group.members:
            return
        world.group.leave(replica.source)
        for look in world.observers.put_out:
            look(replica)
        late_s = self._random.uniform(0, _LONG_ZOMBIE_S if self._random.random() < 0.3 else KNOWN_WITHIN_S)
        world.loop.later(late_s, replica.source.on_lost)

    def _shuffle(self, _: Replica) -> None:
        self._world.group.shuffle()

    def _jump(self, _: Replica) -> None:
        self._world.jump(self._random.choice((-3_600.0, -30.0, -1.0, 1.0, 30.0, 100_000.0)))

    def _retention(self, _: Replica) -> None:
        """Records that were not read yet are gone."""
        log = self._random.choice(list(self._world.topic.logs.values()))
        committed = self._world.group.committed.get(log.tp)
        start = log.index(0 if committed is None else committed.offset)
        if start < log.visible and self._random.random() < 0.3:
            log.low = max(log.low, log.offsets[min(start + self._random.randint(1, 20), log.visible - 1)])
