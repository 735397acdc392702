"""Defects in lanes."""

from __future__ import annotations

from typing import Any, Final

import pytest

from consumer.core import request as request_module
from consumer.core.delivery import Delivery
from consumer.core.lane import Lanes
from consumer.core.outcome import Outcome, Verdict
from consumer.core.wire import Wire
from tests.sim.mutants.mutant import Mutant

__all__ = ["MUTANTS"]


def looks_at_one_identifier_alone(patch: pytest.MonkeyPatch) -> None:
    """A contact with two has two requests on the wire."""
    lanes = request_module._ToContact.lanes.fget  # type: ignore[attr-defined]  # a property has one
    patch.setattr(request_module._ToContact, "lanes", property(lambda self: lanes(self)[:1]))


def takes_addresses_as_they_are_written(patch: pytest.MonkeyPatch) -> None:
    """A capital letter makes another contact."""

    def as_written(self: Any) -> tuple[str, ...]:
        return tuple(kind + name for kind, name in (("e", self.email), ("u", self.user_id)) if name is not None)

    patch.setattr(request_module._ToContact, "lanes", property(as_written))


def leaves_its_lanes_before_the_retry(patch: pytest.MonkeyPatch) -> None:
    """The next one overtakes what waits out its backoff."""
    again, leave = Wire.again, Lanes.leave
    gone: set[int] = set()

    def open_lanes(self: Wire, delivery: Delivery, outcome: Outcome, *, counts: bool, now: float) -> None:
        again(self, delivery, outcome, counts=counts, now=now)
        if outcome.verdict is Verdict.RETRY and id(delivery) not in gone:
            self.leave(delivery, now=now)
            gone.add(id(delivery))

    def once(self: Lanes, delivery: Delivery) -> list[Delivery]:
        if id(delivery) in gone:
            gone.discard(id(delivery))
            return []
        return leave(self, delivery)

    patch.setattr(Wire, "again", open_lanes)
    patch.setattr(Lanes, "leave", once)


def frees_a_lane_when_its_first_leaves(patch: pytest.MonkeyPatch) -> None:
    """Whoever stands second is ready as soon as it has come."""
    patch.setattr(Lanes, "is_first", lambda *_: True)


MUTANTS: Final = (
    Mutant.of(looks_at_one_identifier_alone, "OneOnTheWirePerContact"),
    Mutant.of(takes_addresses_as_they_are_written, "OneOnTheWirePerContact"),
    Mutant.of(leaves_its_lanes_before_the_retry, "InOrderPerContact", "OneOnTheWirePerContact"),
    Mutant.of(frees_a_lane_when_its_first_leaves, "OneOnTheWirePerContact", "InOrderPerContact"),
)
