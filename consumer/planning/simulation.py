"""The whole of it: replicas, their group, Loops, and what happens to them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from random import Random

from consumer.planning.arrivals import Arrival
from consumer.planning.course import Course
from consumer.planning.group import Group
from consumer.planning.loops import Loops
from consumer.planning.replica import Replica, World
from consumer.planning.setting import ChangeKind, Setting
from consumer.planning.timeline import Timeline
from consumer.planning.topic import Topic

__all__ = ["Simulation", "simulate"]

_WALL = 1_777_629_600.0
"""2026-05-01 10:00 UTC."""

_DIVISION_S = 60.0
"""The beginning lies anywhere within so many seconds of wall clock, by which the rate is divided."""


def simulate(setting: Setting, arrivals: Iterable[Arrival]) -> Course:
    """What happens in ``setting.for_s`` seconds."""
    simulation = Simulation(setting, arrivals)
    simulation.timeline.run(setting.for_s)
    return simulation.course


class Simulation:
    """One that a caller drives; everything of it may be looked at."""

    def __init__(self, setting: Setting, arrivals: Iterable[Arrival]) -> None:
        """At its beginning: all replicas are about to be given their partitions."""
        self.setting = setting
        self.timeline, self.course = Timeline(), Course()
        self._random = Random(f"{setting.seed}/clocks")  # noqa: S311 - a seed decides a simulation
        self._wall = _WALL + self._random.random() * _DIVISION_S
        topic = Topic(setting.partitions, arrivals, wall=self._wall)
        for arrival in (arrival for tp in topic.partitions for arrival in topic.log(tp)):
            if arrival.at_s < setting.for_s:
                self.course.produced_of.setdefault(arrival.priority, []).append(arrival.at_s)
        self.course.produced_s += sorted(chain.from_iterable(self.course.produced_of.values()))
        self.group = Group(setting, self.timeline, self.course, topic.partitions)
        loops = Loops(setting, self.timeline, self.course)
        self._world = World(setting, self.timeline, self.course, topic, self.group, loops, set())
        self.replicas: list[Replica] = []
        self.group.start([self._new() for _ in range(setting.replicas)])
        for change in setting.changes:
            self.timeline.at(change.at_s, self._kill if change.kind is ChangeKind.KILL else self._add)

    def _new(self) -> Replica:
        skew_s = self._random.uniform(-0.5, 0.5) * self.setting.skew_s
        self.replicas.append(Replica(self._world, len(self.replicas), wall=self._wall + skew_s))
        return self.replicas[-1]

    def _kill(self) -> None:
        next(replica for replica in self.replicas if replica.alive).kill()

    def _add(self) -> None:
        self.group.join(self._new())
