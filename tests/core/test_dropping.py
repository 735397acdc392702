"""Requests that nobody wants any more."""

from __future__ import annotations

from consumer.core.dropping import drop, drop_all, drop_waiting
from tests.core.driving import P0, Driven, attempts, batch, send


def test_what_waits_is_forgotten_and_what_is_on_the_wire_keeps_its_lanes() -> None:
    """Three of a contact, of which the first has left."""
    driven = Driven()
    driven.tell("selected", batch({offset: [send("a")] for offset in range(3)}, last=2))
    partition, wire = driven.pipeline.partitions[P0], driven.pipeline.wire
    drop_waiting(partition, wire, now=2.0)
    assert ([False], 1) == ([delivery.forgotten for delivery in partition.deliveries], len(wire.lanes))
    drop_all(partition, wire, now=2.0)
    assert ([True], 1) == ([delivery.forgotten for delivery in partition.deliveries], len(wire.lanes))


def test_who_waits_behind_a_dropped_one_is_next() -> None:
    """The lanes go on."""
    driven = Driven()
    driven.pipeline.wire.pacer.hold(3.0)
    driven.tell("selected", batch({0: [send("a")], 1: [send("a")]}, last=1))
    partition, wire = driven.pipeline.partitions[P0], driven.pipeline.wire
    first, second = partition.deliveries
    drop(partition, first, wire, now=2.0)
    assert [second] == list(partition.deliveries)
    assert 1 == len(attempts(driven.at(4.0)))
