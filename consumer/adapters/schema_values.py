"""Decoded values as plain data: what JSON has, and nothing that JSON's readers would round.

| decoded | plain |
|---|---|
| a moment (``timestamp-*``) | ``2026-05-01T10:00:00.120Z``; a local one, which has no zone, without the ``Z`` |
| a date, a time of day | ``2026-05-01``, ``10:00:00`` |
| a decimal of at most 15 digits | a number |
| a longer decimal; a whole number past 2^53 | its digits as text |
| bytes, ``fixed`` | base64 |
| a UUID, an enum's symbol | text |
| what is no number, or infinite | ``NaN``, ``Infinity``, ``-Infinity`` as text |
| a record, a map; an array | an object; an array |
| a union | the value in it |
"""

from __future__ import annotations

import base64
import math
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

__all__ = ["plain", "plain_decimal", "plain_float", "plain_integer"]

_EXACT_INTEGER_MAX: Final = 2**53
"""Numbers are exact up to here in JSONata, as in JavaScript."""

_EXACT_DIGITS_MAX: Final = 15
"""So many decimal digits survive in a number of 64 bits, whatever they are (``DBL_DIG`` of C)."""

_EXACT_EXPONENT_MAX: Final = 290
"""Of ten, on either side; past 308 there are no such numbers, and near it they lose digits."""

_SPELT_OUT_MAX: Final = 400
"""Zeros that are written out; a decimal may claim two billion."""


def plain(value: Any) -> Any:
    """The value as plain data. What is none of the kinds above stays as it is.

    Objects and arrays are changed in place: a value of many parts is not there twice.
    """
    made = _MADE.get(type(value))
    return value if made is None else made(value)


def plain_integer(value: int) -> int | str:
    """The number, or its digits where it is not exact."""
    return value if -_EXACT_INTEGER_MAX <= value <= _EXACT_INTEGER_MAX else str(value)


def plain_float(value: float) -> float | str:
    """The number; a word, the one that Protobuf has in JSON, where JSON has no such number."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def plain_decimal(value: Decimal) -> int | float | str:
    """A number where it is exact as one, else all of its digits."""
    exponent = value.adjusted()
    if abs(exponent) > _SPELT_OUT_MAX or abs(int(value.as_tuple().exponent)) > _SPELT_OUT_MAX:
        return str(value)
    digits = len("".join(map(str, value.as_tuple().digits)).strip("0"))
    if digits > _EXACT_DIGITS_MAX or abs(exponent) > _EXACT_EXPONENT_MAX:
        return format(value, "f")
    whole = value == value.to_integral_value()
    return plain_integer(int(value)) if whole else float(value)


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _object(value: dict[str, Any]) -> dict[str, Any]:
    for name, inner in value.items():
        value[name] = plain(inner)
    return value


def _array(value: list[Any]) -> list[Any]:
    for at, inner in enumerate(value):
        value[at] = plain(inner)
    return value


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


_MADE: Final[Mapping[type, Callable[[Any], Any]]] = MappingProxyType(
    {
        dict: _object,
        list: _array,
        int: plain_integer,
        float: plain_float,
        datetime: _moment,
        date: date.isoformat,
        time: time.isoformat,
        Decimal: plain_decimal,
        bytes: _base64,
        uuid.UUID: str,
    }
)
