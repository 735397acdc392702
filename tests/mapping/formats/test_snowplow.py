"""Snowplow's enriched events as they lie on topics."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.core.record import Plan, Rejection
from consumer.core.request import SendEvent, idempotency_key
from consumer.mapping.formats.snowplow import Snowplow
from consumer.mapping.formats.snowplow_tsv import COLUMNS
from tests.mapping.formats.law import JSON_VALUES, JUNK, KINDS, NAMES, obeys, told, written
from tests.mapping.making import MAY_FIRST_MS, mapping_of, plans_of

IN_JSON = (
    b'{"app_id":"web","event":"unstruct","event_name":"trial_started","event_vendor":"com.acme",'
    b'"event_id":"c6ef3124-b53a-4b13-a233-0088f79dcbcb","user_id":"usr_42",'
    b'"derived_tstamp":"2026-05-01T10:00:00.000Z","unstruct_event_com_acme_trial_started_1":{"plan":"pro"},'
    b'"contexts_com_acme_user_1":[{"email":"user@example.com"}]}'
)
CELLS = {
    "app_id": "web",
    "event": "unstruct",
    "event_name": "trial_started",
    "event_vendor": "com.acme",
    "event_id": "c6ef3124-b53a-4b13-a233-0088f79dcbcb",
    "user_id": "usr_42",
    "derived_tstamp": "2026-05-01 10:00:00.000",
    "unstruct_event": json.dumps(
        {"data": {"schema": "iglu:com.acme/trial_started/jsonschema/1-0-0", "data": {"plan": "pro"}}}
    ),
    "contexts": json.dumps(
        {"data": [{"schema": "iglu:com.acme/user/jsonschema/1-0-0", "data": {"email": "user@example.com"}}]}
    ),
}
TOP = "format: snowplow\ncontact: {email: 'contexts_com_acme_user_1[0].email'}"


def row(cells: dict[str, str]) -> bytes:
    """An event in columns with these cells; the others are empty."""
    return "\t".join((dict.fromkeys(COLUMNS, "") | cells)[name] for name in COLUMNS).encode()


def plans(event: bytes | dict[str, Any], when: str = "trial_started") -> tuple[Plan, ...]:
    """What a rule makes of the event."""
    plan = "event: {plan: unstruct_event_com_acme_trial_started_1.plan}"
    return plans_of(mapping_of(f"when: {when}, send: x, {plan}", top=TOP), event, time=(0, 0))


@pytest.mark.parametrize("record", (IN_JSON, row(CELLS)), ids=("json", "tsv"))
def test_an_event_is_read(record: bytes) -> None:
    """Both ways of writing are one event."""
    (plan,) = plans(record)

    assert isinstance(plan, SendEvent)
    key = idempotency_key(
        rule="r0",
        event_id="c6ef3124-b53a-4b13-a233-0088f79dcbcb",
        event_name="x",
        email="user@example.com",
        user_id="usr_42",
    )
    assert ("user@example.com", "usr_42", MAY_FIRST_MS) == (plan.email, plan.user_id, plan.event_time_ms)
    assert ({"plan": "pro"}, key) == (plan.event, plan.idempotency_key)


def test_both_ways_of_writing_are_one_document() -> None:
    """To the last member."""
    assert Snowplow().document(IN_JSON) == Snowplow().document(row(CELLS))


@pytest.mark.parametrize(
    "when",
    (
        "{event_name: trial_started}",
        "{event_vendor: com.acme, event_name: 'trial_*'}",
        "{app_id: [web, ios], event: unstruct}",
    ),
)
@pytest.mark.parametrize("record", (IN_JSON, row(CELLS)), ids=("json", "tsv"))
def test_rules_compare_columns(record: bytes, when: str) -> None:
    """An event's name is unique within its vendor alone."""
    assert 1 == len(plans(record, when))
    assert () == plans(record, when.replace("}", ", platform: tv}"))


@pytest.mark.parametrize(
    ("cells", "time_ms"),
    (
        ({"collector_tstamp": "2026-05-01 10:00:00.000", "derived_tstamp": ""}, MAY_FIRST_MS),
        ({"collector_tstamp": "2026-05-01 10:00:09.000"}, MAY_FIRST_MS),
        ({"derived_tstamp": "soon"}, 0),
    ),
)
def test_the_time_is_the_derived_one_else_the_collectors(cells: dict[str, str], time_ms: int) -> None:
    """The collector's clock is right, if late."""
    (plan,) = plans(row(CELLS | cells))

    assert isinstance(plan, SendEvent)
    assert time_ms == plan.event_time_ms


@pytest.mark.parametrize(
    ("user_id", "whom"), (("usr_42", (None, "usr_42")), ("a@example.com", ("a@example.com", None)))
)
def test_no_address_has_a_place_of_its_own(user_id: str, whom: tuple[str | None, str | None]) -> None:
    """But where people are called by theirs."""
    mapping = mapping_of("when: trial_started, send: x", top="format: snowplow")
    (plan,) = plans_of(mapping, row(CELLS | {"user_id": user_id}))

    assert isinstance(plan, SendEvent)
    assert whom == (plan.email, plan.user_id)


def test_who_is_known_by_a_cookie_alone_is_nobody() -> None:
    """Loops would make a contact of each visitor."""
    mapping = mapping_of("when: trial_started, send: x", top="format: snowplow")
    nobody = {"user_id": "", "domain_userid": "bc2e92ec6c204a14", "network_userid": "ecdff4d0"}

    assert (Rejection("no_contact", "neither email nor userId", "r0"),) == plans_of(mapping, row(CELLS | nobody))


@pytest.mark.parametrize(
    ("value", "why"),
    (
        (b"", "the value is empty"),
        (b"{", "the value is not JSON in UTF-8, or is nested too deep"),
        (b"[]", "the value is no JSON object, and has 1 columns and not 131"),
        (row(CELLS) + b"\t", "the value is no JSON object, and has 132 columns and not 131"),
        (row(CELLS | {"contexts": "{"}), "contexts is not JSON in UTF-8, or is nested too deep"),
        (b'{"event_name": 5}', "event_name is not text"),
    ),
)
def test_damage_is_told(value: bytes, why: str) -> None:
    """With what was found and what is wanted."""
    assert (Rejection("undecodable", why),) == plans(value)


def test_damage_in_an_event_that_no_rule_wants_is_passed_over() -> None:
    """The name alone is read."""
    assert () == plans(row(CELLS | {"event_name": "page_view", "contexts": "{"}))
    assert ("page_view", ()) == told(Snowplow(), {}, row({"event_name": "page_view", "txn_id": "x"}))


FIELDS = ("app_id", "txn_id", "geo_location", "br_cookies", "event_name", "unstruct_event_a_b_1", "contexts_a_b_1")
SCHEMA = "iglu:a/b/jsonschema/1-0-0"


@given(
    st.dictionaries(
        st.sampled_from(("app_id", "txn_id", "geo_latitude", "geo_longitude", "br_cookies", "event_name")),
        st.sampled_from(("1", "0", "7", "x", "é", "")),
    ),
    JSON_VALUES,
    st.sampled_from((*KINDS, None)),
)
def test_both_ways_agree_on_columns(cells: dict[str, str], data: Any, kinds: frozenset[type] | None) -> None:
    """For any event, whatever rules compare its fields with, the event's own data among them."""
    own = {"unstruct_event": json.dumps({"data": {"schema": SCHEMA, "data": data}})} if data else {}
    entities = {"contexts": json.dumps({"data": [{"schema": SCHEMA, "data": data}]})} if data else {}

    assert obeys(Snowplow(), {} if kinds is None else dict.fromkeys(FIELDS, kinds), row(cells | own | entities))


@given(st.dictionaries(st.sampled_from(FIELDS), NAMES | JSON_VALUES), st.sampled_from(KINDS))
def test_both_ways_agree_on_json(event: dict[str, Any], kinds: frozenset[type]) -> None:
    """For any event, whatever rules compare its fields with."""
    assert obeys(Snowplow(), dict.fromkeys(FIELDS, kinds), written(event))


@given(JUNK, st.integers(125, 135))
def test_junk_is_unreadable(value: bytes, columns: int) -> None:
    """And nothing else is raised, in whatever number of columns."""
    for record in (value, b"\t".join([value.replace(b"\t", b"")] * columns)):
        assert obeys(Snowplow(), dict.fromkeys(FIELDS, KINDS[3]), record)
