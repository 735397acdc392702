"""The requests that could leave at once, were there a slot for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from consumer.core.breaker import Breaker
from consumer.core.delivery import Delivery
from consumer.core.request import Call

__all__ = ["ReadyQueue"]


class ReadyQueue:
    """First come, first served over all calls, but for those that an outage holds back.

    Who comes is counted from when it became first in its lanes: a contact with a thousand requests waiting has one
    place in the queue like any other.
    """

    __slots__ = ("_queues", "_turn")

    def __init__(self) -> None:
        """Empty."""
        self._queues: dict[Call, deque[Delivery]] = {call: deque() for call in Call if call is not Call.API_KEY}
        self._turn = 0

    def put(self, delivery: Delivery, *, now: float) -> None:
        """Last in the queue."""
        self._turn += 1
        delivery.turn, delivery.ready_since = self._turn, now
        self._queues[delivery.call].append(delivery)

    def put_back(self, delivery: Delivery) -> None:
        """Where it was: it left and has to leave again through no fault of its own."""
        self._queues[delivery.call].appendleft(delivery)

    def take(self, breakers: Mapping[Call, Breaker]) -> Delivery | None:
        """The first that may leave, or None."""
        best: deque[Delivery] | None = None
        for call, queue in self._queues.items():
            while queue and queue[0].forgotten:
                queue.popleft()
            breaker = breakers[call]
            if not queue or not (breaker.closed or breaker.wants_trial):
                continue
            if breaker.wants_trial:
                self._bring_forward_another(queue, breaker)
            if best is None or queue[0].turn < best[0].turn:
                best = queue
        return best.popleft() if best else None

    def clear_forgotten(self) -> None:
        """Lets go of those that nobody wants any more."""
        for call, queue in self._queues.items():
            self._queues[call] = deque(delivery for delivery in queue if not delivery.forgotten)

    def any_may_leave(self, breakers: Mapping[Call, Breaker]) -> bool:
        """Whether :meth:`take` would give one."""
        return any(
            (breakers[call].closed or breakers[call].wants_trial) and any(not d.forgotten for d in queue)
            for call, queue in self._queues.items()
        )

    def oldest_since(self) -> float | None:
        """When the one that has waited longest became ready, monotonic seconds."""
        return min((d.ready_since for queue in self._queues.values() for d in list(queue)[:1]), default=None)

    def __len__(self) -> int:
        """How many are ready."""
        return sum(1 for queue in self._queues.values() for delivery in queue if not delivery.forgotten)

    @staticmethod
    def _bring_forward_another(queue: deque[Delivery], breaker: Breaker) -> None:
        """Puts first one whose contact is not the one that failed last, where there is one."""
        for delivery in queue:
            if not delivery.forgotten and not breaker.avoids(delivery.lanes):
                queue.remove(delivery)
                queue.appendleft(delivery)
                return
