"""Runs of ten minutes on virtual time, each with a seed of its own, over all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from consumer.core.policy import Policy
from consumer.core.sharing import READ_EVERY_S
from consumer.core.terms import Priority
from consumer.planning.arrivals import Arrival, poisson, standing
from consumer.planning.course import Course
from consumer.planning.figures import Use, use
from consumer.planning.setting import Change, ChangeKind, Others, Setting
from consumer.planning.simulation import simulate
from consumer.sandbox.options import LimitWay

__all__ = ["Cell", "Run", "runs_of"]

SEEDS: Final = 8
FOR_S: Final = 600.0
SETTLE_S: Final = 15.0
"""Seconds that are not measured; ``FOR_S`` come after them."""

_LIMIT_PER_S: Final = 10
_IN_FLIGHT: Final = 200
"""Records that may be in flight where a backlog stands anyway: enough to fill the wire, and quick."""
_BACKLOG: Final = int(1.2 * _LIMIT_PER_S * (FOR_S + SETTLE_S))
"""Records, more than can leave."""
_CONTACTS: Final = 1_000

_LONE_EVERY_S: Final = 5.0
_LONE_IN: Final = (5, 9)
"""Partitions of the two replicas that have nothing else to do: four neighbours each."""

_KILL_S, _ADD_S, _CHANGED_FOR_S = 30.0, 95.0, 170.0
_RESERVES: Final = {LimitWay.FIXED: 8, LimitWay.SLIDING: 8, LimitWay.BUCKET: 4}
"""A second, beside another program that sends 8 requests every 2 s."""

_STANDING: Final = 5_000
"""Half of what may be in flight."""
_URGENT_EVERY_S: Final = 4.0
_CALM_PER_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table: what stands on the topic and what happens, how Loops counts, and the network."""

    row: str
    way: LimitWay
    jitter_ms: int
    replicas: int = 3


@dataclass(frozen=True, slots=True)
class Run:
    """What one seed came to."""

    use: Use
    waited_s: Sequence[float] = ()
    """Of the records that the row is about."""
    undelivered: int = 0
    """Of them."""
    refused_in_a_minute: Sequence[int] = ()
    """After each change of the group."""
    full: Sequence[Use] = ()
    """From 5 s after the group settled on, half a minute; of each change."""


def runs_of(cells: Iterable[Cell]) -> Mapping[Cell, list[Run]]:
    """Every cell's runs, one a seed."""
    jobs = [(cell, seed) for cell in cells for seed in range(SEEDS)]
    found: dict[Cell, list[Run]] = {cell: [] for cell, _ in jobs}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for (cell, _), run in zip(jobs, pool.map(_run, jobs), strict=True):
            found[cell].append(run)
    return found


def _run(job: tuple[Cell, int]) -> Run:
    cell, seed = job
    return _ROWS[cell.row](cell, seed)


def _setting(cell: Cell, seed: int, *, reserve: int = 0, in_flight: int = _IN_FLIGHT) -> Setting:
    policy = Policy(
        rate_per_s=_LIMIT_PER_S,
        reserve_per_s=reserve,
        demand_every_s=READ_EVERY_S,
        in_flight_records_max=in_flight,
    )
    return Setting(
        limit_per_s=_LIMIT_PER_S,
        way=cell.way,
        replicas=cell.replicas,
        policy=policy,
        jitter_s=cell.jitter_ms / 1000,
        for_s=SETTLE_S + FOR_S,
        seed=seed,
    )


def _even(cell: Cell, seed: int) -> Run:
    course = simulate(_setting(cell, seed), standing(_BACKLOG, contacts=_CONTACTS))
    return Run(use(course, SETTLE_S, SETTLE_S + FOR_S))


def _in_one_partition(cell: Cell, seed: int) -> Run:
    """One replica has all the work, and the others a lone event now and then."""
    arrivals = [*standing(_BACKLOG, contacts=_CONTACTS, partition=0), *_lone(seed)]
    course = simulate(_setting(cell, seed), arrivals)
    lone = [one for one in course.delivered if one.partition.partition in _LONE_IN]
    waited_s = [one.waited_s for one in lone if one.produced_s >= SETTLE_S]
    sent = sum(1 for one in arrivals if one.partition in _LONE_IN and one.at_s >= SETTLE_S)
    return Run(use(course, SETTLE_S, SETTLE_S + FOR_S), waited_s, sent - len(waited_s))


def _lone(seed: int) -> Iterator[Arrival]:
    """One every five seconds, a second sooner or later, in turn with either idle replica."""
    random = Random(f"{seed}/lone")  # noqa: S311 - a seed decides a simulation
    for number in range(int((SETTLE_S + FOR_S - 10) / _LONE_EVERY_S)):
        at_s = (number + random.uniform(0.3, 0.7)) * _LONE_EVERY_S
        yield Arrival(at_s, f"lone-{number}", partition=_LONE_IN[number % 2])


def _changed(cell: Cell, seed: int) -> Run:
    """One is killed, and later another added."""
    changes = (Change(_KILL_S, ChangeKind.KILL), Change(_ADD_S, ChangeKind.ADD))
    setting = replace(_setting(cell, seed), changes=changes, for_s=_CHANGED_FOR_S)
    course = simulate(setting, standing(_BACKLOG, contacts=_CONTACTS))
    settled_s = [_settled_after(course, change.at_s) for change in changes]
    minutes = [use(course, change.at_s, change.at_s + 60).refused for change in changes]
    full = [use(course, at_s + 5, at_s + 35) for at_s in settled_s]
    return Run(use(course, SETTLE_S, _CHANGED_FOR_S), refused_in_a_minute=minutes, full=full)


def _settled_after(course: Course, at_s: float) -> float:
    """When all partitions moved that a change moves: the last of what happens within half a minute."""
    return max(settled for settled in course.settled_s if at_s < settled < at_s + 30)


def _beside(cell: Cell, seed: int) -> Run:
    """Another program of the team has its reserve."""
    setting = replace(_setting(cell, seed, reserve=_RESERVES[cell.way]), others=Others(8, 2.0))
    course = simulate(setting, standing(_BACKLOG, contacts=_CONTACTS))
    return Run(use(course, SETTLE_S, SETTLE_S + FOR_S))


def _urgent(cell: Cell, seed: int) -> Run:
    """Single events of high priority, of contacts of their own, in a backlog that stays as large as it is."""
    random = Random(f"{seed}/urgent")  # noqa: S311 - a seed decides a simulation
    urgent = [
        Arrival(SETTLE_S + (number + random.random()) * _URGENT_EVERY_S, f"urgent-{number}", Priority.HIGH)
        for number in range(int((FOR_S - 10) / _URGENT_EVERY_S))
    ]
    rest = poisson(_LIMIT_PER_S - 1 / _URGENT_EVERY_S, for_s=SETTLE_S + FOR_S, seed=seed)
    setting = _setting(cell, seed, in_flight=2 * _STANDING)
    course = simulate(setting, [*standing(_STANDING, contacts=_STANDING), *rest, *urgent])
    waited_s = [one.waited_s for one in course.delivered if one.priority is Priority.HIGH]
    return Run(use(course, SETTLE_S, SETTLE_S + FOR_S), waited_s, len(urgent) - len(waited_s))


def _calm(cell: Cell, seed: int) -> Run:
    """Half of what the limit takes."""
    setting = _setting(cell, seed, in_flight=2 * _STANDING)
    course = simulate(setting, poisson(_CALM_PER_S, for_s=SETTLE_S + FOR_S - 10, seed=seed))
    waited_s = [one.waited_s for one in course.delivered if one.produced_s >= SETTLE_S]
    return Run(use(course, SETTLE_S, SETTLE_S + FOR_S), waited_s, len(course.produced_s) - len(course.delivered))


_ROWS: Final[Mapping[str, Callable[[Cell, int], Run]]] = {
    "even": _even,
    "one-partition": _in_one_partition,
    "changed": _changed,
    "beside": _beside,
    "urgent": _urgent,
    "calm": _calm,
}
