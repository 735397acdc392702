"""Requests that are not wanted any more, in this process."""

from __future__ import annotations

from consumer.core.delivery import Delivery
from consumer.core.partition import Partition
from consumer.core.wire import Wire

__all__ = ["drop", "drop_all", "drop_waiting"]


def drop(partition: Partition, delivery: Delivery, wire: Wire, *, now: float) -> None:
    """Forgets one that is not on the wire; who waits behind it is next."""
    delivery.forgotten = True
    del partition.deliveries[delivery]
    wire.leave(delivery, now=now)


def drop_waiting(partition: Partition, wire: Wire, *, now: float) -> None:
    """Forgets what of a partition is not on the wire."""
    on_wire = {id(delivery) for delivery in wire.deliveries()}
    for delivery in [delivery for delivery in partition.deliveries if id(delivery) not in on_wire]:
        drop(partition, delivery, wire, now=now)
    wire.clear_forgotten()


def drop_all(partition: Partition, wire: Wire, *, now: float) -> None:
    """Forgets all of it; what is on the wire keeps its lanes until its outcome."""
    drop_waiting(partition, wire, now=now)
    for delivery in partition.deliveries:
        delivery.forgotten = True
