"""The quick look says what the slow one says, or that it cannot tell."""

from __future__ import annotations

import dataclasses
import gzip
import json
import zlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.core.record import Record
from consumer.mapping.envelope import PARTS_MAX, Envelope, Unreadable
from consumer.mapping.formats.known import FORMATS
from consumer.mapping.head import KEY_CHARACTERS_MAX, MEMO_MAX, Head, Unsure
from tests.mapping.agreement import assert_both_ways_agree
from tests.mapping.making import TRIAL, mapping_of

RULES = (
    "when: Trial Started, send: a",
    "when: 'Order *', send: b",
    "when: {type: page, name: Pricing}, send: c",
    "when: {premium: true}, send: d",
    "when: {level: [1, 2.5]}, send: e",
    "when: {mixed: [true, 7]}, send: f",
    "when: {type: identify}, update: true",
)
SEGMENT = mapping_of(*RULES)
OWN = mapping_of(*RULES, top="format: {name: json, event: meta.name}\ncontact: {email: email}")
DEEP = mapping_of(
    "when: a, send: a", "when: {meta: x}, send: b", top="format: {name: json, event: meta.in.name}\ncontact: {email: e}"
)

WORDS = st.sampled_from(("Trial Started", "Order X", "Pricing", "track", "page", "identify", "x", "a", ""))
VALUES = st.none() | st.booleans() | st.integers(0, 8) | st.sampled_from((1.0, 2.5)) | WORDS
NESTED = st.dictionaries(st.sampled_from(("name", "in")), VALUES | st.dictionaries(st.just("name"), VALUES))
EVENTS = st.dictionaries(
    st.sampled_from(("type", "event", "name", "premium", "level", "mixed", "meta")),
    VALUES | st.lists(VALUES, max_size=2) | NESTED,
)


def head_of(mapping: Any) -> Head:
    """A head for the mapping's one format."""
    return Head(mapping.formats, mapping.rules)


def quick(head: Head, value: bytes) -> Any:
    """Names of the rules; that the value is unreadable; or that it cannot tell."""
    try:
        return [rule.name for rule in head.wanting(head.look(value))]
    except Unsure:
        return "unsure"
    except Unreadable:
        return "unreadable"


def slow(head: Head, value: bytes) -> Any:
    """The same by decoding everything."""
    try:
        return [rule.name for rule in head.wanting_event(head.event(Record("events", 0, 0, 0, None, value)))]
    except Unreadable:
        return "unreadable"


@pytest.mark.parametrize("mapping", (SEGMENT, OWN, DEEP), ids=("segment", "own", "deep"))
@given(event=EVENTS)
def test_both_ways_agree(mapping: Any, event: dict[str, Any]) -> None:
    """For any event, the first time and from the memo."""
    head, value = head_of(mapping), orjson.dumps(event)

    for _ in range(2):
        assert quick(head, value) in ["unsure", slow(head, value)]


@given(st.lists(st.tuples(st.sampled_from(("type", "event", "level")), VALUES), max_size=5))
def test_both_ways_agree_on_names_that_stand_twice(members: list[tuple[str, Any]]) -> None:
    """The last one counts."""
    value = ("{" + ", ".join(f"{json.dumps(key)}: {json.dumps(inner)}" for key, inner in members) + "}").encode()
    head = head_of(SEGMENT)

    assert quick(head, value) in ["unsure", slow(head, value)]


@given(st.binary(max_size=40) | st.text(alphabet='{}[]":,\\utype1e\x00', max_size=30).map(str.encode))
def test_no_bytes_raise_anything_else(value: bytes) -> None:
    """Junk is unreadable one way or the other."""
    head = head_of(SEGMENT)

    assert quick(head, value) is not None
    assert slow(head, value) is not None


@pytest.mark.parametrize(
    "value",
    (b'{"premium": 1}', b'{"mixed": true}', b'{"mixed": 7}', b'{"event": 5}', b"", b"null", b"[" * 5000, b"\xff"),
)
def test_where_it_cannot_tell_it_says_so(value: bytes) -> None:
    """Rather than be wrong."""
    assert "unsure" == quick(head_of(SEGMENT), value)


def test_a_null_value_is_unsure_too() -> None:
    """So that a tombstone costs the hot path no question."""
    with pytest.raises(Unsure):
        head_of(SEGMENT).look(None)


def test_escapes_are_read() -> None:
    """In names of members as in values."""
    assert ["r0"] == quick(head_of(SEGMENT), rb'{"t\u0079pe":"track","\u0065vent":"Trial\u0020Started"}')


def test_true_and_one_are_told_apart_in_the_memo() -> None:
    """In Python they are equal, and would be one key."""
    head = head_of(SEGMENT)
    events = (
        {"level": 1},
        {"level": True},
        {"level": 1.0},
        {"premium": True},
        {"premium": 1},
        {"mixed": 1},
        {"mixed": True},
    )

    found = [
        slow(head, orjson.dumps(event))
        if quick(head, orjson.dumps(event)) == "unsure"
        else quick(head, orjson.dumps(event))
        for event in events
    ]

    assert [["r4"], [], ["r4"], ["r3"], [], [], ["r5"]] == found


def test_the_memo_is_bounded_and_takes_no_long_names() -> None:
    """An event name per record must not fill the memory."""
    head = head_of(SEGMENT)
    quick(head, orjson.dumps(TRIAL | {"event": "x" * (KEY_CHARACTERS_MAX + 1)}))
    assert not head.memo

    for number in range(MEMO_MAX + 5):
        quick(head, orjson.dumps({"type": "track", "event": str(number)}))

    assert 5 == len(head.memo)


def test_only_what_tells_is_read() -> None:
    """Damage elsewhere is not looked at."""
    assert [] == quick(head_of(SEGMENT), b'{"type":"track","event":"Other","userId":"\xff\xfe"}')


def packed(head: Head, envelope: Envelope) -> Head:
    """The head of a topic whose values lie in this envelope."""
    return Head(dataclasses.replace(head.form, envelope=envelope), SEGMENT.rules)


GZIPPED = packed(head_of(SEGMENT), Envelope("gzip"))
WRAPPED = packed(head_of(SEGMENT), Envelope(wrapped=True))
BOTH = packed(head_of(SEGMENT), Envelope("zlib", wrapped=True))


@given(event=EVENTS)
def test_both_ways_agree_about_what_lies_in_an_envelope(event: dict[str, Any]) -> None:
    """Both take it away first; a value that should be wrapped and is not counts as it is."""
    value, plain = orjson.dumps(event), head_of(SEGMENT)
    wrapped = orjson.dumps(value.decode())

    for head, content in ((GZIPPED, gzip.compress(value)), (WRAPPED, wrapped), (WRAPPED, value)):
        assert_both_ways_agree([head], content)
        assert slow(plain, value) == slow(head, content)
    assert_both_ways_agree([BOTH], zlib.compress(wrapped))
    assert slow(plain, value) == slow(BOTH, zlib.compress(wrapped))


@given(st.binary(max_size=40) | st.binary(max_size=40).map(gzip.compress) | st.binary(max_size=40).map(zlib.compress))
def test_no_envelope_raises_anything_else(value: bytes) -> None:
    """Junk around junk is unreadable one way or the other."""
    assert_both_ways_agree([GZIPPED, WRAPPED, BOTH], value)


def test_a_head_made_for_opened_values_takes_no_envelope_away() -> None:
    """As those of the mapping's own tests come."""
    head = Head(GZIPPED.form, SEGMENT.rules, opened=True)

    assert not head.of_message
    assert ["r0"] == quick(head, orjson.dumps(TRIAL))


def test_a_value_of_too_many_parts_is_not_decoded() -> None:
    """Ten megabytes of empty arrays would be some 200 MB of them; what is large and has few parts is read."""
    head = Head(FORMATS["json"], ())
    many = b'{"a":[' + b"[]," * (PARTS_MAX // 2 + 1) + b"[]]}"
    large = b'{"a":"' + b"x" * 10_000_000 + b'"}'

    with pytest.raises(Unreadable, match="more than 500000 commas and opening brackets"):
        head.event(Record("t", 0, 0, 0, b"key", many, ()))
    assert 10_000_000 == len(head.event(Record("t", 0, 0, 0, b"key", large, ())).document["a"])
