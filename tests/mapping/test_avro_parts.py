"""What is counted of an Avro value before it is read, held against what fastavro writes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import fastavro
import pytest

from consumer.mapping.avro_parts import AvroParts
from consumer.mapping.encoded_reading import DECIMAL_BYTES_MAX
from consumer.mapping.envelope import PARTS_MAX, Unreadable

PLAN: Final = {"type": "enum", "name": "Plan", "symbols": ["FREE", "PRO"]}
TREE: Final = {
    "type": "record",
    "name": "Tree",
    "fields": [
        {"name": "left", "type": ["null", "Tree"]},
        {"name": "many", "type": {"type": "array", "items": "Tree"}},
    ],
}
LEAF: Final[Mapping[str, Any]] = {"left": None, "many": []}
DECIMAL: Final = {"type": "bytes", "logicalType": "decimal", "precision": 9_999, "scale": 2}
SHORT_DECIMAL: Final = {"type": "fixed", "name": "D", "size": 8, "logicalType": "decimal", "precision": 9, "scale": 2}
TEXTS: Final = ["Übung", "x" * 1_000, ""]


@pytest.mark.parametrize(
    ("schema", "value"),
    (
        ("null", None),
        ("boolean", True),
        ("int", -(2**31)),
        ("long", 2**63 - 1),
        ("long", -(2**63)),
        ("float", 0.5),
        ("double", 0.5),
        ("string", "x" * 300),
        ("bytes", b"\xff"),
        ({"type": "fixed", "name": "F", "size": 3}, b"abc"),
        (PLAN, "PRO"),
        ({"type": "long", "logicalType": "timestamp-millis"}, 1_777_629_600_000),
        (DECIMAL, Decimal("12.50")),
        (SHORT_DECIMAL, Decimal("12.50")),
        ({"type": "array", "items": "string"}, TEXTS),
        ({"type": "array", "items": "double"}, [0.5, 1.5]),
        ({"type": "array", "items": {"type": "fixed", "name": "F", "size": 3}}, [b"abc", b"def"]),
        ({"type": "array", "items": SHORT_DECIMAL}, [Decimal(1), Decimal(2)]),
        ({"type": "array", "items": ["null", "long"]}, [None, 7]),
        ({"type": "map", "values": {"type": "array", "items": "null"}}, {"a": [None], "b": []}),
        (["null", PLAN], "PRO"),
        (TREE, {"left": LEAF, "many": [LEAF, {"left": LEAF, "many": [LEAF]}]}),
    ),
)
def test_the_walk_ends_where_the_value_does(schema: Any, value: Any) -> None:
    """What follows is read from the right place; without its last byte it is missed."""
    outer = {
        "type": "record",
        "name": "Outer",
        "fields": [{"name": "v", "type": schema}, {"name": "end", "type": "string"}, {"name": "last", "type": "long"}],
    }
    parts, data = parts_of(outer), written(outer, {"v": value, "end": "x", "last": 2**20})

    parts.check(b"in front" + data, 8)
    with pytest.raises(IndexError):
        parts.check(data[:-1], 0)


@pytest.mark.parametrize(
    "items",
    (
        "null",
        "boolean",
        {"type": "fixed", "name": "None", "size": 0},
        {"type": "record", "name": "R", "fields": []},
        {"type": "record", "name": "R", "fields": [{"name": "n", "type": "null"}]},
    ),
)
@pytest.mark.parametrize("count", (PARTS_MAX + 1, 2**62, -(PARTS_MAX + 1)))
def test_what_a_block_says_counts_before_it_is_there(items: Any, count: int) -> None:
    """Each item may take no byte; a negative count stands before the block's size, in which nobody is interested."""
    with pytest.raises(Unreadable, match=f"more than {PARTS_MAX} parts"):
        parts_of({"type": "array", "items": items}).check(written("long", count) + written("long", 0), 0)


def test_many_small_blocks_count_together() -> None:
    """As one does."""
    blocks = b"".join(written("long", 1_000) + b"\1" * 1_000 for _ in range(PARTS_MAX // 1_000 + 1)) + b"\0"

    with pytest.raises(Unreadable, match="parts"):
        parts_of({"type": "array", "items": "boolean"}).check(blocks, 0)


def test_each_member_of_a_record_counts() -> None:
    """Also what takes no byte, and a long name as often as it would stand in the JSON."""
    fields = [{"name": f"f{number}", "type": "null"} for number in range(100)]
    wide = {"type": "record", "name": "R", "fields": [*fields, {"name": "b", "type": "boolean"}]}
    named = {"type": "record", "name": "R", "fields": [{"name": "n" * 10_000, "type": "boolean"}]}
    many = written("long", 5_000) + b"\1" * 5_000 + b"\0"

    for items in (wide, named, {"type": "enum", "name": "E", "symbols": ["s" * 10_000, "t"]}):
        with pytest.raises(Unreadable, match="parts"):
            parts_of({"type": "array", "items": items}).check(many, 0)
    parts_of({"type": "array", "items": "boolean"}).check(many, 0)


def test_a_type_that_holds_itself_without_end_has_too_many_parts_or_levels() -> None:
    """And no value."""
    endless = {"type": "record", "name": "R", "fields": [{"name": "r", "type": "R"}]}

    with pytest.raises((Unreadable, RecursionError)):
        parts_of(endless).check(b"", 0)


def test_a_long_decimal_is_not_read() -> None:
    """A megabyte of it would take minutes."""
    parts = parts_of({"type": "array", "items": DECIMAL})
    parts.check(written("long", 1) + written("bytes", b"\1" * DECIMAL_BYTES_MAX) + b"\0", 0)

    with pytest.raises(Unreadable, match="a decimal of more than 1000 bytes"):
        parts.check(written("long", 1) + written("bytes", b"\1" * (DECIMAL_BYTES_MAX + 1)) + b"\0", 0)


@pytest.mark.parametrize(("data", "why"), ((b"\x80" * 10_000_000, "64 bits"), (b"\1" + b"x" * 9, "no length")))
def test_lengths_that_nobody_writes_are_refused_at_once(data: bytes, why: str) -> None:
    """Whatever follows."""
    with pytest.raises(Unreadable, match=why):
        parts_of({"type": "map", "values": "string"}).check(written("long", 1) + data, 0)


def test_a_schema_of_bytes_alone_has_values_of_one_part() -> None:
    """They are taken as they are, without a length."""
    parts_of("bytes").check(b"\xff", 0)


def parts_of(schema: Any) -> AvroParts:
    """Counts values of this schema."""
    named: dict[str, Any] = {}
    return AvroParts(fastavro.parse_schema(schema, named), named)


def written(schema: Any, value: Any) -> bytes:
    """The value as fastavro writes it."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, value)
    return out.getvalue()
