"""How many requests of each replica a crash would send again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable
from typing import TYPE_CHECKING

from tests.sim.planned import Planned, Told

if TYPE_CHECKING:
    from tests.sim.replica import Replica

__all__ = ["Stakes"]


class Stakes:
    """Counts plans by the request that told them last: those of one request are at stake as one."""

    def __init__(self) -> None:
        """None."""
        self._request_of: dict[Planned, Hashable] = {}
        self._open: defaultdict[Replica, Counter[Hashable]] = defaultdict(Counter)

    def sent(self, told: Told) -> None:
        """One request tells of these."""
        if len(told) == 1:
            self._request_of.pop(told[0], None)
        else:
            self._request_of.update(dict.fromkeys(told, object()))

    def request_of(self, planned: Planned) -> Hashable:
        """What tells the request of a plan from others."""
        return self._request_of.get(planned, planned)

    def add(self, replica: Replica, request: Hashable) -> None:
        """A plan of this request is final and in no commit."""
        self._open[replica][request] += 1

    def remove(self, replica: Replica, request: Hashable) -> None:
        """It is in one, or not its own any more."""
        requests = self._open[replica]
        requests[request] -= 1
        if not requests[request]:
            del requests[request]

    def count(self, replica: Replica) -> int:
        """How many requests."""
        return len(self._open[replica])
