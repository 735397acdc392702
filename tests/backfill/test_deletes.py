"""Which requests of the past are older than a delete of their contact."""

from __future__ import annotations

import pytest

from consumer.backfill.deletes import Deletes, TooManyContacts
from consumer.core.record import Position
from tests.backfill.making import delete, update


def known(*deletes: tuple[int, int, int], user: str = "u1") -> Deletes:
    """Deletes of a user: each its time, partition and offset."""
    found = Deletes()
    for time_ms, partition, offset in deletes:
        found.add(delete(user=user).lanes, time_ms, Position("events", partition, offset))
    return found


def test_in_one_partition_the_place_decides_whatever_the_clocks_say() -> None:
    """That is the order in which the consumer sent them."""
    deletes = known((1_000, 0, 10))

    assert deletes.outdates(update(time_ms=9_000), Position("events", 0, 9))
    assert not deletes.outdates(update(time_ms=1_000), Position("events", 0, 11))
    assert not deletes.outdates(update(time_ms=9_000), Position("events", 1, 9))


def test_anywhere_else_the_time_decides() -> None:
    """Another topic may hold what deletes; and what comes late behind a delete is older all the same."""
    deletes = known((1_000, 0, 10))

    assert deletes.outdates(update(time_ms=999), Position("others", 3, 0))
    assert deletes.outdates(update(time_ms=999), Position("events", 0, 11))
    assert not deletes.outdates(update(time_ms=1_000), Position("others", 3, 0))


def test_the_last_delete_counts() -> None:
    """By place and by time, in whichever order they come."""
    for deletes in (known((1_000, 0, 10), (500, 0, 20)), known((500, 0, 20), (1_000, 0, 10))):
        assert deletes.outdates(update(time_ms=2_000), Position("events", 0, 15))
        assert deletes.outdates(update(time_ms=800), Position("events", 0, 25))
        assert not deletes.outdates(update(time_ms=2_000), Position("events", 0, 25))
    for deletes in (known((1_000, 0, 10), (500, 1, 20)), known((500, 1, 20), (1_000, 0, 10))):
        assert deletes.outdates(update(time_ms=2_000), Position("events", 0, 9))
        assert deletes.outdates(update(time_ms=900), Position("events", 1, 25))


def test_each_identifier_counts_and_others_do_not() -> None:
    """An address in any case."""
    deletes = Deletes()
    deletes.add(delete(user="u1", email="A@example.com").lanes, 1_000, Position("events", 0, 10))

    assert 2 == len(deletes)
    assert deletes.outdates(update(), Position("events", 0, 1))
    assert not deletes.outdates(update(user="u2"), Position("events", 0, 1))
    assert deletes.outdates(delete(user="u2", email="a@EXAMPLE.com"), Position("events", 0, 1))


def test_more_than_can_be_known_are_refused() -> None:
    """To forget one would be to make a deleted contact again."""
    deletes = Deletes(identifiers_max=2)
    for user in ("u1", "u2", "u1"):
        deletes.add(delete(user=user).lanes, 1_000, Position("events", 0, 1))

    with pytest.raises(TooManyContacts, match=r"more than 2 identifiers.*--from"):
        deletes.add(delete(user="u3").lanes, 1_000, Position("events", 0, 1))
