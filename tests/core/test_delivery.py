"""Deliveries, and records that wait for them."""

from __future__ import annotations

import itertools

import orjson
import pytest

from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.effect import Fate
from consumer.core.request import Request
from tests.core.driving import P0, WALL, delete, record, send, update


def _delivery(plan: Request) -> Delivery:
    return Delivery(plan, OpenRecord(record(0), P0, 1, 1), plan.lanes)


@pytest.mark.parametrize("fates", tuple(itertools.permutations([Fate.STALE, Fate.DELIVERED, Fate.UNCHANGED])))
def test_a_record_takes_the_fate_that_weighs_most_in_any_order(fates: tuple[Fate, ...]) -> None:
    """And the rule that gave it."""
    of = OpenRecord(record(0), P0, 1, 3)
    finished = []
    for plan, fate in enumerate(fates):
        of.finish_plan(plan, fate, fate.value)
        finished.append(of.finished)
    assert ([False, False, True], Fate.DELIVERED, "delivered") == (finished, of.fate, of.rule)


def test_only_a_delete_by_user_with_a_known_address_turns_to_email() -> None:
    """Once."""
    both = _delivery(delete("u", "user@example.com"))
    assert (True, False) == (both.turn_to_email(), both.turn_to_email())
    assert (False, False) == (_delivery(delete("u", None)).turn_to_email(), _delivery(send("u")).turn_to_email())


def test_stale_is_older_than_its_rule_allows() -> None:
    """By the wall clock; without a bound never."""
    bounded, unbounded = _delivery(send("u", max_age_s=60)), _delivery(send("u"))
    assert (False, True, False) == (
        bounded.is_stale(WALL + 60),
        bounded.is_stale(WALL + 60.5),
        unbounded.is_stale(WALL + 1e9),
    )


def test_a_rule_that_dropped_a_record_is_named() -> None:
    """Though a record that no rule wants has the same fate."""
    of = OpenRecord(record(0), P0, 1, 2)
    of.finish_plan(0, Fate.FILTERED, "dropped")
    of.finish_plan(1, Fate.FILTERED, "other")
    assert (Fate.FILTERED, "dropped") == (of.fate, of.rule)


def test_what_carries_others_says_what_all_of_them_say() -> None:
    """It is their last part; what is carried carries nothing itself."""
    first, second, event = (_delivery(one) for one in (update("u", contact={"p": 1}), update("u"), send("u")))
    second.carry(first)
    event.carry(second)
    assert ((first, second, event), (second,), [first.of, second.of, event.of]) == (
        event.parts,
        second.parts,
        event.records,
    )
    assert {"userId": "u", "eventName": "trialStarted", "p": 1, "plan": "pro"} == orjson.loads(event.http().body or b"")


def test_taken_apart_each_part_says_what_is_its_own() -> None:
    """Its failures as one count against none of them."""
    older, event = _delivery(update("u")), _delivery(send("u"))
    event.carry(older)
    event.failures = 3
    assert (older, event) == event.take_apart()
    assert ((event,), send("u").http(), 0) == (event.parts, event.http(), event.failures)
    assert [True, True] == [older.sealed, event.sealed]
