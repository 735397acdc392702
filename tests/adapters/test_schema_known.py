"""Which schemas are refused before a value is decoded with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from consumer.mapping.envelope import Encoding, Unreadable
from tests.fakes.decoding import World, world_of
from tests.fakes.encoding import Encoder

SCHEMA: Final = {"type": "record", "name": "A", "fields": [{"name": "a", "type": "string"}]}


@pytest.fixture
def world() -> Iterator[World]:
    """A registry and a decoder."""
    with world_of() as world:
        yield world


@pytest.mark.parametrize(("encoding", "kind"), (("protobuf", "PROTOBUF"), ("json_schema", "JSON")))
def test_a_schema_of_another_kind_than_the_mapping_says_is_told(world: World, encoding: Encoding, kind: str) -> None:
    """So that whoever wrote the mapping sees what to change."""
    written = Encoder(world.registry).avro(SCHEMA, {"a": "x"})
    with pytest.raises(Unreadable, match=f"^the value's schema is AVRO, and the mapping says {kind}$"):
        world.read(encoding, written)


@pytest.mark.parametrize(
    ("where", "rule", "refused"),
    (
        ("domainRules", {"kind": "TRANSFORM", "mode": "WRITEREAD"}, True),
        ("encodingRules", {"kind": "TRANSFORM", "mode": "READ"}, True),
        ("domainRules", {"kind": "TRANSFORM", "mode": "WRITE"}, False),
        ("domainRules", {"kind": "CONDITION", "mode": "WRITEREAD"}, False),
        ("domainRules", {"kind": "TRANSFORM", "mode": "READ", "disabled": True}, False),
    ),
)
def test_rules_that_change_what_is_read_are_not_passed_over(
    world: World, where: str, rule: dict[str, Any], refused: bool
) -> None:
    """An encrypted address would else be taken for one; what only the producer does is done."""
    rules = {where: [{"name": "encrypt", "type": "ENCRYPT", **rule}]}
    world.registry.register("plain", json.dumps(SCHEMA))
    number = world.registry.register("ruled", json.dumps(SCHEMA), ruleSet=rules)
    plain = Encoder(world.registry).avro(SCHEMA, {"a": "x"})
    ruled = plain._replace(value=b"\0" + number.to_bytes(4, "big") + plain.value[5:])
    if not refused:
        assert {"a": "x"} == world.read("avro", ruled)
        return
    with pytest.raises(Unreadable, match="has rules that change what is read"):
        world.read("avro", ruled)
