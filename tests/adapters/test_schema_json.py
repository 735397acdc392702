"""JSON with a schema: it is held against it, and the schema fetches nothing by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from confluent_kafka.schema_registry import Schema, SchemaReference

from consumer.mapping.envelope import PARTS_MAX, Unreadable
from tests.fakes.decoding import World, world_of
from tests.fakes.encoding import Encoded, Encoder

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
EVENT: Final = {
    "$schema": DRAFT,
    "title": "Event",
    "type": "object",
    "required": ["event"],
    "properties": {"event": {"type": "string"}, "total": {"type": "number"}},
}
VALUE: Final = {"event": "Paid", "total": 19.99, "more": [None, {"deep": True}]}


@pytest.fixture
def world() -> Iterator[World]:
    """A registry and a decoder."""
    with world_of() as world:
        yield world


@pytest.mark.parametrize("in_header", (False, True))
def test_json_comes_out_as_it_is(world: World, in_header: bool) -> None:
    """What the schema does not mention too; whichever framing it has."""
    assert VALUE == world.read("json_schema", Encoder(world.registry, in_header=in_header).json(EVENT, VALUE))


@pytest.mark.parametrize("value", ({"event": "Paid", "total": "secret"}, {"total": 1}, ["secret"]))
def test_what_its_schema_does_not_allow_is_unreadable_and_not_quoted(world: World, value: Any) -> None:
    """Its producer did not check it."""
    written = Encoder(world.registry).json(EVENT, value, checked=False)
    with pytest.raises(Unreadable, match="the value cannot be decoded with its schema") as error:
        world.read("json_schema", written)

    assert "secret" not in str(error.value)


def test_what_is_no_json_is_unreadable(world: World) -> None:
    """Behind a good schema's number."""
    written = Encoder(world.registry).json(EVENT, VALUE)
    with pytest.raises(Unreadable, match="JSONDecodeError"):
        world.read("json_schema", Encoded(written.value[:-1], ()))


def test_a_value_of_too_many_parts_is_not_decoded_to_be_held_against_its_schema(world: World) -> None:
    """Though the schema allows anything."""
    written = Encoder(world.registry).json({"$schema": DRAFT, "title": "Anything"}, [])
    many = b"[" + b"[]," * (PARTS_MAX // 2 + 1) + b"[]]"

    with pytest.raises(Unreadable, match="more than 500000 commas and opening brackets"):
        world.read("json_schema", Encoded(written.value[:-2] + many, ()))


def test_what_a_schema_refers_to_is_fetched_from_the_registry(world: World) -> None:
    """By its subject and version, under the name that the schema has for it."""
    world.registry.register("person", json.dumps({"type": "object", "required": ["email"]}), "JSON")
    schema = Schema(
        json.dumps({"$schema": DRAFT, "type": "object", "properties": {"who": {"$ref": "person.json"}}}),
        "JSON",
        [SchemaReference("person.json", "person", 1)],
    )
    good = Encoder(world.registry).json(schema, {"who": {"email": "x"}})
    bad = Encoder(world.registry).json(schema, {"who": {}}, checked=False)

    assert {"who": {"email": "x"}} == world.read("json_schema", good)
    with pytest.raises(Unreadable, match="the value cannot be decoded with its schema"):
        world.read("json_schema", bad)


def test_no_schema_is_fetched_by_its_address(world: World) -> None:
    """One that says so could send this process anywhere."""
    elsewhere = f"{world.registry.url}/anywhere"
    schema = {"$schema": DRAFT, "type": "object", "properties": {"who": {"$ref": elsewhere}}}
    written = Encoder(world.registry).json(schema, {"who": 1}, checked=False)
    with pytest.raises(Unreadable, match="refers to one that the schema registry does not hold"):
        world.read("json_schema", written)

    assert not any("/anywhere" in asked for asked in world.registry.asked)
