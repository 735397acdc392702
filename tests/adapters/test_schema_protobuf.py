"""Protobuf as producers write it: any message of a schema, what a schema imports, both framings."""

from __future__ import annotations

import base64
import tracemalloc
from collections.abc import Iterator
from typing import Any, Final

import pytest
from google.protobuf import descriptor_pb2, text_format

from consumer.mapping.envelope import NotYet, Unreadable
from tests.fakes.decoding import World, world_of
from tests.fakes.encoding import Encoded, Encoder
from tests.fakes.protobuf_schemas import EVENT, PERSON, classes_of

CLASSES: Final = classes_of(PERSON, EVENT)
PLACED: Final = "\0\0\0\0\x01"
"""In front of a value whose schema has the number 1."""


@pytest.fixture
def world() -> Iterator[World]:
    """A registry and a decoder."""
    with world_of() as world:
        yield world


@pytest.mark.parametrize("in_header", (False, True))
def test_a_message_comes_out_as_an_object_with_its_schemas_names(world: World, in_header: bool) -> None:
    """Its imports are found with the registry, and what everyone has without."""
    message = CLASSES["acme.Event"](event="Paid", person={"email": "x"}, sent_at={"seconds": 1_777_629_600})
    found = world.read("protobuf", Encoder(world.registry, in_header=in_header).protobuf(message))

    assert ("Paid", {"email": "x", "user_id": 0}) == (found["event"], found["person"])
    assert found["sent_at"] == "2026-05-01T10:00:00Z"


@pytest.mark.parametrize("in_header", (False, True))
def test_any_message_of_a_schema_may_be_the_value(world: World, in_header: bool) -> None:
    """The first is told by a single zero; one within another by its way."""
    encoder = Encoder(world.registry, in_header=in_header)
    outer = CLASSES["acme.Outer"]
    written = [encoder.protobuf(each) for each in (outer.First(n=3), outer.Second(word="w"), outer(), outer.First(n=4))]

    assert [{"n": 3}, {"word": "w"}, {}, {"n": 4}] == [world.read("protobuf", each) for each in written]


@pytest.mark.parametrize("place", (b"\x02\x08", b"\x04\x02\x08", b"\x02\x01", b"\x06\x02\x02\x00"))
def test_a_message_that_its_schema_does_not_have_is_unreadable(world: World, place: bytes) -> None:
    """The fourth at the top; the fourth within the second; the one before the first; one within one without any."""
    written = Encoder(world.registry).protobuf(CLASSES["acme.Outer"]())
    with pytest.raises(Unreadable, match="the value names a message that its schema does not have"):
        world.read("protobuf", Encoded(written.value[:5] + place, ()))


@pytest.mark.parametrize("rest", (b"", b"\x80", b"\xff" * 9, b"\x00\x0a\x7fshort"))
def test_what_is_no_message_is_unreadable(world: World, rest: bytes) -> None:
    """A broken place, and a broken message."""
    written = Encoder(world.registry).protobuf(CLASSES["acme.Outer"]())
    with pytest.raises(Unreadable, match="the value cannot be decoded with its schema"):
        world.read("protobuf", Encoded(written.value[:5] + rest, ()))


@pytest.mark.parametrize("front", (b"", b"\x0c", b"\x0b\x14", b"\x42\x01\x0c"))
def test_a_value_of_too_many_parts_is_unreadable_before_they_are_made(world: World, front: bytes) -> None:
    """Whatever stands in front of them, as the end of a group that did not begin."""
    wide = " ".join(
        f'field {{ name: "w{number}" number: {number} type: TYPE_STRING label: LABEL_OPTIONAL }}'
        for number in range(1, 31)
    )
    text = f"""name: "w.proto" package: "p" syntax: "proto3" message_type {{ name: "A" field {{ name: "many" number: 1
        type: TYPE_MESSAGE type_name: ".p.W" label: LABEL_REPEATED }} }} message_type {{ name: "W" {wide} }}"""
    number = world.registry.register("wide", serialized(text), "PROTOBUF")
    value = b"\0" + number.to_bytes(4, "big") + b"\0" + front + b"\x0a\0" * 500_000

    tracemalloc.start()
    try:
        with pytest.raises(Unreadable):
            world.read("protobuf", Encoded(value, ()))
        peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()

    assert peak_mb < 5


def test_a_registry_without_serialized_descriptors_is_waited_for(world: World) -> None:
    """It gives the text of the schema: no fault of the value."""
    world.registry.register("events-value", 'syntax = "proto3"; message A {}', "PROTOBUF")
    with pytest.raises(NotYet, match="gives no serialized Protobuf descriptors"):
        world.read("protobuf", Encoded(b"\0\0\0\0\x01\0", ()))


def test_an_import_that_nobody_has_is_said(world: World) -> None:
    """The registry takes such a schema only where it does not look."""
    text = 'name: "a.proto" syntax: "proto3" dependency: "acme/gone.proto" message_type { name: "A" }'
    world.registry.register("events-value", serialized(text), "PROTOBUF")
    with pytest.raises(Unreadable, match="imports a file that the schema registry does not give"):
        world.read("protobuf", Encoded(b"\0\0\0\0\x01\0", ()))


def test_what_is_imported_by_two_is_taken_once(world: World) -> None:
    """And one schema's names are no other's: both have a message A."""
    base = 'name: "b.proto" package: "p" syntax: "proto3" message_type { name: "B" field { name: "n" number: 1'
    base += " type: TYPE_INT32 label: LABEL_OPTIONAL } }"
    middle = 'name: "m.proto" package: "p" syntax: "proto3" dependency: "b.proto" message_type { name: "M" field {'
    middle += ' name: "b" number: 1 type: TYPE_MESSAGE type_name: ".p.B" label: LABEL_OPTIONAL } }'
    top = 'name: "t.proto" package: "p" syntax: "proto3" dependency: "m.proto" dependency: "b.proto" message_type {'
    top += ' name: "A" field { name: "m" number: 1 type: TYPE_MESSAGE type_name: ".p.M" label: LABEL_OPTIONAL } }'
    other = 'name: "o.proto" package: "p" syntax: "proto3" message_type { name: "A" }'
    encoder = Encoder(world.registry)
    message = classes_of(base, middle, top)["p.A"](m={"b": {"n": 5}})

    assert {"m": {"b": {"n": 5}}} == world.read("protobuf", encoder.protobuf(message))
    assert {} == world.read("protobuf", encoder.protobuf(classes_of(other)["p.A"]()))


def serialized(text: str) -> Any:
    """A file's descriptor as the registry gives it."""
    content = text_format.Parse(text, descriptor_pb2.FileDescriptorProto()).SerializeToString()
    return base64.b64encode(content).decode()
