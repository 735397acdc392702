"""Runs one seed with every oracle."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass

from tests.sim.observing import Observer
from tests.sim.oracles import all_oracles
from tests.sim.oracles.delivery import NothingTwiceInEffect
from tests.sim.remaps import Remaps
from tests.sim.scenario import scenario_of
from tests.sim.trouble import Incidents
from tests.sim.world import World

__all__ = ["Ran", "run_seed"]


@dataclass(frozen=True, slots=True)
class Ran:
    """A run in which every oracle held."""

    requests: int
    """That arrived at Loops, probes among them."""
    lasted_s: float
    """Virtual seconds."""
    replicas: int
    """That ran, one after another or together."""
    again: int
    """Requests that left again, and were done, refused or given up before a crash or a loss."""
    again_max: int
    """The most of them after one."""


def run_seed(
    seed: int,
    *,
    judges: Container[str] | None = None,
    also: Callable[[World], Iterable[Observer]] = lambda _: (),
) -> Ran:
    """Raises :class:`Violation`. ``judges``: which oracles may, all where None; ``also``: who else looks on."""
    world = World(scenario_of(seed), judges=judges)
    oracles = all_oracles(world)
    world.observers.add([*also(world), *oracles])
    Incidents(world)
    Remaps(world)
    try:
        world.loop.run(world.patience_until_s)
    finally:
        world.close()
    if world.violation is None:
        for oracle in oracles:
            oracle.finish()
    if world.violation is not None:
        raise world.violation
    (twice,) = (oracle for oracle in oracles if isinstance(oracle, NothingTwiceInEffect))
    return Ran(world.loops.arrived, world.loop.now, len(world.replicas), twice.again, twice.again_max)
