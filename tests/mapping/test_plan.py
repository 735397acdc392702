"""From an event to requests, or to the reason why there is none."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.core.record import Plan, Rejection
from consumer.core.request import CreateContact, DeleteContact, SendEvent, UpdateContact, idempotency_key
from consumer.mapping.formats.json import Json
from consumer.mapping.formats.rudderstack import RudderStack
from consumer.mapping.formats.segment import Segment
from consumer.mapping.plan import older_ms
from tests.mapping.making import MAY_FIRST_MS, TRIAL, mapping_of, plans_of

SEND = "when: Trial Started, send: trialStarted"


def plan_of(rule: str, event: dict[str, Any] = TRIAL, *, top: str = "format: segment", **message: Any) -> Plan:
    """What one rule makes of an event."""
    (plan,) = plans_of(mapping_of(rule, top=top), event, **message)
    return plan


def event(**properties: Any) -> dict[str, Any]:
    """The trial's event with these properties."""
    return TRIAL | {"properties": properties}


def about(**members: Any) -> dict[str, Any]:
    """The trial's event with these members and no traits."""
    return TRIAL | {"context": {}} | members


def test_an_event_is_sent_with_all_that_the_rule_says() -> None:
    """The names of Loops, the values of the event."""
    lists = "lists: {cm06f5v0e45nf0ml5754o9cix: true, cm06f5v0e45nf0ml5754o9ciy: properties.seats > 9}"
    rule = f"{SEND}, event: {{plan: properties.plan}}, contact: {{seats: properties.seats, vip: false}}, {lists}"

    plan = plan_of(rule)

    assert isinstance(plan, SendEvent)
    assert ("r0", "trialStarted") == (plan.rule, plan.event_name)
    assert ("user@example.com", "u1") == (plan.email, plan.user_id)
    assert {"plan": "pro"} == plan.event
    assert {"seats": 5, "vip": False} == plan.contact
    assert {"cm06f5v0e45nf0ml5754o9cix": True, "cm06f5v0e45nf0ml5754o9ciy": False} == plan.lists


def test_each_call_has_its_request() -> None:
    """And an event without a time limit where it cannot trigger anything twice."""
    rules = [f"when: Trial Started, {call}" for call in ("send: a", "update: true", "create: true", "delete: true")]

    plans = plans_of(mapping_of(*rules), TRIAL)

    assert [SendEvent, UpdateContact, CreateContact, DeleteContact] == [type(plan) for plan in plans]
    assert [86_400, None, None, None] == [plan.max_age_s for plan in plans if not isinstance(plan, Rejection)]


@pytest.mark.parametrize(
    ("text", "max_age_s"), (("90s", 90), ("30m", 1800), ("24h", 86_400), ("7d", 604_800), ("null", None))
)
def test_max_age_is_in_seconds(text: str, max_age_s: float | None) -> None:
    """Whatever its unit in the file."""
    plan = plan_of(f"{SEND}, max_age: {text}")

    assert isinstance(plan, SendEvent)
    assert max_age_s == plan.max_age_s


def test_what_the_event_does_not_have_is_left_out_and_null_resets() -> None:
    """In the contact's properties."""
    plan = plan_of(
        "when: Trial Started, update: true, contact: {a: properties.a, b: properties.b, c: null}", event(a=None)
    )

    assert isinstance(plan, UpdateContact)
    assert {"a": None, "c": None} == plan.contact


def test_subscribed_goes_only_where_the_mapping_says_so() -> None:
    """True would subscribe a person again who had left."""
    silent = plan_of("when: Trial Started, update: true", TRIAL | {"subscribed": True, "traits": {"subscribed": True}})
    told = plan_of("when: Trial Started, update: true, contact: {subscribed: true}")

    assert isinstance(silent, UpdateContact)
    assert isinstance(told, UpdateContact)
    assert b"subscribed" not in (silent.http().body or b"")
    assert {"subscribed": True} == told.contact


@pytest.mark.parametrize(
    ("rule", "given", "reason", "message"),
    (
        (SEND, about(userId=None), "no_contact", "neither email nor userId"),
        (SEND, about(userId=""), "no_contact", "neither email nor userId"),
        (f"{SEND}, identity: userId", TRIAL | {"userId": None}, "no_contact", "no userId"),
        (f"{SEND}, identity: email", about(), "no_contact", "no email"),
        ("when: Trial Started, create: true", about(), "no_contact", "no email"),
        (SEND, about(context={"traits": {"email": "n/a"}}), "value", "email is no address: it needs one @ with"),
        (SEND, about(userId=[1]), "value", "userId is an array"),
        (SEND, about(userId=2**60), "value", "userId is a number past 2^53"),
        (f"{SEND}, event: {{p: properties}}", TRIAL, "value", "event.p is an object"),
        (f"{SEND}, event: {{p: properties.p}}", event(p=None), "value", "event.p is null"),
        (f"{SEND}, contact: {{p: properties.p}}", event(p=[1, 2]), "value", "contact.p is an array"),
        (f"{SEND}, contact: {{p: properties.p}}", event(p="x" * 499), "value", "contact.p is longer than 498"),
        (f"{SEND}, lists: {{cm06f5v0e45nf0ml5754o9cix: properties.p}}", event(p="yes"), "value", "lists.cm06f5v0e45nf"),
        (f"{SEND}, where: properties.p > 1", event(p="many"), "expression", "where: values of different kinds"),
        (
            f"{SEND}, event: {{p: $number(properties.p)}}",
            event(p="x@example.com"),
            "expression",
            "event.p: a value cannot",
        ),
    ),
)
def test_what_cannot_be_made_says_why(rule: str, given: dict[str, Any], reason: str, message: str) -> None:
    """With the rule, a fixed word, and not one value of the event."""
    plan = plan_of(rule, given)

    assert isinstance(plan, Rejection)
    assert ("r0", reason) == (plan.rule, plan.reason)
    assert plan.message.startswith(message)
    assert "example.com" not in plan.message


def test_one_rule_that_cannot_does_not_stop_the_others() -> None:
    """Each rule makes its own request."""
    good, bad = f"{SEND}, event: {{p: properties.plan}}", f"{SEND}, event: {{p: properties}}"

    plans = plans_of(mapping_of(bad, good), TRIAL)

    assert [Rejection, SendEvent] == [type(plan) for plan in plans]


@pytest.mark.parametrize(
    ("identity", "email", "user_id"),
    (("both", "user@example.com", "u1"), ("userId", None, "u1"), ("email", "user@example.com", None)),
)
def test_identity_says_which_identifiers_go(identity: str, email: str | None, user_id: str | None) -> None:
    """The other one stays here, even where it is wrong."""
    plan = plan_of(f"{SEND}, identity: {identity}")

    assert isinstance(plan, SendEvent)
    assert (email, user_id) == (plan.email, plan.user_id)
    assert isinstance(plan_of(f"{SEND}, identity: userId", about(context={"traits": {"email": "n/a"}})), SendEvent)


def test_recipients_let_only_their_addresses_through() -> None:
    """Requests of every kind, those that cannot be made among them; whatever the case of the address."""
    top = 'format: segment\nrecipients: ["*@example.com"]'
    rules = [SEND, "when: Trial Started, delete: true", f"{SEND}, event: {{p: properties}}"]
    stranger = about(context={"traits": {"email": "user@example.org"}})

    assert 3 == len(plans_of(mapping_of(*rules, top=top), about(context={"traits": {"email": "USER@EXAMPLE.COM"}})))
    assert () == plans_of(mapping_of(*rules, top=top), stranger)
    assert () == plans_of(mapping_of(*rules, top=top), about())
    assert () == plans_of(mapping_of(f"{SEND}, identity: userId", top=top), stranger)


def test_the_key_follows_from_rule_event_and_contact() -> None:
    """The event's own id, and its place in the topic where it has none."""
    with_id, without = plan_of(SEND), plan_of(SEND, TRIAL | {"messageId": ""}, at=7, of_partition=3)
    whom: dict[str, Any] = {"event_name": "trialStarted", "email": "user@example.com", "user_id": "u1"}

    assert isinstance(with_id, SendEvent)
    assert isinstance(without, SendEvent)
    assert idempotency_key(rule="r0", event_id="ajs-1", **whom) == with_id.idempotency_key
    assert idempotency_key(rule="r0", event_id="events/3/7", **whom) == without.idempotency_key


def test_the_id_of_a_rule_keeps_its_key_when_it_is_renamed() -> None:
    """It stands in the key instead of the name."""
    plan = plan_of(f"id: old-name, {SEND}")

    assert isinstance(plan, SendEvent)
    assert "old-name" == plan.rule


@pytest.mark.parametrize(
    ("own", "record_ms", "time_ms"),
    (
        ("2026-05-01T10:00:00Z", MAY_FIRST_MS + 5, MAY_FIRST_MS),
        ("2026-05-01T10:00:00Z", MAY_FIRST_MS - 5, MAY_FIRST_MS - 5),
        ("2026-05-01T10:00:00Z", 0, MAY_FIRST_MS),
        ("soon", MAY_FIRST_MS, MAY_FIRST_MS),
        (None, MAY_FIRST_MS, MAY_FIRST_MS),
        (None, 0, 0),
        ("soon", -1, 0),
    ),
)
def test_the_older_of_the_two_times_counts(own: Any, record_ms: int, time_ms: int) -> None:
    """The record's where the event's cannot be read; a record written again is new, its event is not."""
    assert time_ms == older_ms(Segment().time_ms({"timestamp": own}), record_ms)


def test_the_first_time_that_can_be_read_counts() -> None:
    """As the format lists them."""
    document = {"originalTimestamp": "?", "timestamp": "2026-05-01T10:00:00Z", "at": 1}

    assert MAY_FIRST_MS == RudderStack().time_ms(document)
    assert Json(time_paths=(("none", "at"),)).time_ms(document) is None


def test_expressions_see_the_events_time() -> None:
    """Not the clock's."""
    plan = plan_of(f"{SEND}, event: {{at: $millis()}}", time=(1, MAY_FIRST_MS + 99))

    assert isinstance(plan, SendEvent)
    assert {"at": MAY_FIRST_MS} == plan.event
