"""Requests that wait for their turn, and which of them become one while they do.

What it assumes: a contact is who its userId says, or without one its email; each contact's requests leave in order, and
who is next is counted from when a contact's first request may leave. While an update of a contact waits as the last of
its line, a further update of the same identity and partition merges with it, and an event of theirs takes it in, as
:mod:`consumer.core.merging` has it; but an event does so here whatever both say, which is not kept. A request takes no
time on the wire, none fails, and none has a priority.
"""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from consumer.core.merging import PARTS_MAX, may_be_carried, may_carry_others
from consumer.core.record import TopicPartition
from consumer.core.request import Request
from consumer.preview.contacts import hashed

__all__ = ["Arrival", "Line", "Merging", "arrival_of"]

_EVENT: Final = 1
_UPDATE: Final = 2
_OTHER: Final = 0


class Arrival(NamedTuple):
    """A request, as far as its place in the line goes. Hashes stand for who it is about."""

    at_ms: int
    """When it comes, milliseconds since 1970."""
    contact: int
    identity: int
    """Its userId and email together, and its partition: only what has the same merges."""
    kind: int
    parts: int = 1
    """How many became one with it, itself among them."""


def arrival_of(request: Request, tp: TopicPartition, at_ms: int) -> Arrival:
    """What comes at this time from this partition."""
    kind = _UPDATE if may_be_carried(request) else _EVENT if may_carry_others(request) else _OTHER
    identity = hashed(tp.topic, str(tp.partition), request.user_id or "", request.email or "")
    return Arrival(at_ms, hashed(request.lanes[-1]), identity, kind)


class Merging(NamedTuple):
    """What becomes one while it waits, as the settings have it."""

    updates: bool = True
    into_events: bool = True


class Line:
    """Contacts in the order in which they may go, each with its own requests in theirs."""

    __slots__ = ("_lanes", "_merged", "_turns", "left", "waiting")

    def __init__(self, merging: Merging) -> None:
        """Nothing waits."""
        self._merged = {kind for kind, merges in ((_UPDATE, merging.updates), (_EVENT, merging.into_events)) if merges}
        self._lanes: dict[int, deque[Arrival]] = {}
        self._turns: deque[int] = deque()
        self.waiting = 0
        """Requests that wait."""
        self.left = 0
        """Requests that have left."""

    def arrive(self, arrival: Arrival) -> None:
        """One comes, and waits or becomes one with what waits."""
        lane = self._lanes.get(arrival.contact)
        if lane is None:
            lane = self._lanes[arrival.contact] = deque()
            self._turns.append(arrival.contact)
        elif self._becomes_one(lane[-1], arrival):
            lane[-1] = arrival._replace(at_ms=lane[-1].at_ms, parts=lane[-1].parts + 1)
            return
        lane.append(arrival)
        self.waiting += 1

    def _becomes_one(self, last: Arrival, arrival: Arrival) -> bool:
        may_be = last.kind == _UPDATE and arrival.kind in self._merged and last.parts < PARTS_MAX
        return may_be and last.identity == arrival.identity

    def leave(self) -> Arrival:
        """The next one leaves; something must wait."""
        contact = self._turns.popleft()
        lane = self._lanes[contact]
        found = lane.popleft()
        if lane:
            self._turns.append(contact)
        else:
            del self._lanes[contact]
        self.waiting -= 1
        self.left += 1
        return found
