"""Values decoded with a registry's schemas: what becomes of those that cannot be, and how often it is asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Final

import pytest

from consumer.adapters import schema_registry
from consumer.adapters.schema_registry import lacks_of, registry_decoder
from consumer.mapping.envelope import Encoding, Envelope, NotYet, Unreadable
from consumer.settings import SchemaRegistrySettings
from tests.fakes.decoding import World, world_of
from tests.fakes.encoding import Encoded, Encoder

SCHEMA: Final = {"type": "record", "name": "A", "fields": [{"name": "a", "type": "string"}]}
ENCODINGS: Final[tuple[Encoding, ...]] = ("avro", "protobuf", "json_schema")


@pytest.fixture
def world() -> Iterator[World]:
    """A registry and a decoder that waits for it."""
    with world_of() as world:
        yield world


def test_a_schema_is_asked_for_once(world: World) -> None:
    """However many values have it."""
    written = Encoder(world.registry).avro(SCHEMA, {"a": "x"})

    assert [{"a": "x"}] * 100 == [world.read("avro", written) for _ in range(100)]
    assert world.registry.count("/schemas/ids/1") == 1


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_schema_that_the_registry_does_not_have_makes_a_value_unreadable(world: World, encoding: Encoding) -> None:
    """It says so itself, twice."""
    for _ in range(3):
        with pytest.raises(Unreadable, match="the schema registry does not have the schema that the value names"):
            world.read(encoding, Encoded(b"\0\0\0\0\x09" + b"x" * 9, ()))

    assert world.registry.count("/schemas/ids/9") == 2


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_registry_that_does_not_answer_makes_none_unreadable(world: World, encoding: Encoding) -> None:
    """The same value is read once it does; a schema that is known is not asked for."""
    encoder = Encoder(world.registry)
    known = encoder.avro(SCHEMA, {"a": "x"})
    world.read("avro", known)
    world.registry.stop()
    with pytest.raises(NotYet, match=f"^the schema registry at {world.registry.host} does not answer$"):
        world.read(encoding, Encoded(b"\0\0\0\0\x09\0", ()))
    assert {"a": "x"} == world.read("avro", known)
    world.registry.start()

    with pytest.raises(Unreadable):
        world.read(encoding, Encoded(b"\0\0\0\0\x09\0", ()))


def test_a_slow_registry_holds_nobody_up() -> None:
    """Who asks gets its thread back after the time that it was given."""
    with world_of(waits_s=0.01) as world:
        written = Encoder(world.registry).avro(SCHEMA, {"a": "x"})
        world.registry.hangs = True
        with pytest.raises(NotYet, match=f"the schema registry at {world.registry.host} has not answered yet"):
            world.read("avro", written)


def test_what_a_decoded_value_is_may_be_any_format(world: World) -> None:
    """It becomes JSON, out of its compression before and out of a string behind."""
    written = Encoder(world.registry).avro({"type": "string"}, '{"event": "Paid"}')
    envelope = Envelope(encoding="avro", wrapped=True)

    assert envelope.open(written.value, written.headers, "t", world.decoder) == b'{"event": "Paid"}'


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("value", (b"", b"{}", b"\0", b"\xff" * 40, b'{"email": "secret"}'))
def test_what_is_not_of_the_encoding_is_unreadable_and_not_quoted(
    world: World, encoding: Encoding, value: bytes
) -> None:
    """A topic in which plain JSON lies beside."""
    with pytest.raises(Unreadable) as error:
        world.read(encoding, Encoded(value, ()))

    assert "secret" not in str(error.value)


def test_a_bound_on_readers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is made again, without asking the registry."""
    monkeypatch.setattr(schema_registry, "KEPT_MAX", 2)
    encoder = Encoder(world.registry)
    written = [encoder.avro({**SCHEMA, "name": name}, {"a": name}) for name in ("A", "B", "C")]

    assert [{"a": name} for name in "ABCA"] == [world.read("avro", each) for each in (*written, written[0])]
    assert len(world.decoder._readers) == 2
    assert world.registry.count("/schemas/ids/") == 3


def test_without_the_extra_all_else_works() -> None:
    """Nothing of it is imported before a value needs it; what is missing is told by encoding, and how to get it."""
    program = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"fastavro", "google", "httpx2", "authlib", "cachetools"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from consumer.adapters.schema_registry import lacks_of, registry_decoder
from consumer.settings import SchemaRegistrySettings
import consumer.app

settings = SchemaRegistrySettings(url="http://registry:8081")
assert registry_decoder(settings, patient=False) is None
for encoding in ("avro", "protobuf", "json_schema"):
    print(*lacks_of(settings)(encoding), sep=": ")
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own words
    how = "pip install '.[schema-registry]' in the checkout"
    said = [f"what decodes {each} is not installed: {how}" for each in ENCODINGS]

    assert (said, "") == (ran.stdout.splitlines(), ran.stderr)


def test_what_an_encoding_lacks_is_told() -> None:
    """An address first; with one, and the extra, nothing."""
    lack = lacks_of(SchemaRegistrySettings())("avro")

    assert lack is not None
    assert lack.message == "the schemas of avro values come from a schema registry, and the settings name none"
    assert lack.hint == "give its address as kafka.schema_registry.url"
    assert [None] * 3 == [lacks_of(SchemaRegistrySettings(url="http://r"))(encoding) for encoding in ENCODINGS]


def test_without_an_address_there_is_no_decoder() -> None:
    """With one there is, whether anybody is there or not."""
    assert registry_decoder(SchemaRegistrySettings(), patient=True) is None
    assert registry_decoder(SchemaRegistrySettings(url="http://127.0.0.1:1"), patient=True) is not None
