"""PostHog's events as they lie on both its topics."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.core.record import Plan, Rejection
from consumer.core.request import SendEvent, idempotency_key
from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.posthog import PostHog
from tests.mapping.formats.law import JSON_VALUES, JUNK, KINDS, NAMES, meant, obeys, told, written
from tests.mapping.making import MAY_FIRST_MS, mapping_of, plans_of

STORED = (
    rb'{"uuid":"018f3c00-0000-7000-8000-000000000001","event":"trial started","properties":"{\"plan\":\"pro\"}",'
    rb'"timestamp":"2026-05-01 10:00:00.000000","team_id":1,"distinct_id":"usr_42",'
    rb'"person_id":"018a0000-0000-7000-8000-000000000002",'
    rb'"person_properties":"{\"email\":\"user@example.com\"}","person_mode":"full"}'
)
INGESTED = (
    rb'{"uuid":"018f3c00-0000-7000-8000-000000000001","distinct_id":"usr_42","data":"{\"event\":\"trial started\",'
    rb"\"properties\":{\"plan\":\"pro\",\"$set\":{\"email\":\"user@example.com\"}},"
    rb'\"timestamp\":\"2026-05-01T10:00:00Z\"}","now":"2026-05-01T10:00:01Z","token":"phc_x"}'
)
EVENT: dict[str, Any] = {"event": "trial started", "distinct_id": "usr_42"}
DEEP = '{"a":' * 2000 + "1" + "}" * 2000


def plans(event: bytes | dict[str, Any]) -> tuple[Plan, ...]:
    """What a rule makes of the event."""
    mapping = mapping_of("when: trial started, send: x, event: {plan: properties.plan}", top="format: posthog")
    return plans_of(mapping, event, time=(0, 0))


def sent(event: bytes | dict[str, Any]) -> SendEvent:
    """The request that a rule makes."""
    (plan,) = plans(event)
    assert isinstance(plan, SendEvent)
    return plan


def document(event: dict[str, Any]) -> dict[str, Any]:
    """What expressions see."""
    return PostHog().document(written(event))


@pytest.mark.parametrize("record", (STORED, INGESTED), ids=("stored", "ingested"))
def test_an_event_of_either_topic_is_read(record: bytes) -> None:
    """With JSON inside strings, and a time without T and Z."""
    plan = sent(record)

    key = idempotency_key(
        rule="r0",
        event_id="018f3c00-0000-7000-8000-000000000001",
        event_name="x",
        email="user@example.com",
        user_id="usr_42",
    )
    assert ("user@example.com", "usr_42", MAY_FIRST_MS) == (plan.email, plan.user_id, plan.event_time_ms)
    assert ({"plan": "pro"}, key) == (plan.event, plan.idempotency_key)


def test_what_is_json_inside_a_string_is_parsed() -> None:
    """Of the event, the person and its groups; an empty string, null and absent are one."""
    event = {
        "properties": '{"a": {"b": [1]}}',
        "person_properties": "",
        "group0_properties": '{"seats": 5}',
        "group1_properties": None,
        "group4_properties": "{}",
        "elements_chain": '{"no": "object"}',
    }

    assert {
        "properties": {"a": {"b": [1]}},
        "group0_properties": {"seats": 5},
        "group4_properties": {},
        "elements_chain": '{"no": "object"}',
    } == document(event)


@pytest.mark.parametrize("damage", ("{", "[]", "5.5", "null", "\ud800", DEEP, 5, [], True))
@pytest.mark.parametrize("member", ("properties", "person_properties", "group3_properties", "data"))
def test_what_should_hold_an_object_and_does_not_is_damage(member: str, damage: Any) -> None:
    """The reason says which and quotes nothing; a ``data`` that is no text is not PostHog's envelope."""
    value = json.dumps({"event": "x", member: damage}).encode()
    if member == "data" and not isinstance(damage, str):
        assert {"event": "x", "data": damage} == PostHog().document(value)
        return

    with pytest.raises(Unreadable, match=rf"^({member}|the value) is "):
        PostHog().event(value, (), None)


def test_what_stands_around_the_event_counts_before_what_is_in_it() -> None:
    """The server has put it right; what is null around it is not there."""
    inner = {"event": "a", "distinct_id": "wrong", "uuid": "wrong", "timestamp": "t", "data": 1, "ip": "1.1.1.1"}
    outer = {"uuid": "u", "distinct_id": "d", "now": "n", "sent_at": None, "ip": None, "data": json.dumps(inner)}

    assert {
        "event": "a",
        "distinct_id": "d",
        "uuid": "u",
        "timestamp": "t",
        "data": 1,
        "ip": "1.1.1.1",
        "now": "n",
    } == document(outer)


@pytest.mark.parametrize(
    ("members", "time_ms"),
    (
        ({"timestamp": "2026-05-01 10:00:00.999999", "now": "x"}, MAY_FIRST_MS + 999),
        ({"timestamp": None, "now": "2026-05-01T10:00:00Z"}, MAY_FIRST_MS),
        ({"timestamp": "soon", "now": "2026-05-01T12:00:00+02:00"}, MAY_FIRST_MS),
        ({"created_at": "2026-05-01 10:00:00"}, 0),
    ),
)
def test_the_time_is_the_events_else_the_servers(members: dict[str, Any], time_ms: int) -> None:
    """Neither known: the record's counts."""
    assert time_ms == sent(EVENT | members).event_time_ms


@pytest.mark.parametrize(
    ("members", "whom"),
    (
        ({"properties": '{"$set": {"email": "a@example.com"}}'}, ("a@example.com", "usr_42")),
        ({"$set": {"email": "a@example.com"}}, ("a@example.com", "usr_42")),
        (
            {"person_properties": '{"email": "p@example.com"}', "properties": '{"$set": {"email": "a@example.com"}}'},
            ("p@example.com", "usr_42"),
        ),
        ({"distinct_id": "a@example.com", "person_id": "018a"}, ("a@example.com", None)),
        (
            {"distinct_id": "a@example.com", "person_properties": '{"email": "p@example.com"}'},
            ("p@example.com", None),
        ),
        ({"distinct_id": "018f", "properties": '{"$user_id": "u1", "$device_id": "018f"}'}, (None, "u1")),
        ({"distinct_id": 42}, (None, "42")),
    ),
)
def test_who_it_is_about(members: dict[str, Any], whom: tuple[str | None, str | None]) -> None:
    """A ``distinct_id`` is a userId or an address."""
    plan = sent(EVENT | members)

    assert whom == (plan.email, plan.user_id)


@pytest.mark.parametrize(
    "members",
    (
        {"distinct_id": "018f3c00-0000-7000-8000-000000000003"},
        {"distinct_id": "17b845b08de74-033c497ed2753c-35667c03-1fa400-17b845b08df8d1"},
        {"distinct_id": "phone-7", "properties": '{"$device_id": "phone-7"}'},
        {"distinct_id": "$posthog_cookieless"},
        {"distinct_id": "cookieless_YWJjZGVmZ2hpag"},
        {"distinct_id": None},
    ),
)
def test_an_anonymous_visitor_makes_no_contact(members: dict[str, Any]) -> None:
    """Nor does the person that PostHog made of them."""
    event = EVENT | members | {"person_id": "018a0000-0000-7000-8000-000000000002"}

    assert (Rejection("no_contact", "neither email nor userId", "r0"),) == plans(event)


@pytest.mark.parametrize("event", ({"event": 5}, {"data": '{"event": 5}'}, {"event": [], "data": '{"event": "x"}'}))
def test_a_name_that_is_no_text_is_damage(event: dict[str, Any]) -> None:
    """Around the event or in it."""
    assert (Rejection("undecodable", "event is not text"),) == plans(event)


def test_the_name_may_stand_around_the_event_too() -> None:
    """Newer servers write it there; then nothing of the event itself is read."""
    record = written({"event": "a", "data": "{damaged"})

    assert ("a", ()) == told(PostHog(), {}, record)
    assert meant(PostHog(), {}, record) is None


def test_rules_compare_fields_of_the_event_on_either_topic() -> None:
    """What is in it counts where nothing is around it."""
    mapping = mapping_of("when: {event: $pageview, team_id: 1}, send: x", top="format: posthog")
    inside = {"distinct_id": "u1", "data": '{"event": "$pageview", "team_id": 1}'}

    assert 1 == len(plans_of(mapping, {"event": "$pageview", "team_id": 1, "distinct_id": "u1"}))
    assert 1 == len(plans_of(mapping, inside))
    assert () == plans_of(mapping, inside | {"team_id": 2})


FIELDS = ("event", "data", "properties", "group1_properties", "team_id")
INNER = st.dictionaries(st.sampled_from((*FIELDS, "now")), NAMES | JSON_VALUES, max_size=4)
TEXTS = INNER.map(lambda inner: json.dumps(inner, ensure_ascii=False))
EVENTS = st.dictionaries(st.sampled_from((*FIELDS, "now")), TEXTS | NAMES | JSON_VALUES, max_size=5)


@given(EVENTS, st.sampled_from(KINDS), st.booleans())
def test_both_ways_agree(event: dict[str, Any], kinds: frozenset[type], by_name_alone: bool) -> None:
    """For any event of either topic, whatever rules compare its fields with."""
    fields = {} if by_name_alone else dict.fromkeys(FIELDS, kinds)

    assert obeys(PostHog(), fields, written(event))


@given(INNER, INNER, st.sampled_from(KINDS))
def test_both_ways_agree_on_the_ingestion_topic(
    inner: dict[str, Any], outer: dict[str, Any], kinds: frozenset[type]
) -> None:
    """Whatever stands around the event and in it."""
    event = {**outer, "data": json.dumps(inner)}

    assert obeys(PostHog(), dict.fromkeys(FIELDS, kinds), written(event))


@given(JUNK)
def test_junk_is_unreadable(value: bytes) -> None:
    """And nothing else is raised, around the event or in it."""
    fields = {"data": KINDS[3]}

    assert obeys(PostHog(), fields, value)
    assert obeys(PostHog(), fields, written({"data": value.decode(errors="replace")}))
