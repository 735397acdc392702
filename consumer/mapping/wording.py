"""What stands in ``mapping.yaml`` and what may stand in its place, in words."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from consumer.mapping.formats.known import FORMATS

__all__ = ["BOOLEANS", "EXPRESSION", "Keys", "allowed_text", "found_text", "is_expected"]

Keys: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the top, as ``("rules", 0, "when")``."""

_FORMAT_NAMES: Final = ", ".join(FORMATS)
EXPRESSION: Final = "a JSONata expression: text, a number, true or false"
"""What is allowed where an expression stands."""
BOOLEANS: Final = ("enabled", "update", "create", "delete", "paused", "wrapped")
"""Keys that are true or false."""
_ALLOWED: Final[Mapping[str | int, str]] = {
    "format": f"{_FORMAT_NAMES}; or a map from topic to one of these",
    "name": "1 to 100 characters of text, without a space at either end",
    "id": "1 to 100 characters of text",
    "topic": "the name of a topic",
    "when": "an event name, a list of them, or fields as {type: identify}",
    "identity": "both, userId or email",
    "priority": "high, normal or low",
    "once": "hour or day",
    "stale": "drop or update",
    "on_unknown_contact": "dead_letter, drop or {wait_s: 30}",
    "wait_s": "a number of seconds from 1 to 3600",
    "max_per_hour": "a whole number from 1 to 1000000",
    "max_age": "a whole number and s, m, h or d, as 24h, or null",
    "at": "a time, as 2026-05-01T10:00:00Z",
    "given": "an event, as a mapping of keys and values",
    "expect": "a list of requests; [] for none",
    "recipients": 'a list of addresses, as ["*@example.com"], or null for everyone',
    "rules": "a list of at least one rule",
    "tests": "a list of tests",
    "define": "a mapping of names to JSONata expressions",
    "include": "a list of files, as [billing.yaml]",
    "env": "a list of variables of the environment, as [STAGE]",
    "compression": "gzip or zlib",
    "encoding": "avro, protobuf or json_schema",
    "headers": "a mapping of names to text",
    **dict.fromkeys(BOOLEANS, "true or false"),
    **dict.fromkeys(("where", "email", "userId"), EXPRESSION),
    **dict.fromkeys(("event", "contact"), "a mapping of properties to JSONata expressions"),
    "lists": "a mapping of list ids to true, false or a JSONata expression; or one expression that makes it",
    "send": "the name of an event in Loops",
}
_ALLOWED_ITEM: Final = {
    "when": "text",
    "rules": "a rule, as a mapping of keys and values",
    "tests": "a test, as a mapping of keys and values",
    "expect": "a request, as {send: trialStarted, userId: u1}",
    "recipients": "an address, as *@example.com",
    "include": "the name of a file",
    "env": "the name of a variable: letters, digits and _",
}
_EXPECTED: Final[Mapping[str | int, str]] = {
    **dict.fromkeys(("event", "contact"), "a mapping of properties to their values"),
    "lists": "a mapping of list ids to true or false",
    **dict.fromkeys(("update", "create", "delete"), "true"),
    **dict.fromkeys(("email", "userId"), "text"),
}
"""Under ``expect``, which has values and no expressions."""
_PATHS: Final = ("event", "id", "time")
_SHOWN_MAX: Final = 60
"""Characters of a value that a fault shows."""


def found_text(value: Any) -> str:
    """A value as the user wrote it, text in quotes, cut short where it is long."""
    if isinstance(value, str):
        return json.dumps(value if len(value) <= _SHOWN_MAX else value[: _SHOWN_MAX - 1] + "…", ensure_ascii=False)
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, dt.date):
        return f"{value} (a date)"
    names = (
        (dict, "a mapping"),
        (list, "a list" if value else "an empty list"),
        (type(None), "nothing (null)"),
        (bytes, "bytes"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), f"a {type(value).__name__}")


def allowed_text(keys: Keys) -> str:
    """What may stand there."""
    name = keys[-1] if keys else ""
    above = next((key for key in reversed(keys[:-1]) if isinstance(key, str)), "")
    if keys == ("contact",):
        return "who an event is about, as {email: PATH, userId: PATH}"
    if keys[0] == "format" and len(keys) > 1 and name not in {"compression", "encoding", "wrapped"}:
        return "a path, as meta.name" if name in _PATHS else _FORMAT_NAMES
    if isinstance(name, int):
        return _ALLOWED_ITEM.get(above, "text, a number, true or false")
    if is_expected(keys) and above == "expect":
        return _EXPECTED.get(name, "text")
    if above in {"event", "contact", "lists", "define"}:
        return "true or false" if keys[0] == "tests" else EXPRESSION
    return "text, a number, true or false, or a list of these" if above == "when" else _ALLOWED.get(name, "text")


def is_expected(keys: Keys) -> bool:
    """Whether this is within a request that a test expects."""
    return keys[0] == "tests" and "expect" in keys[:-1]
