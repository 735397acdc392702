"""What has to arrive at Loops beside what did: the comparison at the end of the demo. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from consumer.sandbox.journal import Entry

__all__ = ["Arrival", "Comparison", "arrival_of", "compare"]


class Arrival(NamedTuple):
    """One request that takes effect in Loops, as far as it is compared."""

    user_id: str
    call: str
    """The call's operationId in Loops' OpenAPI document."""
    event_name: str | None = None
    mark: str = ""
    """A value that no other request of the user has."""


def arrival_of(entry: Entry) -> Arrival | None:
    """What a request came to; ``None`` for one without effect."""
    if not entry.took_effect or entry.call is None:
        return None
    properties = entry.event_properties or {}
    mark = properties.get("orderId") or properties.get("plan")
    if entry.call == "updateContact" and entry.body is not None:
        mark = entry.body.get("plan")
    return Arrival(entry.user_id or "", entry.call, entry.event_name, "" if mark is None else str(mark))


@dataclass(frozen=True, slots=True)
class Comparison:
    """How what arrived differs from what had to."""

    expected: int
    received: int
    missing: tuple[Arrival, ...] = ()
    twice: tuple[Arrival, ...] = ()
    """Expected, and came more often."""
    out_of_order: tuple[Arrival, ...] = ()
    """Came after one of the same user that had to come later."""
    unexpected: tuple[Arrival, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether each came once and in its user's order, and nothing else came."""
        return not (self.missing or self.twice or self.out_of_order or self.unexpected)


def compare(expected: Iterable[Arrival], received: Iterable[Arrival]) -> Comparison:
    """Both are in order for each user; how the users are interleaved does not matter."""
    places: defaultdict[Arrival, deque[int]] = defaultdict(deque)
    known: list[Arrival] = []
    for place, arrival in enumerate(expected):
        places[arrival].append(place)
        known.append(arrival)
    reached: dict[str, int] = {}
    came: list[Arrival] = []
    twice, out_of_order, unexpected = [], [], []
    for arrival in received:
        came.append(arrival)
        if arrival not in places:
            unexpected.append(arrival)
        elif not places[arrival]:
            twice.append(arrival)
        else:
            place = places[arrival].popleft()
            if place < reached.get(arrival.user_id, -1):
                out_of_order.append(arrival)
            reached[arrival.user_id] = max(place, reached.get(arrival.user_id, -1))
    missing = [known[place] for place in sorted(place for left in places.values() for place in left)]
    return Comparison(len(known), len(came), tuple(missing), tuple(twice), tuple(out_of_order), tuple(unexpected))
