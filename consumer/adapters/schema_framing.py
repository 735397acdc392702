"""Which schema a value was written with, in either of the two framings of the registry's serializers.

The older puts a zero byte and the schema's number, four bytes, in front of the value. The newer puts a byte 1 and the
schema's GUID, 16 bytes, in the header ``__value_schema_id``, and leaves the value as it is. Either may stand in either
place. What follows a Protobuf schema's number or GUID, the message within the schema, belongs to the data here.
"""

from __future__ import annotations

import uuid
from typing import Final, NamedTuple, TypeAlias

from consumer.core.record import Headers
from consumer.mapping.envelope import Unreadable

__all__ = ["SCHEMA_HEADER", "Framed", "SchemaName", "framed", "name_of"]

SCHEMA_HEADER: Final = "__value_schema_id"

SchemaName: TypeAlias = int | str
"""A schema's number, or its GUID as text; either is for good."""

_NUMBERED: Final = 0
_NUMBERED_BYTES: Final = 5
_NAMED: Final = 1
_NAMED_BYTES: Final = 17


class Framed(NamedTuple):
    """A value and what it says of its schema."""

    schema: bytes
    """The schema's name as it was written, for :func:`name_of`."""
    data: bytes
    """The value with its schema in front, wherever that stood: what the registry's deserializers take."""


def framed(value: bytes, headers: Headers) -> Framed:
    """Finds what says which schema it is; a header wins over the value. Raises :class:`Unreadable`."""
    head = next((content for name, content in headers if name == SCHEMA_HEADER and content is not None), b"")
    data = head + value if head else value
    kind = data[0] if data else None
    if kind == _NUMBERED and len(data) >= _NUMBERED_BYTES:
        return Framed(data[:_NUMBERED_BYTES], data)
    if kind == _NAMED and len(data) >= _NAMED_BYTES:
        return Framed(data[:_NAMED_BYTES], data)
    raise Unreadable("the value does not say which schema it was written with, as a schema registry's serializers do")


def name_of(schema: bytes) -> SchemaName:
    """The number or the GUID."""
    name = schema[1:]
    return int.from_bytes(name, "big") if schema[0] == _NUMBERED else str(uuid.UUID(bytes=name))
