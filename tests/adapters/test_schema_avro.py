"""Avro as producers write it: every type and logical type, schemas that refer to others, both framings."""

from __future__ import annotations

import io
import json
import tracemalloc
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

import fastavro
import pytest
from confluent_kafka.schema_registry import Schema, SchemaReference

from consumer.mapping.envelope import PARTS_MAX, Unreadable
from tests.fakes.decoding import World, world_of
from tests.fakes.encoding import Encoded, Encoder

MOMENT: Final = datetime(2026, 5, 1, 10, 0, 0, 120_000, tzinfo=UTC)
LOCAL: Final = datetime(2026, 5, 1, 10)  # noqa: DTZ001 - Avro's local timestamps have no zone
PERSON: Final = {
    "type": "record",
    "name": "Person",
    "namespace": "acme",
    "fields": [{"name": "email", "type": "string"}],
}


@pytest.fixture
def world() -> Iterator[World]:
    """A registry and a decoder."""
    with world_of() as world:
        yield world


def logical(kind: str, logical_type: str, **more: Any) -> dict[str, Any]:
    """A logical type."""
    return {"type": kind, "logicalType": logical_type, **more}


GOLDEN: Final[tuple[tuple[Any, Any, Any], ...]] = (
    ("null", None, None),
    ("boolean", True, True),
    ("int", -7, -7),
    ("long", 2**53, 2**53),
    ("long", 2**62, "4611686018427387904"),
    ("float", 0.5, 0.5),
    ("double", 0.1, 0.1),
    ("double", float("nan"), "NaN"),
    ("string", "Übung", "Übung"),
    ("bytes", b"\xff\x00", "/wA="),
    ({"type": "fixed", "name": "F", "size": 3}, b"abc", "YWJj"),
    ({"type": "enum", "name": "Plan", "symbols": ["FREE", "PRO"]}, "PRO", "PRO"),
    ({"type": "array", "items": "int"}, [1, 2], [1, 2]),
    ({"type": "map", "values": ["null", "string"]}, {"a": "b", "c": None}, {"a": "b", "c": None}),
    (PERSON, {"email": "x"}, {"email": "x"}),
    (["null", PERSON], {"email": "x"}, {"email": "x"}),
    (["null", "string", "long"], None, None),
    (["null", "string", "long"], 5, 5),
    (logical("long", "timestamp-millis"), MOMENT, "2026-05-01T10:00:00.120000Z"),
    (logical("long", "timestamp-micros"), MOMENT, "2026-05-01T10:00:00.120000Z"),
    (logical("long", "timestamp-nanos"), 1_777_629_600_000_000_000, "1777629600000000000"),
    (logical("long", "local-timestamp-millis"), LOCAL, "2026-05-01T10:00:00"),
    (logical("long", "local-timestamp-micros"), LOCAL, "2026-05-01T10:00:00"),
    (logical("int", "date"), date(2026, 5, 1), "2026-05-01"),
    (logical("int", "time-millis"), time(10, 30), "10:30:00"),
    (logical("long", "time-micros"), time(10, 30, 0, 5), "10:30:00.000005"),
    (logical("bytes", "decimal", precision=9, scale=2), Decimal("19.99"), 19.99),
    (logical("bytes", "decimal", precision=30, scale=2), Decimal("12345678901234567890.50"), "12345678901234567890.50"),
    (logical("fixed", "decimal", name="D", size=8, precision=9, scale=2), Decimal("-5.00"), -5),
    (logical("string", "uuid"), uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
)
"""Schema of a field, what a producer puts there, what the mapping sees."""


@pytest.mark.parametrize("in_header", (False, True))
def test_every_type_comes_out_plain(world: World, in_header: bool) -> None:
    """All in one record, whichever framing it has."""
    schema = record_of(*(kind for kind, _, _ in GOLDEN))
    value = {f"f{index}": given for index, (_, given, _) in enumerate(GOLDEN)}
    found = world.read("avro", Encoder(world.registry, in_header=in_header).avro(schema, value))

    assert [expected for _, _, expected in GOLDEN] == list(found.values())
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_value_need_be_no_record(world: World) -> None:
    """A text alone, of three bytes."""
    assert world.read("avro", Encoder(world.registry, in_header=True).avro({"type": "string"}, "ab")) == "ab"


def test_what_a_schema_refers_to_is_fetched_too(world: World) -> None:
    """Of another subject, and what that refers to."""
    plan = {"type": "enum", "name": "Plan", "namespace": "acme", "symbols": ["FREE", "PRO"]}
    person = {**PERSON, "fields": [{"name": "plan", "type": "acme.Plan"}]}
    world.registry.register("plan", json.dumps(plan))
    of_plan = {"name": "acme.Plan", "subject": "plan", "version": 1}
    world.registry.register("person", json.dumps(person), references=[of_plan])
    event = {"type": "record", "name": "Event", "namespace": "acme", "fields": [{"name": "who", "type": "acme.Person"}]}
    schema = Schema(json.dumps(event), "AVRO", [SchemaReference("acme.Person", "person", 1)])

    found = world.read("avro", Encoder(world.registry).avro(schema, {"who": {"plan": "PRO"}}))

    assert {"who": {"plan": "PRO"}} == found


def test_each_value_is_read_with_the_schema_that_it_was_written_with(world: World) -> None:
    """Two versions on one topic, in turn."""
    encoder = Encoder(world.registry)
    old = encoder.avro(record_of("int"), {"f0": 1})
    new = encoder.avro(record_of("int", "string"), {"f0": 2, "f1": "x"})

    assert [{"f0": 1}, {"f0": 2, "f1": "x"}, {"f0": 1}] == [world.read("avro", each) for each in (old, new, old)]
    assert world.registry.count("/schemas/ids/") == 2


@pytest.mark.parametrize("kept_bytes", (5, 6, 8))
def test_a_value_that_is_cut_short_is_unreadable(world: World, kept_bytes: int) -> None:
    """And is not quoted."""
    written = Encoder(world.registry).avro(record_of("string", "string"), {"f0": "secret" * 3, "f1": "secret"})
    with pytest.raises(Unreadable, match="the value cannot be decoded with its schema") as error:
        world.read("avro", Encoded(written.value[:kept_bytes], ()))

    assert "sec" not in str(error.value)


@pytest.mark.parametrize("items", ("null", {"type": "record", "name": "Nothing", "fields": []}, "boolean"))
def test_a_value_of_too_many_parts_is_unreadable_before_they_are_made(world: World, items: Any) -> None:
    """Of some a dozen bytes can say that there are millions."""
    number = world.registry.register("many", json.dumps(record_of({"type": "array", "items": items})))
    count, content = 20_000_000, b"\0" * 1_000_000 if items == "boolean" else b""

    with pytest.raises(Unreadable, match="the value has more than 500000 parts"):
        world.read("avro", framed(number, written({"type": "long"}, count) + content))


@pytest.mark.parametrize("levels", (500, 10_000, 1_000_000))
def test_a_value_of_too_many_levels_is_unreadable(world: World, levels: int) -> None:
    """To read it would end the process."""
    number = world.registry.register("deep", json.dumps(record_of(["null", "acme.Everything"])))

    with pytest.raises(Unreadable):
        world.read("avro", framed(number, b"\2" * levels + b"\0"))


def test_the_largest_value_that_is_read_takes_no_more_than_json_would(world: World) -> None:
    """In MB of 1,000,000 bytes, of which a pod has 268 for all that it does."""
    item = {"type": "record", "name": "Item", "fields": [{"name": "f", "type": "boolean"}]}
    number = world.registry.register("large", json.dumps(record_of({"type": "array", "items": item})))
    count = PARTS_MAX // 2 - 2
    value = framed(number, written({"type": "long"}, count) + b"\1" * count + b"\0")
    world.read("avro", framed(number, b"\0"))

    tracemalloc.start()
    found = world.read("avro", value)
    peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()

    assert count == len(found["f0"])
    assert peak_mb < 75


def framed(number: int, content: bytes) -> Encoded:
    """A value that names its schema by this number."""
    return Encoded(b"\0" + number.to_bytes(4, "big") + content, ())


def written(schema: Mapping[str, Any], value: Any) -> bytes:
    """The value alone."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, dict(schema), value)
    return out.getvalue()


def record_of(*kinds: Any) -> Mapping[str, Any]:
    """A record with a field for each of these types."""
    names: dict[str, Any] = {}
    fields = [{"name": f"f{index}", "type": once(kind, names)} for index, kind in enumerate(kinds)]
    return {"type": "record", "name": "Everything", "namespace": "acme", "fields": fields}


def once(kind: Any, names: dict[str, Any]) -> Any:
    """A type with a name is declared where it comes first, and named from then on."""
    if isinstance(kind, list):
        return [once(each, names) for each in kind]
    if isinstance(kind, dict) and kind.get("name") in names:
        return kind["name"]
    if isinstance(kind, dict) and "name" in kind:
        names[kind["name"]] = kind
    return kind
