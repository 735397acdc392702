"""Mixpanel's events as they lie on topics."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.core.record import Rejection
from consumer.core.request import SendEvent, idempotency_key
from consumer.mapping.formats.mixpanel import Mixpanel
from tests.mapping.formats.law import JSON_VALUES, JUNK, KINDS, NAMES, obeys, written
from tests.mapping.making import MAY_FIRST_MS, mapping_of, plans_of

SENT = (
    b'{"event":"Trial Started","properties":{"time":1777629600000,"distinct_id":"usr_42","$insert_id":"935d87b1",'
    b'"$email":"user@example.com","plan":"pro"}}'
)
EXPORTED = (
    b'{"event":"Trial Started","properties":{"time":1777629600,"distinct_id":"usr_42","$insert_id":"935d87b1",'
    b'"$device_id":"018f3c00-0000-7000-8000-000000000003","$user_id":"usr_42","email":"user@example.com","plan":"pro",'
    b'"$city":"Springfield","mp_country_code":"US","mp_processing_time_ms":1777629601000,"$import":true}}'
)


def plans(properties: Any) -> Any:
    """What a rule makes of an event with these properties."""
    mapping = mapping_of("when: Trial Started, send: x", top="format: mixpanel")
    return plans_of(mapping, {"event": "Trial Started", "properties": properties}, time=(0, 0), at=3)


@pytest.mark.parametrize("record", (SENT, EXPORTED), ids=("sent", "exported"))
def test_an_event_is_read(record: bytes) -> None:
    """Time in milliseconds or in seconds; the address under either name."""
    mapping = mapping_of("when: Trial Started, send: x, event: {plan: properties.plan}", top="format: mixpanel")
    (plan,) = plans_of(mapping, record, time=(0, 0))

    assert isinstance(plan, SendEvent)
    key = idempotency_key(rule="r0", event_id="935d87b1", event_name="x", email="user@example.com", user_id="usr_42")
    assert ("user@example.com", "usr_42", MAY_FIRST_MS) == (plan.email, plan.user_id, plan.event_time_ms)
    assert ({"plan": "pro"}, key) == (plan.event, plan.idempotency_key)


@pytest.mark.parametrize(
    ("properties", "whom"),
    (
        ({"distinct_id": "a@example.com"}, ("a@example.com", None)),
        ({"distinct_id": "u1", "$email": "", "email": "b@example.com"}, ("b@example.com", "u1")),
        ({"distinct_id": "$device:18f3c", "$user_id": "u1"}, (None, "u1")),
        ({"distinct_id": "18f3c", "$device_id": "18f3c", "email": "b@example.com"}, ("b@example.com", None)),
        ({"distinct_id": 42}, (None, "42")),
    ),
)
def test_who_it_is_about(properties: dict[str, Any], whom: tuple[str | None, str | None]) -> None:
    """A device is nobody; an address is an address."""
    (plan,) = plans(properties)

    assert whom == (plan.email, plan.user_id)


@pytest.mark.parametrize(
    "properties",
    (
        {"distinct_id": "$device:018f3c00-0000-7000-8000-000000000003"},
        {"distinct_id": "018f3c00-0000-7000-8000-000000000003"},
        {"distinct_id": ""},
        {},
        None,
        "text",
    ),
)
def test_an_event_of_nobody_known_makes_no_contact(properties: Any) -> None:
    """Mixpanel's own way to say that it is about nobody is an empty id."""
    assert (Rejection("no_contact", "neither email nor userId", "r0"),) == plans(properties)


def test_without_an_id_of_its_own_the_place_in_the_topic_counts() -> None:
    """And without a time the record's."""
    (plan,) = plans({"distinct_id": "u1", "$insert_id": None, "time": "yesterday"})

    key = idempotency_key(rule="r0", event_id="events/0/3", event_name="x", email=None, user_id="u1")
    assert (key, 0) == (plan.idempotency_key, plan.event_time_ms)


@given(
    st.dictionaries(st.sampled_from(("event", "properties", "project")), NAMES | JSON_VALUES),
    st.sampled_from(KINDS),
)
def test_both_ways_agree(event: dict[str, Any], kinds: frozenset[type]) -> None:
    """For any event, whatever rules compare its fields with."""
    assert obeys(Mixpanel(), {"project": kinds, "properties": kinds}, written(event))


@given(JUNK)
def test_junk_is_unreadable(value: bytes) -> None:
    """And nothing else is raised."""
    assert obeys(Mixpanel(), {"project": KINDS[0]}, value)
