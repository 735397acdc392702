"""Events of an outbox as Debezium's EventRouter puts them on topics."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.core.record import Headers, Rejection
from consumer.core.request import SendEvent, idempotency_key
from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.format import Event
from consumer.mapping.formats.outbox import Outbox
from consumer.mapping.message import UNREADABLE_HEADERS
from tests.mapping.agreement import assert_both_ways_agree, glanced, head_of
from tests.mapping.making import MAY_FIRST_MS, mapping_of, wanted

ORDER: dict[str, Any] = {"id": 1, "customer": {"email": "user@example.com"}, "items": [{"name": "a"}]}
HEADERS: list[tuple[str, bytes | None]] = [("id", b"4d47e190"), ("eventType", b"OrderCreated")]
TOP = "format: outbox\ncontact: {email: customer.email, userId: _key}"


def event_of(value: Any, headers: Headers = HEADERS, key: bytes | None = b"usr_42") -> Event:
    """What a record means."""
    return Outbox().event(value if isinstance(value, bytes) else orjson.dumps(value), headers, key)


def connect(payload: Any) -> dict[str, Any]:
    """The payload as Connect's converter writes it unless it is told not to."""
    return {"schema": {"type": "string", "optional": False}, "payload": payload}


@pytest.mark.parametrize(
    "value",
    (ORDER, orjson.dumps(ORDER).decode(), connect(ORDER), connect(orjson.dumps(ORDER).decode())),
    ids=("object", "text", "object with schema", "text with schema"),
)
def test_an_event_is_read_whichever_converter_wrote_it(value: Any) -> None:
    """Its name and id are headers, its time the record's, and its key may say who it is about."""
    mapping = mapping_of("when: OrderCreated, send: x, event: {first: 'items[0].name'}", top=TOP)

    found = wanted(mapping, orjson.dumps(value), with_headers=HEADERS, of_key=b"usr_42")

    assert found is not None
    (plan,) = found.plans
    assert isinstance(plan, SendEvent)
    assert ("user@example.com", "usr_42", MAY_FIRST_MS) == (plan.email, plan.user_id, plan.event_time_ms)
    assert {"first": "a"} == plan.event
    key = idempotency_key(
        rule="r0", event_id="4d47e190", event_name="x", email="user@example.com", user_id="usr_42"
    )  # fmt: skip
    assert key == plan.idempotency_key


@pytest.mark.parametrize(
    ("headers", "name"),
    (
        ([("eventType", b"a")], "a"),
        ([("type", b"a")], "a"),
        ([("type", b"b"), ("eventType", b"a")], "a"),
        ([("EVENTTYPE", b"a")], "a"),
        ([("eventType", b"b"), ("eventType", b"a")], "a"),
        ([("eventType", b""), ("type", b"a")], "a"),
        ([("eventType", None)], None),
        ([("event", b"a")], None),
        ([], None),
    ),
    ids=range(9),
)
def test_its_name_stands_in_a_header(headers: Headers, name: str | None) -> None:
    """Under either of the names that EventRouter's documentation gives it; without one it is filtered."""
    assert name == event_of(ORDER, headers).name


@pytest.mark.parametrize(
    ("headers", "event_id"),
    (([("id", b"1"), ("ID", b"2")], "2"), ([("id", None)], None), ([("id", b"")], None), ([], None)),
)
def test_its_id_stands_in_a_header(headers: Headers, event_id: str | None) -> None:
    """Without one its place counts."""
    assert event_id == event_of(ORDER, headers).id


@pytest.mark.parametrize(
    ("key", "text"),
    (
        (b"usr_42", "usr_42"),
        (b"42", "42"),
        (b'"usr_42"', "usr_42"),
        (b'{"schema":{"type":"string"},"payload":"usr_42"}', "usr_42"),
        (b'{"schema":{"type":"int64"},"payload":42}', "42"),
        (b'{"id":42}', '{"id":42}'),
        (b'"half', '"half'),
        (b'{"schema":null,"payload":null}', None),
        (b"\xff", None),
        (b"", None),
        (None, None),
    ),
    ids=range(11),
)
def test_expressions_see_the_key_as_text(key: bytes | None, text: str | None) -> None:
    """Whichever converter wrote it."""
    assert text == event_of(ORDER, key=key).document["_key"]


def test_expressions_see_the_headers() -> None:
    """Under their own names; what is not text does no harm."""
    headers = [*HEADERS, ("tenant", b"acme"), ("odd", b"\xff"), ("none", None)]

    found = event_of(ORDER, headers).document["_headers"]

    assert {"id": "4d47e190", "eventType": "OrderCreated", "tenant": "acme", "odd": "\ufffd", "none": None} == found


def test_the_value_cannot_stand_in_for_key_and_headers() -> None:
    """Its members of these names are not seen."""
    document = event_of(ORDER | {"_key": "other", "_headers": {"eventType": "other"}}).document

    assert ("usr_42", "OrderCreated") == (document["_key"], document["_headers"]["eventType"])


@pytest.mark.parametrize("value", (connect(None), b"null", {}))
def test_an_event_may_have_no_payload(value: Any) -> None:
    """Its name and its key say enough."""
    assert {"_key", "_headers"} == event_of(value).document.keys()


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    (
        (b"[]", HEADERS, "the value is JSON, and no object"),
        (b"5", HEADERS, "the value is JSON, and no object"),
        (b'"text"', HEADERS, "the text in the value is not JSON in UTF-8, or is nested too deep"),
        (b'""', HEADERS, "the text in the value is empty"),
        (b"\x00\x00\x00\x00\x01", HEADERS, "the value is not JSON in UTF-8, or is nested too deep"),
        (b'{"a":' * 5000, HEADERS, "the value is not JSON in UTF-8, or is nested too deep"),
        (b"{}", [("eventType", b"OrderCreated"), ("id", b"\xff")], "a header is not UTF-8"),
        (b"{}", [("eventType", b"\xff")], "a header is not UTF-8"),
        (b"{}", [(UNREADABLE_HEADERS, b"1")], "the record's headers cannot be read"),
    ),
    ids=range(9),
)
def test_what_is_damaged_is_rejected(value: bytes, headers: Any, reason: str) -> None:
    """By no rule."""
    found = wanted(mapping_of("when: OrderCreated, send: x", top=TOP), value, with_headers=headers)

    assert found is not None
    assert (Rejection("undecodable", reason),) == found.plans


def test_an_event_that_nobody_wants_is_told_by_its_headers() -> None:
    """Its value is not looked at, and a null one is filtered."""
    mapping = mapping_of("when: OrderCreated, send: x", top=TOP)

    assert wanted(mapping, b"\xff", with_headers=[("eventType", b"Other")]) is None
    assert wanted(mapping, None, with_headers=HEADERS) is None
    assert ["r0"] == glanced(head_of(Outbox(), "a"), b"\xff", [("type", b"a")])


def test_a_rule_may_ask_for_fields() -> None:
    """Of the value too, and for the key."""
    mapping = mapping_of("when: {status: paid}, send: x", "when: {_key: usr_42}, send: y", top=TOP)

    found = wanted(mapping, {"status": "paid"}, with_headers=HEADERS, of_key=b"usr_42")

    assert found is not None
    assert ["x", "y"] == [getattr(plan, "event_name", plan) for plan in found.plans]
    with pytest.raises(Unreadable):
        Outbox().glance({"_key": frozenset({str})}).read(b"{}", ())


WHENS = ("a", "'b*'", "{status: [x, true, 1]}", "{_headers: x}", "{payload: x}")
HEADS = (
    head_of(Outbox(), "a", "'b*'"),
    head_of(Outbox(), *WHENS),
    head_of(Outbox(), *WHENS, "{_key: key}"),
)
SCALARS = st.none() | st.booleans() | st.sampled_from((1, 0, 1.0, 2.5, "x", "", "{}", '{"status":"x"}'))
OBJECTS = st.dictionaries(st.sampled_from(("status", "_key", "_headers", "payload", "schema")), SCALARS)
VALUES = (
    OBJECTS | SCALARS | OBJECTS.map(connect) | OBJECTS.map(lambda found: connect(orjson.dumps(found).decode()))
).map(orjson.dumps)
NAMED = st.lists(
    st.tuples(
        st.sampled_from(("eventType", "type", "id", "TYPE", "other", UNREADABLE_HEADERS)),
        st.sampled_from((b"a", b"b1", b"", b"\xff", None)),
    ),
    max_size=4,
)


@given(value=VALUES, headers=NAMED)
def test_both_ways_agree(value: bytes, headers: Headers) -> None:
    """About names and fields."""
    assert_both_ways_agree(HEADS, value, headers)


@given(
    value=st.binary(max_size=40) | st.text(alphabet='{}[]":,\\payload\x00', max_size=30).map(str.encode),
    headers=NAMED | st.lists(st.tuples(st.text(max_size=5), st.none() | st.binary(max_size=8)), max_size=3),
    key=st.none() | st.binary(max_size=8) | st.text(alphabet='{}":,\\payload1', max_size=12).map(str.encode),
)
def test_no_bytes_raise_anything_else(value: bytes, headers: Headers, key: bytes | None) -> None:
    """Junk is unreadable one way or the other, and a key never."""
    assert_both_ways_agree(HEADS, value, headers)
    assert "_key" in event_of(b"{}", (), key).document
