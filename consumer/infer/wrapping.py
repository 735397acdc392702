"""What is around a value: told by how it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from consumer.core.record import Headers
from consumer.mapping.envelope import Compression, Envelope, Unreadable

__all__ = ["Unwrapped", "Wrapping", "unwrapped"]

_GZIP: Final = b"\x1f\x8b"
_ZLIB: Final = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
"""The four levels that zlib writes into its first two bytes (RFC 1950)."""
_FRAMED: Final = (b"\x00", b"\x01")
"""A schema registry's serializers begin with one of these, and the schema's id behind it."""
_FRAME_BYTES: Final = 5
_SCHEMA_HEADER: Final = "__value_schema_id"


class Wrapping(NamedTuple):
    """What the mapping has to say of a topic's values."""

    compression: Compression | None = None
    schema: bool = False
    """They bear a schema's id; which encoding it is only the registry can tell."""
    json_schema: bool = False
    """Behind the schema's id there is JSON."""
    wrapped: bool = False


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """A value out of what could be taken away. It holds personal data."""

    wrapping: Wrapping
    value: bytes
    document: Mapping[str, Any]
    """Empty where it is no JSON object."""


def unwrapped(value: bytes, headers: Headers) -> Unwrapped:
    """Takes away what is around a value."""
    compression: Compression | None = None
    if value.startswith((_GZIP, *_ZLIB)):
        compression = "gzip" if value.startswith(_GZIP) else "zlib"
        try:
            value = Envelope(compression=compression).open(value, headers, "", None)
        except Unreadable:
            return Unwrapped(Wrapping(), value, {})
    schema = any(name == _SCHEMA_HEADER for name, _ in headers)
    if not schema and value.startswith(_FRAMED) and len(value) > _FRAME_BYTES:
        schema, value = True, value[_FRAME_BYTES:]
    found = _parsed(value)
    wrapped = isinstance(found, str)
    if wrapped:
        value = found.encode()
        found = _parsed(value)
    document = found if isinstance(found, dict) else {}
    return Unwrapped(
        Wrapping(compression, schema, schema and bool(document), wrapped and bool(document)), value, document
    )


def _parsed(value: bytes) -> Any:
    try:
        return orjson.loads(value)
    except (orjson.JSONDecodeError, RecursionError):
        return None
