"""The requests that could leave at once, were there a slot for them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator, Mapping

from consumer.core.breaker import Breaker
from consumer.core.delivery import Delivery
from consumer.core.request import Call
from consumer.core.terms import Priority

__all__ = ["ReadyQueue"]

_Queues = tuple[deque[Delivery], ...]
"""One for each priority, in its order; each in the order of turns, and so of the moments since which they are ready."""


class ReadyQueue:
    """First come, first served within a priority over all calls, but for those that an outage holds back.

    Who comes is counted from when it became first in its lanes: a contact with a thousand requests waiting has one
    place in the queue like any other. High leaves before normal before low. Whoever has been ready for
    ``starvation_s`` counts as high for every second that leaves, of those for which that makes a difference. So those
    that have starved have half of the rate at least, and a backlog that all has starved holds up by one request what is
    high, while that needs less than the other half. One that is taken and comes to its end without leaving uses up
    nobody's half.
    """

    __slots__ = ("_made_a_difference", "_queues", "_starvation_s", "_starved_go_next", "_turn")

    def __init__(self, starvation_s: float) -> None:
        """Empty."""
        self._queues: dict[Call, _Queues] = {
            call: tuple(deque() for _ in Priority) for call in Call if call is not Call.API_KEY
        }
        self._starvation_s = starvation_s
        self._starved_go_next = True
        self._made_a_difference = False
        """Whether another would have been taken last, had it been the others' turn."""
        self._turn = 0

    def put(self, delivery: Delivery, *, now: float) -> None:
        """Last in its queue."""
        self._turn += 1
        delivery.turn, delivery.ready_since = self._turn, now
        self._queue_of(delivery).append(delivery)

    def put_back(self, delivery: Delivery) -> None:
        """Where its turn is: it was taken, and has to leave again through no fault of its own, or as another call."""
        queue = self._queue_of(delivery)
        if queue and queue[0].turn < delivery.turn:
            insort(queue, delivery, key=_turn)
        else:
            queue.appendleft(delivery)

    def replace(self, one: Delivery, other: Delivery) -> None:
        """Another takes the turn of one that is ready, and has waited as long."""
        queue = self._queue_of(one)
        del queue[bisect_left(queue, one.turn, key=_turn)]
        other.turn, other.ready_since = one.turn, one.ready_since
        self.put_back(other)

    def lift(self, delivery: Delivery, priority: Priority) -> None:
        """One has another priority from now on, and its turn among those that have it; it may be ready, or not."""
        queue = self._queue_of(delivery)
        place = bisect_left(queue, delivery.turn, key=_turn)
        is_ready = place < len(queue) and queue[place] is delivery
        if is_ready:
            del queue[place]
        delivery.priority = priority
        if is_ready:
            self.put_back(delivery)

    def take(self, breakers: Mapping[Call, Breaker], *, now: float) -> Delivery | None:
        """The first that may leave, or None. :meth:`left` says that it does."""
        firsts = [
            one for call, queues in self._queues.items() if any(queues) for one in _firsts(queues, breakers[call])
        ]
        if not firsts:
            return None
        starved_since = now - self._starvation_s
        best = min(firsts, key=_rank)
        fair = min(firsts, key=lambda one: _starved_rank(one, starved_since))
        self._made_a_difference = best is not fair
        best = fair if self._starved_go_next else best
        self._queue_of(best).remove(best)
        return best

    def left(self) -> None:
        """The one taken last leaves: where it made a difference who goes next, it is the others' turn."""
        self._starved_go_next ^= self._made_a_difference

    def clear_forgotten(self) -> None:
        """Lets go of those that nobody wants any more."""
        for call, queues in self._queues.items():
            self._queues[call] = tuple(deque(one for one in queue if not one.forgotten) for queue in queues)

    def any_may_leave(self, breakers: Mapping[Call, Breaker]) -> bool:
        """Whether :meth:`take` would give one."""
        return any(
            (breakers[call].closed or breakers[call].wants_trial) and any(not one.forgotten for one in queue)
            for call, queues in self._queues.items()
            for queue in queues
        )

    def oldest_since(self, priority: Priority) -> float | None:
        """When the one of a priority that has waited longest became ready, monotonic seconds."""
        return min(
            (queues[priority][0].ready_since for queues in self._queues.values() if queues[priority]), default=None
        )

    def __iter__(self) -> Iterator[Delivery]:
        """All that are ready, in no order."""
        for queues in self._queues.values():
            for queue in queues:
                yield from (one for one in queue if not one.forgotten)

    @property
    def size(self) -> int:
        """How many are ready, those among them that nobody wants any more."""
        return sum(len(queue) for queues in self._queues.values() for queue in queues)

    def __len__(self) -> int:
        """How many are ready."""
        return sum(1 for _ in self)

    def _queue_of(self, delivery: Delivery) -> deque[Delivery]:
        return self._queues[delivery.call][delivery.priority]


def _turn(delivery: Delivery) -> int:
    return delivery.turn


def _rank(one: Delivery) -> tuple[int, int]:
    return one.priority, one.turn


def _starved_rank(one: Delivery, starved_since: float) -> tuple[int, int]:
    return 0 if one.ready_since <= starved_since else one.priority, one.turn


def _firsts(queues: _Queues, breaker: Breaker) -> list[Delivery]:
    """Of each priority the one that may leave first.

    On trial that is one of another contact than the one that failed last, in whichever queue there is one.
    """
    on_trial = not breaker.closed
    if on_trial and not breaker.wants_trial:
        return []
    firsts = []
    for queue in queues:
        while queue and queue[0].forgotten:
            queue.popleft()
        if queue:
            firsts.append(queue[0])
    return (on_trial and _others(queues, breaker)) or firsts


def _others(queues: _Queues, breaker: Breaker) -> list[Delivery]:
    waiting = [(one for one in queue if not (one.forgotten or breaker.avoids(one.lanes))) for queue in queues]
    return [one for one in (next(others, None) for others in waiting) if one is not None]
