"""Segment's calls as a product with a schema registry writes them: in Avro, in Protobuf, in JSON with a schema."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf import json_format, struct_pb2

from consumer.mapping.envelope import Encoding
from tests.fakes.encoding import Encoded, Encoder
from tests.fakes.schema_registry import SchemaRegistry
from tests.kafka.golden_topic import GoldenRecord
from tests.kafka.product import Made

__all__ = ["AVRO", "JSON_SCHEMA", "avro_events", "encoded"]

_SCALAR: Final = ["null", "boolean", "long", "double", "string"]


def _deeper(values: list[Any]) -> list[Any]:
    """Scalars, and arrays and maps of these."""
    return [*_SCALAR, {"type": "array", "items": values}, {"type": "map", "values": values}]


_VALUES: Final = _deeper(_deeper(_SCALAR))


def _field(name: str, kind: Any) -> dict[str, Any]:
    return {"name": name, "type": ["null", kind], "default": None}


AVRO: Final[Mapping[str, Any]] = {
    "type": "record",
    "name": "Call",
    "namespace": "com.acme",
    "fields": [
        *(_field(name, "string") for name in ("type", "messageId", "event", "name")),
        *(_field(name, "string") for name in ("userId", "anonymousId", "groupId", "previousId")),
        _field("timestamp", {"type": "long", "logicalType": "timestamp-micros"}),
        *(_field(name, {"type": "map", "values": _VALUES}) for name in ("context", "traits", "properties")),
    ],
}
"""A call with what the product puts in it, whatever that is."""

_AVRO_NAMES: Final = {field["name"] for field in AVRO["fields"]}

JSON_SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Call",
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": ["track", "identify", "page", "screen", "group", "alias"]},
        "userId": {"type": ["string", "null"]},
        "traits": {"type": "object"},
        "properties": {"type": "object"},
    },
}


def encoded(records: Iterable[GoldenRecord], encoding: Encoding, registry: SchemaRegistry) -> Iterator[GoldenRecord]:
    """The same records: every other call with its schema's number in front, and the others with a GUID in a header.

    What is no call, or what its schema would not let its producer write, stays as it is.
    """
    writers = itertools.cycle(_WRITERS[encoding](Encoder(registry, in_header=in_header)) for in_header in (False, True))
    for record in records:
        document = _call(record.value)
        written = None if document is None else _written(next(writers), document)
        if written is None:
            yield record
        else:
            yield replace(record, value=written.value, headers=[*record.headers, *written.headers])


def avro_events(
    events: Iterable[Made], registry: SchemaRegistry, schema: Mapping[str, Any] = AVRO
) -> list[GoldenRecord]:
    """The product's events in Avro, in their partitions' order where the topic has as many as the product says."""
    writer = _avro(Encoder(registry), schema)
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    return [GoldenRecord(made.key, writer(json.loads(made.value())).value, [], now_ms) for made in events]


def _call(value: bytes | None) -> dict[str, Any] | None:
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(value or b"")
        return found if isinstance(found, dict) else None
    return None


_Writer = Callable[[dict[str, Any]], Encoded]


def _written(writer: _Writer, document: dict[str, Any]) -> Encoded | None:
    try:
        return writer(document)
    except Exception:  # noqa: BLE001 - each serializer has its own
        return None


def _avro(encoder: Encoder, schema: Mapping[str, Any] = AVRO) -> _Writer:
    def write(document: dict[str, Any]) -> Encoded:
        assert document.keys() <= _AVRO_NAMES, document.keys()
        timestamp = document.get("timestamp")
        moment = None if timestamp is None else datetime.fromisoformat(timestamp)
        return encoder.avro(schema, {**document, "timestamp": moment})

    return write


def _protobuf(encoder: Encoder) -> _Writer:
    return lambda document: encoder.protobuf(json_format.ParseDict(document, struct_pb2.Struct()))


def _json(encoder: Encoder) -> _Writer:
    return lambda document: encoder.json(JSON_SCHEMA, document)


_WRITERS: Final[Mapping[Encoding, Callable[[Encoder], _Writer]]] = {
    "avro": _avro,
    "protobuf": _protobuf,
    "json_schema": _json,
}
