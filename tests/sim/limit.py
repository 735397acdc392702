"""The team's limit in a simulation: how Loops counts, what else of the team uses it, and how it changes."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING

from consumer.sandbox.limiter import limiter_for

if TYPE_CHECKING:
    from tests.sim.world import World

__all__ = ["TeamLimit"]


class TeamLimit:
    """Counts on arrival."""

    def __init__(self, world: World) -> None:
        """Another program of the team, if there is one, begins at once."""
        scenario = world.scenario
        self.per_s = scenario.policy.rate_per_s
        """As Loops has it now."""
        self._loop = world.loop
        self._random = Random(f"{scenario.seed}/limit")  # noqa: S311 - a seed decides a simulation
        self._way, self._phase_s = scenario.loops.limit_way, self._random.random()
        self._limiter = limiter_for(self._way, self.per_s, self._phase_s)
        self._headers: dict[tuple[int, int], Mapping[str, str]] = {}
        for at_s, per_s in scenario.loops.limits:
            self._loop.later(at_s, self._change, per_s)
        self._others = scenario.loops.others_per_2_s
        if self._others:
            self._loop.later(self._random.random(), self._other)

    def admit(self, now: float) -> tuple[bool, Mapping[str, str]]:
        """Whether a request is let in, and what the answer's headers say of the limit."""
        decision = self._limiter.admit(now)
        told = decision.limit, decision.remaining
        headers = self._headers.get(told)
        if headers is None:
            headers = {"x-ratelimit-limit": str(told[0]), "x-ratelimit-remaining": str(told[1])}
            self._headers[told] = headers
        return decision.admitted, headers

    def _change(self, per_s: int) -> None:
        """What was counted so far is forgotten."""
        self.per_s = per_s
        self._limiter = limiter_for(self._way, per_s, self._phase_s)

    def _other(self) -> None:
        """Another program sends what it has, all at once."""
        for _ in range(self._others):
            self._limiter.admit(self._loop.now)
        self._loop.later(self._random.uniform(1.5, 2.5), self._other)
