"""What is to become of one letter."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from consumer.adapters.letter_reading import StoredLetter
from consumer.core.record import Record, Rejection
from consumer.core.request import SendEvent, UpdateContact
from consumer.mapping.again import Again
from consumer.redrive.planning import Left, Planner
from tests.mapping.making import MAY_FIRST_MS, TRIAL, mapping_of, plans_of
from tests.redrive.making import WALL, stored

SEND = "when: Trial Started, send: trialStarted"
UPDATE = "when: Trial Started, update: true, contact: {plan: properties.plan}"
DAY_S = 86_400


def planner(*rules: str, send_stale: bool = False, top: str = "format: segment") -> Planner:
    """One with these rules, ``r0`` and so on."""
    return Planner(Again(mapping_of(*(rules or (SEND, UPDATE)), top=top)), send_stale)


def sent(letter: StoredLetter, wall: float = WALL, *, send_stale: bool = False) -> SendEvent:
    """The one event that is sent for it."""
    plans = planner(send_stale=send_stale).plan(letter, wall)
    assert not isinstance(plans, Left)
    (plan,) = plans
    assert isinstance(plan, SendEvent)
    return plan


def test_the_letter_s_rule_acts_alone_under_the_letter_s_key() -> None:
    """The refusals of its former lives are in it."""
    plan = sent(stored(rule="r0", idempotency_key="given", refusals=2))

    assert ("r0", "given.2") == (plan.rule, plan.http().idempotency_key)
    (update,) = planner().plan(stored(rule="r1"), WALL)  # type: ignore[misc]  # it is no reason to leave it
    assert isinstance(update, UpdateContact)


def test_a_letter_that_never_had_a_key_gets_the_one_of_its_original_place() -> None:
    """As if it had been planned there at first: the same key in any life."""
    record = Record("events", 2, 41, MAY_FIRST_MS, b"key", orjson.dumps({**TRIAL, "messageId": None}))
    (at_first,) = plans_of(
        mapping_of(SEND), orjson.loads(record.value or b""), at=41, of_partition=2, of_topic="events"
    )
    assert isinstance(at_first, SendEvent)

    plan = sent(stored(record=record, stage="map", idempotency_key=None, refusals=0))

    assert at_first.idempotency_key == plan.http().idempotency_key


def test_a_record_that_was_never_read_gets_all_rules() -> None:
    """It has no rule; each event its own key, and no refusals."""
    plans = planner().plan(stored(rule=None, stage="decode", idempotency_key=None, refusals=0), WALL)

    assert plans_of(mapping_of(SEND, UPDATE), TRIAL, at=41, of_partition=2) == plans


def test_a_record_that_its_rule_does_not_want_any_more_comes_to_nothing() -> None:
    """That is final: nothing is to be sent."""
    assert () == planner(SEND + ", where: 'false'").plan(stored(), WALL)


def test_what_cannot_be_mapped_still_is_rejected() -> None:
    """And becomes a letter again."""
    plans = planner("when: Trial Started, send: trialStarted, event: {plan: properties}").plan(stored(), WALL)

    assert isinstance(plans, tuple)
    assert [Rejection] == [type(plan) for plan in plans]


@pytest.mark.parametrize(
    ("letter", "why"),
    (
        (stored(rule="gone"), Left.RULE_GONE),
        (stored(value=False), Left.VALUE_OMITTED),
    ),
)
def test_what_cannot_be_planned_is_left(letter: StoredLetter, why: Left) -> None:
    """Until someone acts."""
    assert why is planner().plan(letter, WALL)


def test_a_topic_that_the_mapping_does_not_know_is_left() -> None:
    """It would be undecodable, and is not."""
    assert Left.TOPIC_UNKNOWN is planner(SEND, top="format: {others: segment}").plan(stored(), WALL)


@pytest.mark.parametrize("rule", (SEND + ", max_age: null", UPDATE, SEND + ", max_age: 7d"))
def test_past_loops_memory_of_keys_any_letter_is_left(rule: str) -> None:
    """Whatever age its rule allows: it may have gone out before, and Loops has forgotten."""
    event_at = MAY_FIRST_MS / 1000

    assert isinstance(planner(rule).plan(stored(), event_at + DAY_S), tuple)
    assert Left.STALE is planner(rule).plan(stored(), event_at + DAY_S + 1)


def test_past_its_rule_s_age_a_letter_is_left() -> None:
    """Unless that is asked for."""
    rule = SEND + ", max_age: 1h"
    event_at = MAY_FIRST_MS / 1000

    assert isinstance(planner(rule).plan(stored(), event_at + 3600), tuple)
    assert Left.STALE is planner(rule).plan(stored(), event_at + 3601)


def test_an_event_that_failed_before_it_is_said_to_have_happened_is_as_old_as_its_failure() -> None:
    """A clock of the product may be wrong; the memory of keys counts from when it was sent."""
    ahead = stored(
        record=replace(
            stored().record,
            timestamp_ms=MAY_FIRST_MS + DAY_S * 1000,
            value=orjson.dumps({**TRIAL, "timestamp": "2026-05-02T10:00:00Z"}),
        )
    )

    assert Left.STALE is planner().plan(ahead, MAY_FIRST_MS / 1000 + DAY_S + 31)


def test_where_it_is_asked_for_age_does_not_matter() -> None:
    """Neither now nor when it leaves."""
    plan = sent(stored(), WALL + 30 * DAY_S, send_stale=True)

    assert plan.max_age_s is None
