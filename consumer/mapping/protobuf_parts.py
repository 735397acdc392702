"""How many parts a value in Protobuf has, told before any of them is made.

A message of two bytes stands there with the defaults of all its fields, so that a megabyte of them takes gigabytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from consumer.mapping.encoded_reading import EncodedReading, further_parts
from consumer.mapping.envelope import Unreadable

__all__ = ["ProtobufParts"]

_DECIMAL: Final = "confluent.type.Decimal"
_FIELDS_OF_A_PART: Final = 6
"""Protobuf itself keeps up to 16 bytes for each field of a message, set or not."""

_VARINT, _EIGHT_BYTES, _BYTES, _GROUP, _GROUP_END, _FOUR_BYTES = range(6)
"""What follows a field's number, as Protobuf's encoding has it."""

_WIDTHS: Final = {1: 8, 6: 8, 16: 8, 2: 4, 7: 4, 15: 4}
"""Bytes of a number in a packed field, by the type's number in descriptors; other numbers have as many as they need."""

_NOT_PACKED: Final = frozenset({9, 10, 11, 12})
"""Texts, groups, messages and bytes."""

_NOT_LAST: Final = bytes(range(128, 256))
"""Bytes of a number that others of it follow."""


@dataclass(slots=True)
class _Kind:
    """A kind of message."""

    weight: int = 0
    """What one of them comes to that holds nothing."""
    fields: dict[int, _Field] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Field:
    each: int
    """What each time comes to that it is there."""
    kind: _Kind | None = None
    packed_width: int | None = None
    """Bytes of each number, where several may follow each other; 0 where that differs."""
    is_decimal: bool = False


class ProtobufParts:
    """Walks over messages and counts; remembers their kinds, by name, within one pool of descriptors."""

    def __init__(self) -> None:
        """Knows no kind yet."""
        self._kinds: dict[str, _Kind] = {}

    def check(self, descriptor: Any, data: bytes, at: int) -> None:
        """Raises :class:`Unreadable` where the message from ``at`` on has too many parts.

        And whatever else where it is cut short, or nested deeper than Python goes.
        """
        try:
            kind = self._kind(descriptor)
        except RecursionError:
            self._kinds.clear()  # some of them lack fields
            raise
        reading = EncodedReading(data, at)
        reading.spend(kind.weight)
        _walk(reading, kind, len(data))

    def _kind(self, descriptor: Any) -> _Kind:
        known = self._kinds.get(descriptor.full_name)
        if known is None:
            known = self._kinds[descriptor.full_name] = _Kind(_weight(descriptor))
            # Protobuf reads those too, which are shown nowhere.
            extensions = descriptor.file.pool.FindAllExtensions(descriptor)
            known.fields.update((each.number, self._field(each)) for each in (*descriptor.fields, *extensions))
        return known

    def _field(self, of: Any) -> _Field:
        is_decimal = of.containing_type.full_name == _DECIMAL and of.name == "value"
        kind = None if of.message_type is None else self._kind(of.message_type)
        if kind is not None and of.message_type.GetOptions().map_entry:
            # One without a value has an empty one.
            value = of.message_type.fields_by_name["value"]
            kind = _Kind(0 if value.message_type is None else _weight(value.message_type), kind.fields)
        packed = of.is_repeated and of.type not in _NOT_PACKED
        each = _named(of) if of.is_repeated or of.has_presence else 0
        return _Field(each, kind, _WIDTHS.get(of.type, 0) if packed else None, is_decimal)


def _weight(descriptor: Any) -> int:
    shown = sum(_named(of) for of in descriptor.fields if not of.has_presence)
    return max(1, shown) + len(descriptor.fields) // _FIELDS_OF_A_PART


def _named(of: Any) -> int:
    """What a field comes to with its names."""
    names = [] if of.enum_type is None else [further_parts(value.name) for value in of.enum_type.values]
    return 1 + further_parts(of.name) + max(names, default=0)


_UNKNOWN: Final = _Kind()
"""Of a field that the schema does not have: it is passed over, whatever it holds."""


def _walk(reading: EncodedReading, kind: _Kind, end: int) -> None:
    """To the end, or to that of a group."""
    while reading.at < end:
        tag = reading.varint()
        found, form = kind.fields.get(tag >> 3), tag & 7
        if found is not None:
            reading.spend(found.each)
        if form == _VARINT:
            reading.varint()
        elif form == _BYTES:
            _pass(reading, found, end)
        elif form == _GROUP:
            _enter(reading, found, end)
        elif form == _GROUP_END:
            return
        elif form in {_EIGHT_BYTES, _FOUR_BYTES}:
            reading.at += 8 if form == _EIGHT_BYTES else 4
        else:
            raise Unreadable("the value has a field of a kind that there is not")


def _pass(reading: EncodedReading, found: _Field | None, end: int) -> None:
    size = reading.varint()
    stop = reading.at + size
    if stop > end:
        raise EOFError
    if found is not None:
        if found.is_decimal:
            reading.decimal(size)
        if found.packed_width is not None:
            reading.spend(found.each * _packed(reading, stop, found.packed_width))
        if found.kind is not None:
            _enter(reading, found, stop)
    reading.at = stop


def _enter(reading: EncodedReading, found: _Field | None, end: int) -> None:
    kind = _UNKNOWN if found is None or found.kind is None else found.kind
    reading.spend(kind.weight)
    _walk(reading, kind, end)


def _packed(reading: EncodedReading, stop: int, width: int) -> int:
    if width:
        return (stop - reading.at) // width
    return len(reading.data[reading.at : stop].translate(None, _NOT_LAST))
