"""How many parts an Avro value has, told before any of them is made.

A dozen bytes may say that twenty million nulls follow, and what reads Avro makes them all. Nor does it look how deep a
value goes: ten thousand levels end the process. Here as many levels are walked as Python allows, some hundreds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from consumer.mapping.encoded_reading import EncodedReading, further_parts
from consumer.mapping.envelope import Unreadable

__all__ = ["AvroParts"]

_WIDTHS: Final[Mapping[str, int]] = {"null": 0, "boolean": 1, "float": 4, "double": 8}
"""Bytes of what has no length of its own."""


class _Reading(EncodedReading):
    __slots__ = ()

    def long(self) -> int:
        found = self.varint()
        return (found >> 1) ^ -(found & 1)

    def skip(self) -> int:
        """Passes bytes with their length in front; returns that."""
        if (size := self.long()) < 0:
            raise Unreadable("the value has a text of less than no length")
        self.at += size
        return size


_Walk: TypeAlias = Callable[[_Reading], object]


class AvroParts:
    """Walks over values of one schema and counts; they are neither changed nor kept."""

    def __init__(self, schema: Any, named: Mapping[str, Any]) -> None:
        """``schema`` as fastavro parses it, and by their names the types that it, or what it refers to, defines."""
        self._named = named
        self._walks: dict[str, _Walk] = {}
        # A schema that is bytes and nothing else: there what reads takes all that is there, without a length.
        is_bytes = (schema.get("type") if isinstance(schema, dict) else schema) == "bytes"
        self._walk = _fixed(0) if is_bytes else self._made(schema)

    def check(self, data: bytes, at: int) -> None:
        """Raises :class:`Unreadable` where the value from ``at`` on has too many parts.

        And whatever else where it is cut short, or nested deeper than Python goes.
        """
        self._walk(_Reading(data, at))

    def _made(self, schema: Any) -> _Walk:
        if isinstance(schema, list):
            return _union([self._made(branch) for branch in schema])
        kind = schema["type"] if isinstance(schema, dict) else schema
        if isinstance(kind, list | dict):
            return self._made(kind)
        if (width := _width(kind, schema)) is not None:
            return _fixed(width)
        if kind in {"array", "map", "record", "error"}:
            return self._holding(kind, schema)
        return self._scalar(kind, schema)

    def _holding(self, kind: str, schema: Any) -> _Walk:
        if kind == "array":
            return _array(self._made(schema["items"]), _width(schema["items"], schema["items"]))
        if kind == "map":
            return _map(self._made(schema["values"]))
        weight = sum(1 + further_parts(field["name"]) for field in schema["fields"])
        return _record([self._made(field["type"]) for field in schema["fields"]], max(1, weight))

    def _scalar(self, kind: str, schema: Any) -> _Walk:
        if kind in {"bytes", "fixed"} and _is_decimal(schema):
            return _decimal(schema.get("size"))
        if kind in {"bytes", "string"}:
            return _Reading.skip
        if kind == "enum":
            return _enum(max(map(further_parts, schema["symbols"]), default=0))
        return _Reading.long if kind in {"int", "long"} else _Named(self, kind)

    def called(self, name: str) -> _Walk:
        """Made when there is one: a record may hold its own kind."""
        if (known := self._walks.get(name)) is None:
            known = self._walks[name] = self._made(self._named[name])
        return known


class _Named:
    """A type by its name."""

    def __init__(self, parts: AvroParts, name: str) -> None:
        self._parts = parts
        self._name = name

    def __call__(self, reading: _Reading) -> None:
        self._parts.called(self._name)(reading)


def _is_decimal(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("logicalType") == "decimal"


def _width(kind: Any, schema: Any) -> int | None:
    """How many bytes each such value has, where they are all alike."""
    if isinstance(kind, dict):
        return _width(kind["type"], kind)
    if kind == "fixed" and isinstance(schema, dict) and not _is_decimal(schema):
        return int(schema["size"])
    return _WIDTHS.get(kind) if isinstance(kind, str) else None


def _fixed(width: int) -> _Walk:
    def walk(reading: _Reading) -> None:
        reading.at += width

    return walk


def _decimal(size: int | None) -> _Walk:
    def walk(reading: _Reading) -> None:
        if size is None:
            reading.decimal(reading.skip())
        else:
            reading.decimal(size)
            reading.at += size

    return walk


def _enum(weight: int) -> _Walk:
    def walk(reading: _Reading) -> None:
        reading.spend(weight)
        reading.long()

    return walk


def _union(branches: Sequence[_Walk]) -> _Walk:
    return lambda reading: branches[reading.long()](reading)


def _record(fields: Sequence[_Walk], weight: int) -> _Walk:
    def walk(reading: _Reading) -> None:
        reading.spend(weight)
        for field in fields:
            field(reading)

    return walk


def _array(item: _Walk, width: int | None) -> _Walk:
    def walk(reading: _Reading) -> None:
        for count in _blocks(reading):
            reading.spend(count)
            if width is not None:
                reading.at += count * width
                continue
            for _ in range(count):
                item(reading)

    return walk


def _map(value: _Walk) -> _Walk:
    def walk(reading: _Reading) -> None:
        for count in _blocks(reading):
            reading.spend(count)
            for _ in range(count):
                reading.skip()
                value(reading)

    return walk


def _blocks(reading: _Reading) -> Iterator[int]:
    """How many items each has. A negative number stands before the block's size in bytes, which what reads ignores."""
    reading.spend(1)
    while count := reading.long():
        if count < 0:
            reading.long()
        yield abs(count)
