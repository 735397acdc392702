"""The mapping changes while there is trouble: each replica notices a little later, when it looks at the file."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sim.world import World

__all__ = ["Remaps"]

_NOTICED_WITHIN_S = 3.0

_JUST_READ_S = 0.01
"""What arrives at full seconds is on its way to the pipeline then."""


class Remaps:
    """Edits it at random moments, and leaves one that is not paused."""

    def __init__(self, world: World) -> None:
        """The first version is in use."""
        self._world = world
        self._ways = world.scenario.mapping
        self._random = Random(f"{world.scenario.seed}/remaps")  # noqa: S311 - a seed decides a simulation
        if self._ways.every_s is not None:
            self._next(self._ways.every_s)
            world.loop.later(world.scenario.trouble.lasts_s, self._end)

    def _next(self, every_s: float) -> None:
        self._world.loop.later(self._random.uniform(0, every_s), self._edit, every_s)

    def _edit(self, every_s: float) -> None:
        if not self._world.settling:
            self._change(paused=self._random.random() < self._ways.paused)
            self._next(every_s)

    def _end(self) -> None:
        if self._world.mapping.paused:
            self._change(paused=False)

    def _change(self, *, paused: bool) -> None:
        world = self._world
        world.mapping = world.mapping.next(paused=paused)
        for replica in world.living:
            late_s = self._random.uniform(0, _NOTICED_WITHIN_S)
            if self._random.random() < 0.5:
                late_s = math.ceil(world.loop.now + late_s) - world.loop.now + self._random.uniform(0, _JUST_READ_S)
            world.loop.later(late_s, replica.look_at_mapping)
