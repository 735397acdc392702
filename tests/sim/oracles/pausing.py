"""A mapping that is paused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consumer.core.effect import Attempt
from tests.sim.observing import Observer
from tests.sim.topic import Planned

if TYPE_CHECKING:
    from tests.sim.replica import Replica

__all__ = ["APauseIsKept"]


class APauseIsKept(Observer):
    """Nothing leaves a replica that knows the mapping to be paused, not even a probe."""

    def sent(self, replica: Replica, attempt: Attempt, planned: Planned | None) -> None:
        """Whether it may."""
        if replica.mapping.paused:
            named = attempt.request.call.value if planned is None else planned.id
            self.broken(f"{named} left replica {replica.name}, whose mapping is paused")
