"""Amplitude's events as they lie on topics."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.core.record import Rejection
from consumer.core.request import SendEvent, idempotency_key
from consumer.mapping.formats.amplitude import Amplitude
from tests.mapping.formats.law import JSON_VALUES, JUNK, KINDS, NAMES, obeys, written
from tests.mapping.making import MAY_FIRST_MS, mapping_of, plans_of

SENT = (
    b'{"event_type":"Trial Started","user_id":"usr_42","device_id":"d1","insert_id":"i-1","time":1777629600000,'
    b'"event_properties":{"plan":"pro"},"user_properties":{"email":"user@example.com"}}'
)
EXPORTED = (
    b'{"event_type":"Trial Started","user_id":"usr_42","device_id":"d1","$insert_id":"i-1","uuid":"b1","$schema":12,'
    b'"event_time":"2026-05-01 10:00:00.000000","amplitude_id":7,"groups":{},"library":"amplitude-js/8.1.0",'
    b'"event_properties":{"plan":"pro"},"user_properties":{"email":"user@example.com"}}'
)
EVENT: dict[str, Any] = {"event_type": "Trial Started", "user_id": "usr_42"}


def sent(event: bytes | dict[str, Any]) -> SendEvent:
    """The request that a rule makes."""
    mapping = mapping_of("when: Trial Started, send: x, event: {plan: event_properties.plan}", top="format: amplitude")
    (plan,) = plans_of(mapping, event, time=(0, 0), at=3)
    assert isinstance(plan, SendEvent)
    return plan


def key_of(event_id: str, email: str | None = "user@example.com") -> str:
    """The key of the one request here."""
    return idempotency_key(rule="r0", event_id=event_id, event_name="x", email=email, user_id="usr_42")


@pytest.mark.parametrize("record", (SENT, EXPORTED), ids=("sent", "exported"))
def test_an_event_is_read(record: bytes) -> None:
    """As it was sent to Amplitude, and as it comes out again."""
    plan = sent(record)

    assert ("user@example.com", "usr_42", MAY_FIRST_MS) == (plan.email, plan.user_id, plan.event_time_ms)
    assert ({"plan": "pro"}, key_of("i-1")) == (plan.event, plan.idempotency_key)


@pytest.mark.parametrize(
    ("members", "event_id"),
    (
        ({"insert_id": "a", "$insert_id": "b", "uuid": "c"}, "a"),
        ({"insert_id": None, "$insert_id": "b", "uuid": "c"}, "b"),
        ({"insert_id": "", "$insert_id": None, "uuid": "c"}, "c"),
        ({"event_id": 7}, "events/0/3"),
    ),
)
def test_the_id_is_the_producers_else_that_of_the_export(members: dict[str, Any], event_id: str) -> None:
    """``event_id`` counts the events of one device: it is none."""
    assert key_of(event_id, None) == sent(EVENT | members).idempotency_key


@pytest.mark.parametrize(
    ("members", "whom"),
    (
        ({"user_properties": {"$set": {"email": "a@example.com"}}}, ("a@example.com", "usr_42")),
        ({"user_properties": {"email": "", "$set": {"email": "a@example.com"}}}, ("a@example.com", "usr_42")),
        ({"user_id": "a@example.com"}, ("a@example.com", None)),
        ({"user_id": "a@example.com", "user_properties": {"email": "b@example.com"}}, ("b@example.com", None)),
        ({"user_id": 42}, (None, "42")),
        ({"user_properties": None}, (None, "usr_42")),
        ({"user_properties": "x"}, (None, "usr_42")),
    ),
)
def test_a_user_id_may_be_an_address(members: dict[str, Any], whom: tuple[str | None, str | None]) -> None:
    """And the address may be set by this very event."""
    plan = sent(EVENT | members)

    assert whom == (plan.email, plan.user_id)


@pytest.mark.parametrize("user_id", (None, ""))
def test_a_device_is_nobody(user_id: str | None) -> None:
    """Loops would make a contact of each visitor."""
    mapping = mapping_of("when: Trial Started, send: x", top="format: amplitude")

    assert (Rejection("no_contact", "neither email nor userId", "r0"),) == plans_of(
        mapping, {"event_type": "Trial Started", "device_id": "d1", "user_id": user_id}
    )


@pytest.mark.parametrize(
    ("members", "time_ms"),
    (
        ({"time": -1, "event_time": "2026-05-01 10:00:00"}, MAY_FIRST_MS),
        ({"time": "soon"}, 0),
        ({"time": 1e300}, 0),
        ({}, 0),
    ),
)
def test_a_time_that_is_none_is_not_known(members: dict[str, Any], time_ms: int) -> None:
    """The record's own counts then."""
    assert time_ms == sent(EVENT | members).event_time_ms


@pytest.mark.parametrize("name", (5, [], {}, True))
def test_a_name_that_is_no_text_is_damage(name: Any) -> None:
    """The reason quotes nothing."""
    mapping = mapping_of("when: Trial Started, send: x", top="format: amplitude")

    assert (Rejection("undecodable", "event_type is not text"),) == plans_of(mapping, {"event_type": name})


@given(
    st.dictionaries(st.sampled_from(("event_type", "user_id", "platform")), NAMES | JSON_VALUES),
    st.sampled_from(KINDS),
)
def test_both_ways_agree(event: dict[str, Any], kinds: frozenset[type]) -> None:
    """For any event, whatever rules compare its fields with."""
    assert obeys(Amplitude(), {"platform": kinds, "user_id": kinds}, written(event))


@given(JUNK)
def test_junk_is_unreadable(value: bytes) -> None:
    """And nothing else is raised."""
    assert obeys(Amplitude(), {"platform": KINDS[0]}, value)
