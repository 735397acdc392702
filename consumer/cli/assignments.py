"""``name=value`` words of a command line, as properties of a contact and memberships of lists."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Final

from consumer.core.request import Value
from consumer.faults import Fault, Faults, nearest

__all__ = ["memberships", "properties"]

RESERVED: Final = frozenset({"id", "listId", "softDeleteAt", "teamId", "updatedAt"})
"""Names that Loops keeps for itself."""
NOT_PROPERTIES: Final = {
    "email": "name the contact by its address",
    "userId": "name the contact by --user-id",
    "mailingLists": "use --list ID=true or --list ID=false",
    "eventName": "a contact has no events",
    "eventProperties": "a contact has no events",
}
VALUE_LENGTH_MAX: Final = 498
"""Characters of a text: Loops takes 500 with the two quotes counted."""

_WORDS: Final = {"true": True, "false": False, "null": None}
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?(?:[eE][-+]?\d{1,2})?")
"""What every JSON reader takes for the same number: at most 15 digits before the point. Others stay text."""


def properties(words: Iterable[str], texts: Iterable[str]) -> dict[str, Value]:
    """``plan=pro seats=12 trial=false since=null``: numbers, true, false and null are read as such in ``words``.

    In ``texts`` the value stays as it stands. Raises :class:`~consumer.faults.Faults` with all that is wrong.
    """
    found: dict[str, Value] = {}
    faults: list[Fault] = []
    pairs = [(word, _value) for word in words] + [(word, str) for word in texts]
    for word, read in pairs:
        name, equals, text = word.partition("=")
        complaints = list(_complaints(name, equals, text, name in found))
        if not complaints and read is _value and _is_container(text):
            message = "an object or a list is no value; Loops takes text, numbers, true, false and null"
            complaints.append(Fault(message, path=_shown(name), hint="--string sends it as text"))
        faults += complaints
        if not complaints:
            found[name] = read(text)
    if faults:
        raise Faults(faults)
    return found


def memberships(words: Iterable[str]) -> dict[str, bool]:
    """``cm06f5v0e45nf0ml5754o9cix=true``: on the list, or with ``false`` off it. Raises Faults as above."""
    found: dict[str, bool] = {}
    faults = []
    for word in words:
        name, _, text = word.partition("=")
        if not name or text not in {"true", "false"}:
            faults.append(Fault("a list is given as ID=true or ID=false", path="--list"))
        else:
            found[name] = text == "true"
    if faults:
        raise Faults(faults)
    return found


def _value(text: str) -> Value:
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return text
    number = float(text)
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return number if math.isfinite(number) else text


def _is_container(text: str) -> bool:
    """Whether it is an object or a list in JSON."""
    if not text.startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _complaints(name: str, equals: str, text: str, twice: bool) -> Iterator[Fault]:
    if not equals or not name:
        yield Fault("a property is given as name=value, and this word is not", path=_shown(name))
    elif twice:
        yield Fault("this property is given twice", path=_shown(name))
    elif name in RESERVED:
        yield Fault("this name is reserved by Loops", path=name)
    elif (meant := nearest(name, tuple(NOT_PROPERTIES))) and meant.casefold() == name.casefold():
        yield Fault("this is no property", path=name, hint=NOT_PROPERTIES[meant])
    elif len(text) > VALUE_LENGTH_MAX:
        message = f"this value has {len(text)} characters; Loops takes at most {VALUE_LENGTH_MAX}"
        yield Fault(message, path=_shown(name))


def _shown(name: str) -> str:
    """The name, unless it is an address that was put in the wrong place."""
    return "(address)" if "@" in name else name[:100]
