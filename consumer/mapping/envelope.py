"""What is around a value before its format reads it: compression, an encoding with a schema, a JSON string."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, TypeAlias

import orjson

from consumer.core.record import Headers

__all__ = [
    "OPENED_BYTES_MAX",
    "PARTS_MAX",
    "Compression",
    "Encoding",
    "Envelope",
    "NotYet",
    "Unreadable",
    "ValueDecoder",
    "check_parts",
]

Compression: TypeAlias = Literal["gzip", "zlib"]
Encoding: TypeAlias = Literal["avro", "protobuf", "json_schema"]

OPENED_BYTES_MAX: Final = 16 * 1024 * 1024
"""Of a value out of its compression: a few bytes can stand for gigabytes."""

PARTS_MAX: Final = 500_000
"""Commas and opening brackets of a value that is decoded whole, and what would be such in other encodings. Each may
become an object of some 100 bytes: ten megabytes of ``[[],[],…]`` would take a pod's whole memory, and again after each
restart."""

_WINDOW_BITS: Final = {"gzip": 31, "zlib": 15}
"""As zlib's manual has them: 15 is the largest window, and 16 more stand for gzip's header."""


class Unreadable(Exception):  # noqa: N818 - it says what the record is
    """A record that is not of its format; the text says why and quotes nothing of it."""


class NotYet(Exception):  # noqa: N818 - it says what the record has to do
    """A record that cannot be decoded for now, through no fault of its own: it is read again later.

    The text says what is waited for, for a person; it quotes nothing of the record.
    """


class ValueDecoder(Protocol):
    """Decodes with a schema that the record names."""

    def decode(self, encoding: Encoding, topic: str, value: bytes, headers: Headers) -> Any:
        """The value as plain data, fit for JSON. Raises :class:`Unreadable` and :class:`NotYet`."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the mapping says is around the values of a topic, from the outside to the inside."""

    compression: Compression | None = None
    encoding: Encoding | None = None
    wrapped: bool = False
    """The value is a JSON string that holds the JSON."""

    def open(self, value: bytes, headers: Headers, topic: str, decoder: ValueDecoder | None) -> bytes:
        """What its format reads. ``decoder`` is asked where there is an encoding.

        Raises :class:`Unreadable`, and :class:`NotYet` where its schema cannot be had for now.
        """
        if self.compression is not None:
            value = _inflated(value, self.compression)
        if self.encoding is not None:
            if decoder is None:
                raise Unreadable(f"there is no schema registry to decode {self.encoding} with")
            value = _as_json(decoder.decode(self.encoding, topic, value, headers))
        return _unwrapped(value) if self.wrapped else value


def check_parts(value: bytes) -> None:
    """Raises :class:`Unreadable` where JSON has too many parts to be decoded."""
    if len(value) > PARTS_MAX and sum(map(value.count, (b",", b"[", b"{"))) > PARTS_MAX:
        raise Unreadable(f"the value has more than {PARTS_MAX} commas and opening brackets")


def _inflated(value: bytes, compression: Compression) -> bytes:
    inflater = zlib.decompressobj(_WINDOW_BITS[compression])
    try:
        found = inflater.decompress(value, OPENED_BYTES_MAX)
    except zlib.error:
        raise Unreadable(f"the value is not {compression}") from None
    if inflater.unconsumed_tail:
        raise Unreadable(f"the value is over {OPENED_BYTES_MAX} bytes once it is decompressed")
    if not inflater.eof:
        raise Unreadable(f"the value is {compression} that was cut short")
    return found


def _as_json(decoded: Any) -> bytes:
    try:
        return orjson.dumps(decoded, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)
    except (TypeError, RecursionError):
        raise Unreadable("the decoded value cannot be written as JSON") from None


def _unwrapped(value: bytes) -> bytes:
    """The text inside a JSON string; a value that is none stays as it is."""
    if not value.lstrip().startswith(b'"'):
        return value
    try:
        found = orjson.loads(value)
    except (orjson.JSONDecodeError, RecursionError):
        raise Unreadable("the value is not JSON in UTF-8") from None
    return found.encode() if isinstance(found, str) else value
