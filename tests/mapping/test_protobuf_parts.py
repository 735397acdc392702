"""What is counted of a value in Protobuf before it is read, held against what Protobuf writes."""

from __future__ import annotations

from typing import Any, Final

import pytest

from consumer.mapping.envelope import PARTS_MAX, Unreadable
from consumer.mapping.protobuf_parts import ProtobufParts
from tests.fakes.protobuf_schemas import EVENT, PERSON, classes_of

WIDE: Final = "".join(
    f'field {{ name: "w{number}" number: {number + 1} type: TYPE_STRING label: LABEL_OPTIONAL }}'
    for number in range(60)
)
FILE: Final = f"""
name: "many.proto" package: "p" syntax: "proto2" dependency: "confluent/type/decimal.proto"
enum_type {{ name: "E" value {{ name: "{"E" * 10_000}" number: 0 }} value {{ name: "F" number: 1 }} }}
message_type {{ name: "Nothing" extension_range {{ start: 100 end: 200 }} }}
message_type {{ name: "Wide" {WIDE} }}
message_type {{
  name: "Many"
  field {{ name: "nothing" number: 1 type: TYPE_MESSAGE type_name: ".p.Nothing" label: LABEL_REPEATED }}
  field {{ name: "wide" number: 2 type: TYPE_MESSAGE type_name: ".p.Wide" label: LABEL_REPEATED }}
  field {{ name: "flag" number: 3 type: TYPE_BOOL label: LABEL_REPEATED }}
  field {{ name: "double" number: 4 type: TYPE_DOUBLE label: LABEL_REPEATED }}
  field {{ name: "plan" number: 5 type: TYPE_ENUM type_name: ".p.E" label: LABEL_REPEATED }}
  field {{ name: "text" number: 6 type: TYPE_STRING label: LABEL_REPEATED }}
  field {{ name: "group" number: 7 type: TYPE_GROUP type_name: ".p.Wide" label: LABEL_REPEATED }}
  field {{ name: "self" number: 8 type: TYPE_MESSAGE type_name: ".p.Many" label: LABEL_OPTIONAL }}
  field {{ name: "price" number: 9 type: TYPE_MESSAGE type_name: ".confluent.type.Decimal" label: LABEL_OPTIONAL }}
}}
extension {{
  name: "more" number: 100 extendee: ".p.Nothing" type: TYPE_MESSAGE type_name: ".p.Wide" label: LABEL_REPEATED
}}
"""
CLASSES: Final = classes_of(FILE, PERSON, EVENT)
MANY: Final = CLASSES["p.Many"].DESCRIPTOR
EVENTS: Final = CLASSES["acme.Event"]
EMPTY_EVENT: Final = 15
"""A dozen fields that are there with their defaults, and what Protobuf keeps for all 21."""


@pytest.mark.parametrize(
    ("members", "parts"),
    (
        ({}, 0),
        ({"event": "x", "seats": 5, "ratio": 0.5, "raw": b"x" * 1_000, "plan": 1}, 0),
        ({"coupon": ""}, 1),
        ({"tags": ["", "x" * 1_000]}, 2),
        ({"person": {"email": "x", "user_id": 2**40}}, 1 + 2),
        ({"inner": [{}, {"inner": [{}]}]}, 3 * (1 + EMPTY_EVENT)),
        ({"counts": {"a": 1, "b": 2}}, 2),
        ({"flags": {True: {"email": "x"}}}, 1 + 2 + 1 + 2),
        ({"sent_at": {"seconds": 7}, "took": {"nanos": 7}}, 2 * (1 + 2)),
    ),
)
def test_the_defaults_of_a_message_and_what_is_in_it_count(
    members: dict[str, Any], parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exactly so much."""
    data = b"in front" + EVENTS(**members).SerializeToString()

    monkeypatch.setattr("consumer.mapping.encoded_reading.PARTS_MAX", EMPTY_EVENT + parts)
    ProtobufParts().check(EVENTS.DESCRIPTOR, data, 8)
    monkeypatch.setattr("consumer.mapping.encoded_reading.PARTS_MAX", EMPTY_EVENT + parts - 1)
    with pytest.raises(Unreadable, match="parts"):
        ProtobufParts().check(EVENTS.DESCRIPTOR, data, 8)


@pytest.mark.parametrize(
    "data",
    (
        b"\x0a\0" * (PARTS_MAX // 2 + 1),
        b"\x12\0" * (PARTS_MAX // 10),
        b"\x18\0" * (PARTS_MAX + 1),
        b"\x32\0" * (PARTS_MAX + 1),
        b"\x3b\x3c" * (PARTS_MAX // 10),
    ),
    ids=("messages", "wide messages", "numbers", "texts", "groups"),
)
def test_many_of_two_bytes_are_too_many(data: bytes) -> None:
    """At the top, and within another."""
    for each in (data, packed(8, data), packed(8, packed(8, data))):
        with pytest.raises(Unreadable, match=f"more than {PARTS_MAX} parts"):
            ProtobufParts().check(MANY, each, 0)


@pytest.mark.parametrize(
    ("number", "data"),
    ((3, b"\0" * (PARTS_MAX + 1)), (4, b"\0" * 8 * (PARTS_MAX + 1)), (5, b"\0" * 5_000)),
    ids=("numbers of one byte", "numbers of eight", "long names"),
)
def test_numbers_that_follow_each_other_count_each(number: int, data: bytes) -> None:
    """As often as a name of the schema stands in the JSON, if it is long."""
    with pytest.raises(Unreadable, match="parts"):
        ProtobufParts().check(MANY, packed(number, data), 0)
    ProtobufParts().check(MANY, packed(number, data[: len(data) // 100]), 0)


def test_a_number_of_many_bytes_is_one() -> None:
    """Of those in a packed field too."""
    ProtobufParts().check(MANY, packed(3, b"\x80\x80\x80\0" * (PARTS_MAX - 1_000)), 0)


def test_what_extends_a_message_counts_though_it_is_shown_nowhere() -> None:
    """Protobuf reads it."""
    with pytest.raises(Unreadable, match="parts"):
        ProtobufParts().check(MANY, packed(1, b"\xa2\x06\0" * (PARTS_MAX // 10)), 0)


def test_what_the_schema_does_not_have_is_passed_over() -> None:
    """Numbers, texts, groups with groups in them; what follows is counted."""
    unknown = b"\x78\0" + packed(15, b"xyz") + b"\x79" + b"8" * 8 + b"\x7d" + b"4" * 4
    group = b"\x7b" + unknown + b"\x7b" + unknown + b"\x7c\x7c"

    ProtobufParts().check(MANY, unknown + group, 0)
    with pytest.raises(Unreadable, match="parts"):
        ProtobufParts().check(MANY, unknown + group + b"\x0a\0" * PARTS_MAX, 0)


def test_a_long_decimal_is_not_read() -> None:
    """A megabyte of it would take minutes."""
    ProtobufParts().check(MANY, packed(9, packed(1, b"\1" * 1_000)), 0)
    with pytest.raises(Unreadable, match="a decimal of more than 1000 bytes"):
        ProtobufParts().check(MANY, packed(9, packed(1, b"\1" * 1_001)), 0)


@pytest.mark.parametrize("data", (b"\x0a\x05", b"\x08", b"\x0f\0", b"\x42\x02\x0a\x05\0\0\0\0\0"))
def test_what_is_cut_short_or_of_no_kind_is_refused(data: bytes) -> None:
    """Also where what is around it goes on."""
    with pytest.raises((EOFError, IndexError, Unreadable)):
        ProtobufParts().check(MANY, data, 0)


def packed(number: int, content: bytes) -> bytes:
    """A field of so many bytes."""
    size, length = len(content), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content
