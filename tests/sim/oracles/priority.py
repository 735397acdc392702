"""Who goes first when the limit is short: what is high, and what has waited for long."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from consumer.core.completions import METADATA_BYTES_MAX
from consumer.core.delivery import Delivery
from consumer.core.effect import Attempt
from consumer.core.lane import Lanes
from consumer.core.terms import Priority
from tests.sim.observing import Observer
from tests.sim.planned import Told

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["HighGoesFirst", "NobodyStarves"]

_PASSED_MAX = 1
"""Requests in a row that may pass one that has starved: of two that leave one is its own, or of another that has."""


def _ready(replica: Replica) -> list[Delivery]:
    """What could have left, and did not.

    What was held back for want of room in the metadata comes back with the turn that it had: there nobody says.
    """
    pipeline = replica.pipeline
    if pipeline.commits.metadata_bytes_max < METADATA_BYTES_MAX:
        return []
    breakers = pipeline.wire.outages.breakers
    return [one for one in pipeline.wire.ready if breakers[one.call].closed]


class HighGoesFirst(Observer):
    """Nothing leaves while something more urgent stood ready before, unless it has stood so for long itself.

    As urgent as its rule says is a request, or as one that waits for it in one of its lanes.
    """

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:
        """Looks at what is left when the turn is over."""
        policy, wire = self.world.scenario.policy, replica.pipeline.wire
        if not (told and self.world.scenario.topic.priorities) or attempt.waited_s >= policy.starvation_s:
            return
        on_wire, _ = wire._on_wire[attempt.number]
        mine = min([*(planned.terms.priority for planned in told), *([] if on_wire is None else [on_wire.priority])])
        if mine is Priority.HIGH:
            return
        for other in _ready(replica):
            if other.ready_since < self.world.loop.now and _urgency(wire.lanes, other) < mine:
                ready = " ".join(other.lanes)
                self.broken(f"{told[-1].id} left replica {replica.name} before {ready}, which was ready")


def _urgency(lanes: Lanes, delivery: Delivery) -> Priority:
    """Its own, or the highest of those behind it."""
    behind = [one for name in delivery.lanes for one in lanes._lanes.get(name, ()) if one is not delivery]
    return min(part.request.terms.priority for one in (delivery, *behind) for part in one.parts)


class NobodyStarves(Observer):
    """What has stood ready for the policy's ``starvation_s`` is not passed on and on by what is high, or came later."""

    def __init__(self, world: World) -> None:
        """Nobody was passed."""
        super().__init__(world)
        self._passed: Counter[Replica] = Counter()

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:  # noqa: ARG002 - as declared
        """Looks at what is left when the turn is over."""
        policy, now = self.world.scenario.policy, self.world.loop.now
        if not attempt.lanes:
            return
        since = now - policy.starvation_s
        mine = now - attempt.waited_s
        passes = mine > since and any(one.ready_since <= since for one in _ready(replica))
        self._passed[replica] = self._passed[replica] + 1 if passes else 0
        if self._passed[replica] > _PASSED_MAX:
            self.broken(
                f"{self._passed[replica]} left replica {replica.name}, one after another, before what has starved"
            )
