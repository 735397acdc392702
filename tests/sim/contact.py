"""A contact whose updates say the same again and again: judged by what Loops has of it, not by who told it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from consumer.core.request import Call, DeleteContact, HttpRequest, SendEvent, UpdateContact, Value

if TYPE_CHECKING:
    from tests.sim.planned import Planned

__all__ = ["StillContact"]

_NO_PROPERTIES = frozenset({"email", "userId", "eventName", "eventProperties", "mailingLists"})


@dataclass(slots=True, eq=False)
class StillContact:
    """All that is said of it lies in one partition, a plan a record."""

    plans: list[Planned] = field(default_factory=list)
    """In the order of their records."""
    there: dict[str, Value] = field(default_factory=dict)
    """Its properties at Loops."""
    changes: int = 0
    """Requests about it that took effect."""
    deletes: int = 0
    """How many of these requests deleted it."""
    disturbed: bool = False
    """Something came late, was given up, sent beside the owner, or begun anew before what is behind it: what Loops has
    is nobody's promise then."""

    def take(self, request: HttpRequest) -> None:
        """Loops does what a request asks for."""
        self.changes += 1
        if request.call is Call.DELETE:
            self.there.clear()
            self.deletes += 1
        else:
            told: dict[str, Value] = orjson.loads(request.body or b"{}")
            self.there.update((name, value) for name, value in told.items() if name not in _NO_PROPERTIES)

    def holds(self, planned: Planned) -> bool:
        """Whether Loops has what this plan says, or what a later one does."""
        if self.disturbed:
            return True
        later = self.plans[self.plans.index(planned) :]
        names = self.there if isinstance(planned.plan, DeleteContact) else _told(planned)
        gone = any(isinstance(one.plan, DeleteContact) for one in later)
        for name in names:
            values = [_told(one)[name] for one in later if name in _told(one)]
            if not (self.there[name] in values if name in self.there else gone):
                return False
        return True

    def was_deleted_behind(self, planned: Planned) -> bool:
        """Whether a delete that happened after a plan has been made: whoever remembers it does not send the plan."""
        deletes = [one.plan for one in self.plans if isinstance(one.plan, DeleteContact)][: self.deletes]
        time_ms = 0 if planned.request is None else planned.request.event_time_ms
        return any(time_ms < delete.event_time_ms for delete in deletes)

    def told_in_order(self) -> dict[str, Value]:
        """What Loops has to have when all of it was told, one after another."""
        told: dict[str, Value] = {}
        for planned in self.plans:
            if isinstance(planned.plan, DeleteContact):
                told.clear()
            told.update(_told(planned))
        return told


def _told(planned: Planned) -> Mapping[str, Value]:
    return planned.plan.contact if isinstance(planned.plan, SendEvent | UpdateContact) else {}
