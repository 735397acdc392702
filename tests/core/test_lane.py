"""Lanes."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.lane import Lanes
from consumer.core.request import Request
from consumer.core.terms import Priority, Terms
from tests.core.driving import P0, delete, record, send


def _delivery(*lanes: str, request: Request | None = None) -> Delivery:
    return Delivery(request or send("any"), OpenRecord(record(0), P0, 1, 1), lanes)


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


def test_the_heads_are_one_for_each_lane() -> None:
    """One with two identifiers may be the head of both."""
    lanes = Lanes()
    both, behind, other = _delivery("a", "b"), _delivery("a"), _delivery("c")
    for one in (both, behind, other):
        lanes.enter(one)
    assert [both, both, other] == list(lanes.heads())


def test_an_empty_lane_costs_nothing() -> None:
    """Lanes of contacts that have nothing waiting are gone."""
    lanes = Lanes()
    one = _delivery("a", "b")
    lanes.enter(one)
    held = len(lanes)
    lanes.leave(one)
    assert (2, 0) == (held, len(lanes))


def test_what_may_make_a_contact_goes_ahead_of_what_waits_for_it() -> None:
    """The first behind it with another identifier; all others keep their order."""
    lanes = Lanes()
    waiting, between, maker, second = (_delivery(*names) for names in ("u", "u", "eu", "eu"))
    for one in (waiting, between, maker, second):
        lanes.enter(one)
    assert (maker, True) == (lanes.let_pass(waiting), lanes.is_first(maker))
    assert [[waiting], [between], [second], []] == [lanes.leave(one) for one in (maker, waiting, between, second)]


def test_what_goes_ahead_waits_for_its_other_lane() -> None:
    """It may leave when it is first in both."""
    lanes = Lanes()
    before, waiting, maker = (_delivery(*names) for names in ("e", "u", "eu"))
    for one in (before, waiting, maker):
        lanes.enter(one)
    assert (maker, False) == (lanes.let_pass(waiting), lanes.is_first(maker))
    assert [maker] == lanes.leave(before)


def test_nothing_goes_ahead_of_a_delete() -> None:
    """Of the contact by either identifier."""
    for names in ("u", "eu"):
        lanes = Lanes()
        waiting, gone, maker = _delivery("u"), _delivery(*names, request=delete("any", None)), _delivery("e", "u")
        for one in (waiting, gone, maker):
            lanes.enter(one)
        assert (None, True) == (lanes.let_pass(waiting), lanes.is_first(waiting))


def test_where_nothing_has_another_identifier_nothing_goes_ahead() -> None:
    """It would not make the contact either."""
    lanes = Lanes()
    waiting, other = _delivery("u"), _delivery("u")
    lanes.enter(waiting)
    lanes.enter(other)
    assert (None, [waiting]) == (lanes.let_pass(waiting), lanes.firsts(other))


def test_what_had_gone_ahead_can_fall_back() -> None:
    """Right behind the one that let it pass."""
    lanes = Lanes()
    waiting, between, maker = (_delivery(*names) for names in ("u", "u", "eu"))
    for one in (waiting, between, maker):
        lanes.enter(one)
    lanes.let_pass(waiting)
    lanes.put_first(waiting)
    assert [[maker], [between], []] == [lanes.leave(one) for one in (waiting, maker, between)]


def test_who_is_last_in_all_lanes_of_a_new_one() -> None:
    """With no lane beside them; nobody where different ones are last, or none is."""
    lanes = Lanes()
    both, other = _delivery("a", "b"), _delivery("c")
    lanes.enter(both)
    lanes.enter(other)
    asked = [("a", "b"), ("a",), ("a", "c"), ("c",), ("d",)]
    assert [both, None, None, other, None] == [lanes.last(_delivery(*names)) for names in asked]
    lanes.enter(_delivery("b"))
    assert lanes.last(_delivery("a", "b")) is None


def test_others_stand_where_one_stood() -> None:
    """In their order, whoever stands before or behind."""
    lanes = Lanes()
    first, one, last = _delivery("a"), _delivery("a", "b"), _delivery("b")
    for each in (first, one, last):
        lanes.enter(each)
    parts = [_delivery("a", "b"), _delivery("a", "b")]
    lanes.replace(one, parts)
    order = [first, *parts, last]
    assert [[parts[0]], [parts[1]], [last], []] == [lanes.leave(each) for each in order]


def test_who_stands_before_one_and_is_less_urgent() -> None:
    """Up to one that is as urgent: before that all are."""
    lanes = Lanes()
    low, high, normal = (Terms(priority=priority) for priority in (Priority.LOW, Priority.HIGH, Priority.NORMAL))
    of = [("a", low), ("a", high), ("ab", low), ("b", low), ("a", normal), ("ab", high)]
    coming = [_delivery(*names, request=send("any", terms=terms)) for names, terms in of]
    for one in coming:
        lanes.enter(one)
    assert [[], [coming[0]], [], [], [coming[2]]] == [lanes.outranked(one) for one in coming[:5]]
    assert [coming[4], coming[2], coming[3], coming[2]] == lanes.outranked(coming[5])


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
