"""Lanes."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.lane import Lanes
from tests.core.driving import P0, record, send


def _delivery(*lanes: str) -> Delivery:
    return Delivery(send("any"), OpenRecord(record(0), P0, 1, 1), lanes)


def test_the_first_of_a_lane_may_leave_and_the_next_follows_it() -> None:
    """In the order in which they came."""
    lanes = Lanes()
    first, second = _delivery("a"), _delivery("a")
    assert (True, False) == (lanes.enter(first), lanes.enter(second))
    assert [second] == lanes.leave(first)


def test_one_with_two_identifiers_waits_for_both_lanes() -> None:
    """It is told once, when the later one is free."""
    lanes = Lanes()
    a, b, both = _delivery("a"), _delivery("b"), _delivery("a", "b")
    assert [True, True, False] == [lanes.enter(one) for one in (a, b, both)]
    assert ([], [both]) == (lanes.leave(a), lanes.leave(b))


def test_leaving_from_the_middle_frees_nobody() -> None:
    """The one before it still stands there."""
    lanes = Lanes()
    first, second, third = _delivery("a"), _delivery("a"), _delivery("a")
    for one in (first, second, third):
        lanes.enter(one)
    assert ([], [third]) == (lanes.leave(second), lanes.leave(first))


def test_an_empty_lane_costs_nothing() -> None:
    """Lanes of contacts that have nothing waiting are gone."""
    lanes = Lanes()
    one = _delivery("a", "b")
    lanes.enter(one)
    held = len(lanes)
    lanes.leave(one)
    assert (2, 0) == (held, len(lanes))


@given(st.lists(st.sets(st.sampled_from("abcd"), min_size=1, max_size=2), max_size=40), st.integers())
def test_it_equals_the_simplest_model(lanes_of: list[set[str]], seed: int) -> None:
    """One may leave when no earlier one that is still there shares an identifier with it; nobody waits for ever."""
    chance = random.Random(seed)  # noqa: S311 - a seed chooses an order
    lanes = Lanes()
    there: list[Delivery] = []
    may: set[int] = set()
    for names in lanes_of:
        one = _delivery(*sorted(names))
        there.append(one)
        if lanes.enter(one):
            may.add(id(one))
    while there:
        expected = {
            id(one) for place, one in enumerate(there) if not any(set(one.lanes) & set(e.lanes) for e in there[:place])
        }
        assert expected == may
        leaving = chance.choice([one for one in there if id(one) in may])
        there.remove(leaving)
        may.discard(id(leaving))
        may |= {id(one) for one in lanes.leave(leaving)}
