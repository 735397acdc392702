"""One partition under one assignment."""

from __future__ import annotations

from consumer.core.effect import Committable
from consumer.core.partition import Partition
from tests.core.driving import P0, WALL, batch, send


def test_before_anything_was_read_there_is_nothing_to_commit() -> None:
    """Whatever the group had."""
    assert (None, None) == (Partition(P0, 1, None).to_commit(None), Partition(P0, 1, 5).to_commit(None))


def test_what_is_finished_beyond_the_last_commit_is_to_be_committed() -> None:
    """And nothing once it is."""
    partition = Partition(P0, 1, 5)
    partition.receive(batch({}, first=5, last=7)[P0])
    assert (Committable(8), None) == (partition.to_commit(5), partition.to_commit(8))


def test_it_counts_what_is_in_flight() -> None:
    """Records and bytes; the age of the oldest."""
    partition = Partition(P0, 1, 0)
    partition.receive(batch({1: [send("a")], 3: [send("b")]}, last=4)[P0])
    assert ([1, 3], 8, int(WALL * 1000)) == (
        list(partition.open),
        partition.bytes_in_flight,
        partition.oldest_unfinished_ms(),
    )
    for of in list(partition.open.values()):
        partition.finish(of)
    assert ([], 0, None, Committable(5)) == (
        list(partition.open),
        partition.bytes_in_flight,
        partition.oldest_unfinished_ms(),
        partition.to_commit(0),
    )
