"""What Loops takes as an identifier and as a value, checked before it leaves.

Source: Loops' reference: strings, numbers, booleans and dates; 500 characters a value with the two quotes counted;
no null in the properties of an event.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from consumer.core.request import Value

__all__ = [
    "EMAIL_LENGTH_MAX",
    "LIST_ID",
    "TEXT_LENGTH_MAX",
    "Unacceptable",
    "checked_email",
    "checked_lists",
    "checked_properties",
    "checked_user_id",
]

TEXT_LENGTH_MAX = 498
EMAIL_LENGTH_MAX = 254
"""Characters; RFC 5321, 4.5.3.1.3, without the angle brackets."""
EXACT_INTEGER_MAX = 2**53 - 1
"""JSON's numbers are exact up to here in JSONata and in JavaScript: beyond, two userIds could become one."""

LIST_ID = re.compile(r"[a-z0-9]{20,40}")

LARGEST_INTEGER = 2**63 - 1
"""What fits in 64 bits; orjson writes nothing larger."""

_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+")

_KINDS: Mapping[type, str] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "an array",
    dict: "an object",
}


class Unacceptable(Exception):  # noqa: N818 - named like what it finds
    """A value that Loops would refuse; the text names the property and the kind of the value, never the value."""


def checked_email(value: Any) -> str | None:
    """An address, or ``None`` where it is absent, null or empty. Raises :class:`Unacceptable`."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Unacceptable(f"email is {_kind(value)} and no text")
    if len(value) > EMAIL_LENGTH_MAX:
        raise Unacceptable(f"email is longer than {EMAIL_LENGTH_MAX} characters")
    if _EMAIL.fullmatch(value) is None:
        raise Unacceptable("email is no address: it needs one @ with something on both sides, and no white space")
    return value


def checked_user_id(value: Any) -> str | None:
    """A userId as text, or ``None`` where it is absent, null or empty. Raises :class:`Unacceptable`."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        if len(value) > TEXT_LENGTH_MAX:
            raise Unacceptable(f"userId is longer than {TEXT_LENGTH_MAX} characters")
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unacceptable(f"userId is {_kind(value)}; it must be text or a whole number")
    if abs(value) > EXACT_INTEGER_MAX:
        raise Unacceptable("userId is a number past 2^53, which is not exact: it must come as text")
    return str(value)


def checked_properties(values: Mapping[str, Any], what: str, *, null: bool) -> dict[str, Value]:
    """Properties as they may leave; ``null`` says whether null may. Raises :class:`Unacceptable`."""
    for name, value in values.items():
        if isinstance(value, str):
            if len(value) > TEXT_LENGTH_MAX:
                raise Unacceptable(f"{what}.{name} is longer than {TEXT_LENGTH_MAX} characters")
        elif value is None:
            if not null:
                raise Unacceptable(f"{what}.{name} is null, which Loops takes in properties of a contact alone")
        elif isinstance(value, int):
            if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
                raise Unacceptable(f"{what}.{name} is a number past 2^63, which JSON's readers do not take")
        elif not (isinstance(value, float) and math.isfinite(value)):
            raise Unacceptable(f"{what}.{name} is {_kind(value)}; Loops takes text, numbers, true and false")
    return dict(values)


def checked_lists(values: Any) -> dict[str, bool]:
    """Mailing lists, each joined or left. Raises :class:`Unacceptable`."""
    if not isinstance(values, dict):
        raise Unacceptable(f"lists is {_kind(values)}; it must be an object of list ids")
    for name, value in values.items():
        if LIST_ID.fullmatch(name) is None:
            raise Unacceptable("lists names something that is no id of a list")
        if not isinstance(value, bool):
            raise Unacceptable(f"lists.{name} is {_kind(value)}; it must be true or false")
    return dict(values)


def _kind(value: Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), "a value of another kind")
