"""Protobuf's messages as plain objects, with the names that the fields have in the schema.

It is Protobuf's own mapping to JSON with ``preserving_proto_field_name`` and ``always_print_fields_with_no_presence``,
but for whole numbers of 64 bits: those are numbers here, as long as they are exact as such, since expressions compute
with them. A field without presence (proto3's plain ones) is there with its default; another only where it is set.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from confluent_kafka.schema_registry.confluent.type.decimal_utils import from_proto_decimal
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from consumer.adapters.schema_values import plain_decimal, plain_float, plain_integer

__all__ = ["Messages"]

_Plain: TypeAlias = Callable[[Any], Any]

_FLOAT: Final = struct.Struct("<f")

_FLOAT_DIGITS: Final = (6, 7, 8, 9)
"""``FLT_DIG`` of C, and up to as many as tell all numbers of 32 bits apart (``FLT_DECIMAL_DIG``)."""

_OWN_JSON: Final = frozenset(
    f"google.protobuf.{name}" for name in ("Duration", "FieldMask", "ListValue", "Struct", "Timestamp", "Value")
)
"""Messages that Protobuf writes in a way of their own."""

_WRAPPERS: Final = frozenset(
    f"google.protobuf.{name}Value"
    for name in ("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64")
)

_DECIMAL: Final = "confluent.type.Decimal"

_INTEGERS: Final = frozenset(
    {
        FieldDescriptor.CPPTYPE_INT32,
        FieldDescriptor.CPPTYPE_INT64,
        FieldDescriptor.CPPTYPE_UINT32,
        FieldDescriptor.CPPTYPE_UINT64,
    }
)


class Messages:
    """Makes plain objects of messages; remembers how, by the message's name, within one pool of descriptors."""

    def __init__(self) -> None:
        """Nothing is remembered yet."""
        self._known: dict[str, _Plain] = {}

    def plain(self, message: Any) -> Any:
        """The message as plain data."""
        return self._of(message.DESCRIPTOR)(message)

    def _of(self, descriptor: Descriptor) -> _Plain:
        name: str = descriptor.full_name
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._made(name, descriptor)
        return known

    def _made(self, name: str, descriptor: Descriptor) -> _Plain:
        if name in _OWN_JSON:
            own: _Plain = json_format.MessageToDict
            return own
        if name == _DECIMAL:
            return lambda message: plain_decimal(from_proto_decimal(message))
        if name in _WRAPPERS:
            value = self._single(descriptor.fields_by_name["value"])
            return lambda message: value(message.value)
        fields = [(field.name, field.has_presence, self._field(field)) for field in descriptor.fields]

        def read(message: Message) -> dict[str, Any]:
            return {
                field: value(getattr(message, field))
                for field, may_be_absent, value in fields
                if not may_be_absent or message.HasField(field)
            }

        return read

    def _field(self, field: FieldDescriptor) -> _Plain:
        if not field.is_repeated:
            return self._single(field)
        inner = field.message_type
        if inner is not None and inner.GetOptions().map_entry:
            value = self._single(inner.fields_by_name["value"])
            return lambda entries: {_key(key): value(entries[key]) for key in entries}
        single = self._single(field)
        return lambda items: [single(item) for item in items]

    def _single(self, field: FieldDescriptor) -> _Plain:
        kind = field.cpp_type
        if kind == FieldDescriptor.CPPTYPE_MESSAGE:
            # Not looked up before there is one: a message may hold its own kind.
            return self.plain
        if kind == FieldDescriptor.CPPTYPE_ENUM:
            return _names_of(field.enum_type)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return lambda value: base64.b64encode(value).decode()
        if kind in _INTEGERS:
            return plain_integer
        if kind == FieldDescriptor.CPPTYPE_FLOAT:
            return _plain_float32
        return plain_float if kind == FieldDescriptor.CPPTYPE_DOUBLE else _same


def _same(value: Any) -> Any:
    return value


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _names_of(enum: EnumDescriptor) -> _Plain:
    """A number that has no name stays one: the schema's reader may be older than its writer."""
    names = {number: value.name for number, value in enum.values_by_number.items()}
    return lambda number: names.get(number, number)


def _plain_float32(value: float) -> float | str:
    """The shortest number that is the same in 32 bits: 1.1, and not 1.10000002."""
    found = plain_float(value)
    if isinstance(found, str):
        return found
    return next(
        (
            short
            for digits in _FLOAT_DIGITS
            if _FLOAT.unpack(_FLOAT.pack(short := float(f"{found:.{digits}g}")))[0] == found
        ),
        found,
    )
