"""A mapping that is paused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consumer.core.effect import Attempt
from tests.sim.observing import Observer
from tests.sim.planned import Told

if TYPE_CHECKING:
    from tests.sim.replica import Replica

__all__ = ["APauseIsKept"]


class APauseIsKept(Observer):
    """Nothing leaves a replica that knows the mapping to be paused, not even a probe."""

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:
        """Whether it may."""
        if replica.mapping.paused:
            named = told[-1].id if told else attempt.request.call.value
            self.broken(f"{named} left replica {replica.name}, whose mapping is paused")
