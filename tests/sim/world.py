"""A simulated world: a topic, a group of replicas, Loops, and a seed that decides what happens in it."""

from __future__ import annotations

from collections.abc import Container
from random import Random

from tests.sim.group import Group
from tests.sim.loops import SimulatedLoops
from tests.sim.making import topic_of
from tests.sim.mapping import SimulatedMapping
from tests.sim.observing import Observers, Violation
from tests.sim.replica import Replica
from tests.sim.scenario import Scenario
from tests.sim.topic import WALL
from tests.sim.virtual_loop import VirtualLoop

__all__ = ["World"]

_ARRIVALS_EVERY_S = 1.0
"""Records arrive in bursts so far apart."""

_ROOM_FOR_FEW_BYTES = 60
"""Beside an offset: that tells of no more than a few records."""


class World:
    """Everything outside the replicas, and the replicas."""

    def __init__(self, scenario: Scenario, *, judges: Container[str] | None = None) -> None:
        """Nobody runs yet. ``judges``: the names of the oracles that end the run when broken; all where None."""
        self.scenario = scenario
        self._judges = judges
        self.loop = VirtualLoop()
        self.observers = Observers()
        self.random = Random(f"{scenario.seed}/world")  # noqa: S311 - a seed decides a simulation
        ways = scenario.loops
        self.topic = topic_of(
            scenario.topic, self.random, refused=ways.refused_contacts, stubborn=ways.stubborn_contacts
        )
        self.wall = WALL
        """Seconds since 1970 at the virtual moment 0, as all clocks have it; a jump changes it."""
        self.wall_highest = WALL
        self.group = Group(self)
        self.loops = SimulatedLoops(self)
        self.mapping = SimulatedMapping()
        """What lies in the file."""
        self.replicas: list[Replica] = []
        """All there ever were."""
        self.violation: Violation | None = None
        self.settling = False
        """The trouble is over: the run ends when everything is committed."""
        self._arrive()

    @property
    def living(self) -> list[Replica]:
        """Those that run and were not asked to stop."""
        return [replica for replica in self.replicas if replica.alive and not replica.stopping]

    @property
    def complete(self) -> bool:
        """Whether every partition is committed to its end."""
        committed = self.group.committed
        return all(
            not log.entries or (tp in committed and committed[tp].offset > log.offsets[-1])
            for tp, log in self.topic.logs.items()
        )

    @property
    def patience_until_s(self) -> float:
        """When everything must be committed at the latest: virtual seconds.

        After the trouble each request may need its turn of a rate that only a part is used of, what cannot be read is
        written by the minute, and where nothing can be told beside an offset one record waits for the other's answer
        and letter.
        """
        scenario, plans = self.scenario, len(self.topic.planned)
        policy = scenario.policy
        tells_of_few = min(policy.metadata_bytes_max, scenario.kafka.metadata_bytes_max) <= _ROOM_FOR_FEW_BYTES
        rate = max(1.0, policy.rate_per_s - policy.reserve_per_s - scenario.loops.others_per_2_s / 2)
        undecodable = sum(1 for planned in self.topic.all_planned() if planned.request is None)
        wire_s = plans * scenario.loops.latency_s / (policy.on_wire_max or rate)
        return (
            scenario.trouble.lasts_s
            + 300.0
            + 4 * plans / rate
            + 4 * wire_s
            + plans * scenario.loops.latency_s * tells_of_few
            + plans * scenario.kafka.letter_latency_s
            + 60.0 * undecodable / policy.undecodable_per_min
            + 2 * policy.backoff.max_s
        )

    def start_replica(self, *, replaces: bool = False) -> Replica:
        """One more process; ``replaces``: of a static member that is dead."""
        replica = Replica(self, len(self.replicas), replaces=replaces)
        self.replicas.append(replica)
        return replica

    def replica_ended(self, replica: Replica) -> None:
        """The group notices, at the latest when the session ends."""
        if replica.source in self.group.members:
            self.loop.later(self.scenario.kafka.session_s, self.group.leave, replica.source)

    def jump(self, by_s: float) -> None:
        """All wall clocks are set."""
        self.wall += by_s
        self.wall_highest = max(self.wall_highest, self.wall)

    def progressed(self) -> None:
        """A commit was taken."""
        if self.settling and self.complete:
            self.loop.stop()

    def broken(self, oracle: str, text: str) -> None:
        """An oracle does not hold: the run ends."""
        if self._judges is not None and oracle not in self._judges:
            return
        if self.violation is None:
            self.violation = Violation(oracle, text, self.loop.now)
        self.loop.stop()

    def close(self) -> None:
        """Ends what still runs; nobody looks on."""
        self.observers.clear()
        for replica in self.replicas:
            replica.kill()
        self.loop.run(self.loop.now)

    def _arrive(self) -> None:
        more = False
        for tp, log in self.topic.logs.items():
            owner = self.group.owner[tp]
            if log.arrive(self.loop.now) and owner is not None:
                owner.notice()
            more = more or log.visible < len(log.entries)
        if more:
            self.loop.later(_ARRIVALS_EVERY_S, self._arrive)
