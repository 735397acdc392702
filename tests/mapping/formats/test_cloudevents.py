"""CloudEvents as they lie on topics, structured and binary."""

from __future__ import annotations

import base64
import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.core.record import Headers, Rejection
from consumer.core.request import SendEvent, idempotency_key
from consumer.mapping.envelope import Envelope, Unreadable
from consumer.mapping.formats.cloudevents import CloudEvents
from consumer.mapping.formats.format import Event
from consumer.mapping.message import UNREADABLE_HEADERS
from tests.mapping.agreement import assert_both_ways_agree, glanced, head_of
from tests.mapping.making import MAY_FIRST_MS, mapping_of, wanted

DATA = {"email": "user@example.com", "plan": "pro"}
STRUCTURED: dict[str, Any] = {
    "specversion": "1.0",
    "type": "com.acme.trial.started",
    "source": "/billing",
    "id": "evt-1",
    "time": "2026-05-01T10:00:00Z",
    "subject": "usr_42",
    "datacontenttype": "application/json",
    "data": DATA,
}
BINARY: list[tuple[str, bytes | None]] = [
    ("content-type", b"application/json"),
    *((f"ce_{name}", text.encode()) for name, text in STRUCTURED.items() if name not in {"data", "datacontenttype"}),
]
OF_STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]


def event_of(value: Any, headers: Headers = (), form: CloudEvents | None = None) -> Event:
    """What a record means."""
    content = value if isinstance(value, bytes) else orjson.dumps(value)
    return (form or CloudEvents()).event(content, headers, b"key")


def with_headers(**headers: bytes | None) -> list[tuple[str, bytes | None]]:
    """The headers of the binary event, some of them in another way."""
    changed = {name.replace("content_type", "content-type"): value for name, value in headers.items()}
    return list((dict(BINARY) | changed).items())


def test_a_structured_and_a_binary_event_mean_the_same() -> None:
    """To the last member, with one id."""
    structured = event_of(STRUCTURED, OF_STRUCTURED)

    assert structured == event_of(DATA, BINARY)
    assert structured == event_of(STRUCTURED)
    assert STRUCTURED == structured.document
    assert ("com.acme.trial.started", MAY_FIRST_MS) == (structured.name, structured.time_ms)


@pytest.mark.parametrize(
    ("value", "headers"), ((STRUCTURED, OF_STRUCTURED), (STRUCTURED, None), (DATA, BINARY)), ids=range(3)
)
def test_a_rule_reads_either_with_the_defaults(value: Any, headers: Any) -> None:
    """For whom and when, and with an id that is the event's own."""
    mapping = mapping_of("when: com.acme.trial.started, send: x, event: {plan: data.plan}", top="format: cloudevents")

    found = wanted(mapping, value, with_headers=headers)

    assert found is not None
    (plan,) = found.plans
    assert isinstance(plan, SendEvent)
    assert ("user@example.com", "usr_42", MAY_FIRST_MS) == (plan.email, plan.user_id, plan.event_time_ms)
    assert {"plan": "pro"} == plan.event
    key = idempotency_key(
        rule="r0", event_id='["/billing","evt-1"]', event_name="x", email="user@example.com", user_id="usr_42"
    )
    assert key == plan.idempotency_key


@pytest.mark.parametrize(
    ("data", "user_id"),
    (
        ({"userId": "a", "user_id": "b"}, "a"),
        ({"userId": "", "user_id": "b"}, "b"),
        ({"user_id": 7}, "7"),
        ({"userId": None}, "usr_42"),
        (None, "usr_42"),
        ("text", "usr_42"),
        ([], "usr_42"),
    ),
)
def test_who_it_is_about_stands_in_the_data_or_is_its_subject(data: Any, user_id: str) -> None:
    """The data first: a subject may be something else."""
    mapping = mapping_of("when: com.acme.trial.started, send: x", top="format: cloudevents")

    found = wanted(mapping, STRUCTURED | {"data": data})

    assert found is not None
    assert [user_id] == [getattr(plan, "user_id", plan) for plan in found.plans]


@pytest.mark.parametrize(
    ("source", "own", "event_id"),
    (
        ("/a", "b", '["/a","b"]'),
        ('/a","b', "c", r'["/a\",\"b","c"]'),
        ("/a", 7, '["/a","7"]'),
        ("/a", "", None),
        ("/a", None, None),
        (None, "b", None),
        (5, "b", None),
    ),
)
def test_its_id_is_made_of_source_and_id(source: Any, own: Any, event_id: str | None) -> None:
    """No two pairs make one id; without both there is none."""
    assert event_id == event_of(STRUCTURED | {"source": source, "id": own}).id


@pytest.mark.parametrize(
    ("kind", "value", "data"),
    (
        (b"application/json", b'{"a": 1}', {"a": 1}),
        (b"application/vnd.acme+json;charset=utf-8", b"[1]", [1]),
        (b"Application/JSON", b'"text"', "text"),
        (b"text/plain; charset=utf-8", "é".encode(), "é"),
        (None, b"5", 5),
    ),
)
def test_binary_data_is_json_or_text(kind: bytes | None, value: bytes, data: Any) -> None:
    """As its content type says, JSON where there is none."""
    document = event_of(value, with_headers(content_type=kind)).document

    assert data == document["data"]
    assert (kind.decode() if kind else None) == document.get("datacontenttype")


@pytest.mark.parametrize(
    ("kind", "value"), ((b"application/xml", b"<a/>"), (b"application/avro", b"\x00\xff"), (b"application/json", b""))
)
def test_data_that_no_expression_could_read_is_left_out(kind: bytes, value: bytes) -> None:
    """The attributes are there all the same."""
    event = event_of(value, with_headers(content_type=kind))

    assert "data" not in event.document
    assert "com.acme.trial.started" == event.name


def test_data_out_of_an_encoding_is_json_whatever_its_type() -> None:
    """The envelope has decoded it."""
    form = CloudEvents(envelope=Envelope(encoding="avro"))

    assert DATA == event_of(DATA, with_headers(content_type=b"application/avro"), form).document["data"]


@pytest.mark.parametrize(
    ("headers", "reason"),
    (
        ([("content-type", b"application/cloudevents-batch+json")], "the record is a batch of CloudEvents"),
        ([("content-type", b"application/cloudevents+avro")], "structured in another way than JSON"),
        (with_headers(ce_type=b"\xff"), "a header is not UTF-8"),
        (with_headers(ce_own=b"\xff"), "a header is not UTF-8"),
        (with_headers(content_type=b"text/plain"), "data is text and not UTF-8"),
        (with_headers(content_type=None), "data is not JSON in UTF-8"),
        ([(UNREADABLE_HEADERS, b"1")], "the record's headers cannot be read"),
    ),
    ids=range(7),
)
def test_what_cannot_be_read_says_why(headers: Headers, reason: str) -> None:
    """And quotes nothing."""
    with pytest.raises(Unreadable, match=reason):
        event_of(b"\xff", headers)


def test_headers_are_taken_whatever_their_case_and_the_last_of_several_counts() -> None:
    """One without a value is an attribute that is not set."""
    headers: Headers = (
        *BINARY[1:],
        ("Content-Type", b"application/json"),
        ("CE_Type", b"other"),
        ("ce_subject", None),
        ("ce_traceparent", b"00-1"),
        ("traceparent", b"00-2"),
    )

    event = event_of(DATA, headers)

    assert "other" == event.name
    assert "subject" not in event.document
    assert "00-1" == event.document["traceparent"]


def test_a_header_says_first_which_mode_it_is() -> None:
    """A structured event may have its attributes in headers too."""
    other = STRUCTURED | {"type": "of.the.value"}

    assert "of.the.value" == event_of(other, [*OF_STRUCTURED, *BINARY[1:]]).name
    assert "com.acme.trial.started" == event_of(other, [("ce_type", b"com.acme.trial.started")]).name
    assert "com.acme.trial.started" == event_of(b"{}", BINARY).name
    assert event_of(b"{}", [("ce_specversion", b"1.0")]).name is None


def test_headers_are_no_data() -> None:
    """And are percent-decoded by nobody: that is for HTTP."""
    document = event_of(b"", with_headers(ce_data=b"x", ce_data_base64=b"y", ce_subject=b"a%20b")).document

    assert not document.keys() & {"data", "data_base64"}
    assert "a%20b" == document["subject"]


@pytest.mark.parametrize(
    ("kind", "encoded", "members"),
    (
        ("application/json", b'{"a": 1}', {"data": {"a": 1}}),
        ("text/plain", b"hello", {"data": "hello"}),
        ("application/xml", b"<a/>", {"data_base64": base64.b64encode(b"<a/>").decode()}),
        (None, b"{}", {"data_base64": base64.b64encode(b"{}").decode()}),
    ),
)
def test_data_in_base64_is_decoded_where_its_type_is_known(kind: Any, encoded: bytes, members: Any) -> None:
    """As the data of a binary event is; otherwise it stays what it is."""
    value = {"type": "a", "datacontenttype": kind, "data_base64": base64.b64encode(encoded).decode()}

    assert {"type": "a", "datacontenttype": kind, **members} == event_of(value).document


@pytest.mark.parametrize("encoded", ("?", base64.b64encode(b"{").decode(), base64.b64encode(b"\xff").decode()))
def test_damaged_base64_is_unreadable(encoded: str) -> None:
    """Or what is in it."""
    with pytest.raises(Unreadable):
        event_of({"type": "a", "datacontenttype": "application/json", "data_base64": encoded})


def test_data_that_is_a_text_stays_one() -> None:
    """The specification forbids to look for JSON inside it."""
    assert '{"a": 1}' == event_of(STRUCTURED | {"data": '{"a": 1}'}).document["data"]


@pytest.mark.parametrize("value", ({}, {"type": None}, {"type": "other"}, {"event": "com.acme.trial.started"}))
def test_without_a_type_that_is_wanted_it_is_filtered(value: dict[str, Any]) -> None:
    """So is a null value, a binary event's without data."""
    mapping = mapping_of("when: com.acme.trial.started, send: x", top="format: cloudevents")

    assert wanted(mapping, value) is None
    assert wanted(mapping, None, with_headers=BINARY) is None


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    (
        ({"type": 5}, None, "type is not text"),
        (b"[]", None, "the value is JSON, and no object"),
        (b"{", BINARY, "data is not JSON in UTF-8, or is nested too deep"),
        (b'{"a":' * 5000, BINARY, "data is not JSON in UTF-8, or is nested too deep"),
        (STRUCTURED, [("content-type", b"application/cloudevents-batch")], None),
    ),
    ids=range(5),
)
def test_what_is_damaged_is_rejected(value: Any, headers: Any, reason: str | None) -> None:
    """By no rule."""
    mapping = mapping_of("when: com.acme.trial.started, send: x", top="format: cloudevents")

    found = wanted(mapping, value, with_headers=headers)

    assert found is not None
    (plan,) = found.plans
    assert isinstance(plan, Rejection)
    assert ("undecodable", None) == (plan.reason, plan.rule)
    assert reason in {None, plan.message}


def test_a_binary_event_that_nobody_wants_is_told_by_its_headers() -> None:
    """Its value is not looked at."""
    head = head_of(CloudEvents(), "a")

    assert ["r0"] == glanced(head, b"\xff", [("ce_type", b"a")])
    assert [] == glanced(head, b"\xff", [("ce_type", b"b")])


WHENS = ("a", "'o*'", "{subject: [x, 7, true]}", "{own: x}", "{datacontenttype: 'text/*'}", "{type: a, subject: x}")
HEADS = (
    head_of(CloudEvents(), *WHENS),
    head_of(CloudEvents(), *WHENS, "{data: x}", "{data_base64: x}"),
    head_of(CloudEvents(), "a"),
)
WORDS = st.sampled_from(("a", "other", "x", "7", "", "1.0", "/s", "text/plain", "application/json", "application/xml"))
SCALARS = st.none() | st.booleans() | st.integers(0, 8) | WORDS | st.just(2.5) | st.just("eA==")
NAMES = st.sampled_from(("type", "subject", "own", "data", "data_base64", "datacontenttype", "source", "id", "time"))
VALUES = st.dictionaries(NAMES, SCALARS | st.dictionaries(NAMES, SCALARS) | st.lists(SCALARS, max_size=1)).map(
    orjson.dumps
)
CONTENT_TYPES = st.sampled_from(
    (b"application/json", b"text/plain", b"application/cloudevents+json", b"application/cloudevents-batch", b"\xff")
)
HEADERS = st.lists(
    st.tuples(NAMES.map("ce_{}".format), WORDS.map(str.encode) | st.sampled_from((None, b"\xff")))
    | st.tuples(st.sampled_from(("content-type", "Content-Type")), CONTENT_TYPES | st.none())
    | st.tuples(st.sampled_from(("ce_specversion", "other", "CE_TYPE", UNREADABLE_HEADERS)), st.just(b"a")),
    max_size=6,
)


@given(value=VALUES, headers=HEADERS)
def test_both_ways_agree(value: bytes, headers: Headers) -> None:
    """In any mode, about attributes and about data."""
    assert_both_ways_agree(HEADS, value, headers)


@given(
    value=st.binary(max_size=40) | st.text(alphabet='{}[]":,\\type1a\x00', max_size=30).map(str.encode),
    headers=HEADERS | st.lists(st.tuples(st.text(max_size=5), st.none() | st.binary(max_size=8)), max_size=3),
)
def test_no_bytes_raise_anything_else(value: bytes, headers: Headers) -> None:
    """Junk is unreadable one way or the other."""
    assert_both_ways_agree(HEADS, value, headers)


@given(st.lists(st.tuples(NAMES, SCALARS), max_size=6))
def test_both_ways_agree_on_members_that_stand_twice(members: list[tuple[str, Any]]) -> None:
    """The last one counts."""
    value = "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(inner)}" for name, inner in members) + "}"

    assert_both_ways_agree(HEADS, value.encode())
