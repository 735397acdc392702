"""What may be the value of a property, and which type it shows.

Sources: Loops' documentation of contact properties and event properties; the length counts the two quotes of a string.
"""

from __future__ import annotations

import re
from enum import Enum

from consumer.sandbox.reply import Refused

__all__ = [
    "EMAIL_LENGTH_MAX",
    "RESERVED",
    "STRING_LENGTH_MAX",
    "PropertyType",
    "check_value",
    "is_date",
    "type_of",
    "valid_email",
]

RESERVED = frozenset({"id", "listId", "softDeleteAt", "teamId", "updatedAt"})
"""Names that no property may have."""

STRING_LENGTH_MAX = 498
"""Characters: 500 with the two quotes."""

EMAIL_LENGTH_MAX = 254
"""Characters; RFC 5321's longest path, less its brackets."""

_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;.]+(\.[^\s@<>,;.]+)+")
_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)?"
_DATE = re.compile(f"{_DAY}([T ]{_TIME})?")


class PropertyType(Enum):
    """The types that Loops has."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


def valid_email(text: str) -> bool:
    """Whether it has the form of an address."""
    return len(text) <= EMAIL_LENGTH_MAX and _EMAIL.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """Whether it is ``YYYY-MM-DD``, perhaps with a time down to the millisecond, perhaps with an offset."""
    return _DATE.fullmatch(text) is not None


def type_of(value: str | float | bool) -> PropertyType:
    """The type that a property gets when this is its first value; a date in milliseconds is a number like another."""
    if isinstance(value, bool):
        return PropertyType.BOOLEAN
    if isinstance(value, str):
        return PropertyType.DATE if is_date(value) else PropertyType.STRING
    return PropertyType.NUMBER


def check_value(name: str, value: object, *, null: bool) -> None:
    """Raises :class:`Refused` (400) where Loops takes no such value; ``null`` tells whether null is one."""
    if value is None and null:
        return
    if isinstance(value, str):
        if len(value) > STRING_LENGTH_MAX:
            raise Refused(400, f"The value of {_short(name)} is longer than 500 characters.")
    elif not isinstance(value, bool | int | float):
        raise Refused(400, f"The value of {_short(name)} must be a string, number, boolean or date.")


def _short(name: str) -> str:
    return name if len(name) <= 100 else name[:100] + "…"
