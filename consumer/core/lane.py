"""One queue for each identifier: what keeps a contact's requests in order and one at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from consumer.core.delivery import Delivery
from consumer.core.request import Call

__all__ = ["Lanes"]


class Lanes:
    """A delivery stands in the lane of each of its identifiers and may leave when it is first in all of them.

    Lanes are never joined: an address that two users share holds up only what names it. Deliveries enter every lane
    in one order, so two of them never wait for each other.

    One that waits for its contact lets pass what may make it: the first behind it with another identifier too. It, and
    all between them, have no lane but this one; so the order of all in which they come right behind the one that passes
    is that of every lane again, and nobody waits for himself. To let pass a second one with two identifiers would break
    that: the first may stand before it in its other lane.
    """

    __slots__ = ("_lanes",)

    def __init__(self) -> None:
        """All are empty."""
        self._lanes: dict[str, deque[Delivery]] = {}

    def __len__(self) -> int:
        """How many lanes hold something."""
        return len(self._lanes)

    def enter(self, delivery: Delivery) -> bool:
        """Puts it last in its lanes. Returns whether it is first in all of them."""
        first = True
        for name in delivery.lanes:
            lane = self._lanes.setdefault(name, deque())
            lane.append(delivery)
            first = first and len(lane) == 1
        return first

    def last(self, delivery: Delivery) -> Delivery | None:
        """Who stands last in all lanes of a new one, and in no other lane; None where that is nobody."""
        lanes = [self._lanes.get(name) for name in delivery.lanes]
        lasts = [lane[-1] if lane else None for lane in lanes]
        one = lasts[0]
        return one if one is not None and one.lanes == delivery.lanes and all(other is one for other in lasts) else None

    def replace(self, one: Delivery, others: Sequence[Delivery]) -> None:
        """Puts others, of the same lanes, where one stands, in their order."""
        for name in one.lanes:
            lane = self._lanes[name]
            place = len(lane) - 1 if lane[-1] is one else lane.index(one)
            del lane[place]
            for at, other in enumerate(others, place):
                lane.insert(at, other)

    def leave(self, delivery: Delivery) -> list[Delivery]:
        """Takes it out, wherever it stands. Returns those that are now first in all their lanes and were not."""
        behind: list[Delivery] = []
        for name in delivery.lanes:
            lane = self._lanes[name]
            was_first = lane[0] is delivery
            if was_first:
                lane.popleft()
            else:
                lane.remove(delivery)
            if not lane:
                del self._lanes[name]
            elif was_first and lane[0] not in behind:
                behind.append(lane[0])
        return [other for other in behind if self.is_first(other)]

    def let_pass(self, waiting: Delivery) -> Delivery | None:
        """Puts what may make its contact before one that is first in its only lane. Returns that one, None: nobody.

        Nothing passes a delete: what comes behind it belongs to another life of the contact.
        """
        lane = self._lanes[waiting.lanes[0]]
        for place, other in enumerate(lane):
            if other.request.call is Call.DELETE:
                return None
            if len(other.lanes) > 1:
                del lane[place]
                lane.appendleft(other)
                return other
        return None

    def put_first(self, waiting: Delivery) -> None:
        """One that let another pass, and has no lane but that one, stands before it again."""
        lane = self._lanes[waiting.lanes[0]]
        lane.remove(waiting)
        lane.appendleft(waiting)

    def outranked(self, delivery: Delivery) -> list[Delivery]:
        """Those right before it in its lanes, as far as they are less urgent."""
        outranked = []
        for name in delivery.lanes:
            lane = self._lanes[name]
            place = len(lane) - 1 if lane[-1] is delivery else lane.index(delivery)
            while place and lane[place - 1].priority > delivery.priority:
                place -= 1
                outranked.append(lane[place])
        return outranked

    def firsts(self, delivery: Delivery) -> list[Delivery]:
        """Who is first in each of its lanes."""
        return [self._lanes[name][0] for name in delivery.lanes]

    def heads(self) -> Iterator[Delivery]:
        """Who is first in each, as often as it is."""
        for lane in self._lanes.values():
            yield lane[0]

    def waiting(self) -> Iterator[Delivery]:
        """All that stand in any lane, each once or twice."""
        for lane in self._lanes.values():
            yield from lane

    def is_first(self, delivery: Delivery) -> bool:
        """Whether it is first in all its lanes."""
        return all(self._lanes[name][0] is delivery for name in delivery.lanes)
