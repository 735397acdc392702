"""Whether ``mapping.yaml`` has the right keys and kinds of values; what is wrong, in words and with its place."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from consumer.documents import Document
from consumer.faults import Fault, nearest
from consumer.mapping.formats.known import FORMATS
from consumer.mapping.grammar import (
    ContactText,
    ExpectedText,
    FormatOptionsText,
    RuleText,
    TestText,
    WaitText,
)

__all__ = ["Shape", "found_text", "read_shape"]

Keys: TypeAlias = tuple[str | int, ...]

_FORMAT_NAMES = ", ".join(FORMATS)
_EXPRESSION = "a JSONata expression: text, a number, true or false"
_ALLOWED = {
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
    **dict.fromkeys(("enabled", "update", "create", "delete", "paused", "wrapped"), "true or false"),
    **dict.fromkeys(("where", "email", "userId"), _EXPRESSION),
    **dict.fromkeys(("event", "contact"), "a mapping of properties to JSONata expressions"),
    "lists": "a mapping of list ids to true, false or a JSONata expression; or one expression that makes it",
    "send": "the name of an event in Loops",
}
_PATHS = ("event", "id", "time")
_ALLOWED_ITEM = {
    "when": "text",
    "rules": "a rule, as a mapping of keys and values",
    "tests": "a test, as a mapping of keys and values",
    "expect": "a request, as {send: trialStarted, userId: u1}",
    "recipients": "an address, as *@example.com",
    "include": "the name of a file",
    "env": "the name of a variable: letters, digits and _",
}
_SHOWN_MAX = 60
"""Characters of a value that a fault shows."""
_SECTIONS: dict[str, type[BaseModel]] = {"rules": RuleText, "tests": TestText, "expect": ExpectedText}
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Shape(Generic[M]):
    """What could be read: the file without what is wrong in it (``None`` where nothing is left)."""

    text: M | None
    faults: tuple[Fault, ...]
    faulty: frozenset[Keys]
    """Where something is wrong; a key that is missing counts too."""


def read_shape(document: Document, model: type[M]) -> Shape[M]:
    """Reads the shape of a document, which is what ``model`` says; raises nothing."""
    if not isinstance(document.data, dict):
        wanted = " and ".join(key for key in ("format", "rules") if key in model.model_fields) or "tests"
        message = f"found {found_text(document.data)}; allowed: a mapping with {wanted}"
        return Shape(None, (document.fault((), message),), frozenset())
    data = _with_dates_as_written(document)
    found_faults: dict[Keys, Fault] = {}
    missing: set[Keys] = set()  # these are there under misspelt names, which are faults enough
    for _ in range(3):  # what stands behind a wrong value is seen once that is gone; two rounds do in practice
        try:
            text = model.model_validate(data)
            return Shape(text, tuple(found_faults.values()), frozenset(found_faults) | missing)
        except ValidationError as errors:
            found = [(_keys_of(error, data), error) for error in errors.errors(include_url=False)]
            meant = {keys for keys in (_meant(keys, error, model) for keys, error in found) if keys is not None}
            for keys, error in found:
                if error["type"] == "missing" and keys in meant:
                    missing.add(keys)
                elif not any(known_keys[: len(keys)] == keys[: len(known_keys)] for known_keys in found_faults):
                    found_faults[keys] = _fault(document, error, keys, data, model)
            for keys, _ in found:
                _mend(data, keys)
    return Shape(None, tuple(found_faults.values()), frozenset(found_faults) | missing)


def found_text(value: Any) -> str:
    """A value as the user wrote it, text in quotes, cut short where it is long."""
    if isinstance(value, str):
        return json.dumps(value if len(value) <= _SHOWN_MAX else value[: _SHOWN_MAX - 1] + "…", ensure_ascii=False)
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, dt.date):
        return f"{value} (a date)"
    names = ((dict, "a mapping"), (list, "a list" if value else "an empty list"), (type(None), "nothing (null)"))
    return next((name for kind, name in names if isinstance(value, kind)), f"a {type(value).__name__}")


def _with_dates_as_written(document: Document) -> Any:
    """A copy in which the tests' dates are text again: an event is JSON, which has no dates."""

    def plain(value: Any, keys: Keys) -> Any:
        if isinstance(value, dict):
            return {key: plain(inner, (*keys, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner, (*keys, index)) for index, inner in enumerate(value)]
        if isinstance(value, dt.date):
            written = document.scalar(keys)
            return written.text if written is not None else value.isoformat()
        return value

    data = copy.copy(document.data)
    return {key: plain(value, (key,)) if key == "tests" else copy.deepcopy(value) for key, value in data.items()}


def _keys_of(error: ErrorDetails, data: Any) -> Keys:
    """Where in the data it is: the error's place without the names of a union's members."""
    keys: list[str | int] = []
    at = data
    for part in error["loc"]:
        if _has(at, part):
            at = at[part]
        elif not (error["type"] == "missing" and part == error["loc"][-1]):
            continue
        keys.append(part)
    return tuple(keys)


def _fault(document: Document, error: ErrorDetails, keys: Keys, data: Any, model: type[BaseModel]) -> Fault:
    kind, name, value = error["type"], keys[-1] if keys else "", _at(data, keys)
    if error["loc"] and error["loc"][-1] == "[key]":
        if kind == "string_pattern_mismatch":
            return document.fault(keys, "this is no name of a variable; allowed: letters, digits and _", of_key=True)
        return document.fault(keys, "the name of a key must be text", of_key=True, hint="put it in quotes")
    if kind == "missing":
        return document.fault(keys, f"this key is missing; allowed: {_ALLOWED.get(str(name), 'text')}")
    if kind == "extra_forbidden":
        return _unknown(document, keys, model)
    return document.fault(keys, f"found {found_text(value)}; allowed: {_allowed(keys)}", hint=_hint(keys, value))


def _allowed(keys: Keys) -> str:
    name = keys[-1] if keys else ""
    above = next((key for key in reversed(keys[:-1]) if isinstance(key, str)), "")
    if keys[0] == "format" and len(keys) > 1 and name not in {"compression", "encoding", "wrapped"}:
        return "a path, as meta.name" if name in _PATHS else _FORMAT_NAMES
    if isinstance(name, int):
        return _ALLOWED_ITEM.get(above, "text, a number, true or false")
    if above in {"event", "contact", "lists", "define"}:
        return "true or false" if keys[0] == "tests" else _EXPRESSION
    return "text, a number, true or false, or a list of these" if above == "when" else _ALLOWED.get(name, "text")


def _hint(keys: Keys, value: Any) -> str | None:
    if keys[-1] == "recipients" and value == []:
        return "an empty list would let nobody through"
    name = next((key for key in reversed(keys) if isinstance(key, str)), "")
    if name == "max_age" and isinstance(value, int | float):
        return f"did you mean {value}h?"
    expression = (
        name in {"where", "email", "userId"} or "define" in keys or (len(keys) > 3 and keys[2] in {"event", "contact"})
    )
    if expression and isinstance(value, dict | list):
        return "an expression that begins with { or [ must be quoted"
    if name in {"name", "id", "send", "when"} and not isinstance(value, dict | list | str) and value is not None:
        return f'put it in quotes: "{_yaml(value)}"'
    return None


def _unknown(document: Document, keys: Keys, model: type[BaseModel]) -> Fault:
    allowed = _names_beside(keys, model)
    meant = nearest(str(keys[-1]), allowed)
    hint = f"did you mean {meant}?" if meant else f"there are: {', '.join(allowed)}"
    return document.fault(keys, "unknown key", of_key=True, hint=hint)


def _meant(keys: Keys, error: ErrorDetails, model: type[BaseModel]) -> Keys | None:
    """The key that is probably meant by one that is unknown."""
    name = nearest(str(keys[-1]), _names_beside(keys, model)) if error["type"] == "extra_forbidden" and keys else None
    return None if name is None else (*keys[:-1], name)


def _names_beside(keys: Keys, top: type[BaseModel]) -> list[str]:
    sections = [key for key in keys[:-1] if isinstance(key, str)]
    model: type[BaseModel] = _SECTIONS.get(sections[-1], top) if sections else top
    if keys[0] in {"contact", "format"}:
        model = ContactText if keys[0] == "contact" else FormatOptionsText
    if "on_unknown_contact" in sections:
        model = WaitText
    return list(model.model_fields)


_STAND_IN = {"format": "segment", "wait_s": 30, "name": "-", "when": "-", "given": {}, "expect": []}
_STAND_IN_RULE = {"name": "-", "when": "-"}
_STAND_IN_ITEM = {
    "rules": _STAND_IN_RULE,
    "tests": {"name": "-", "given": {}, "expect": []},
    "expect": {"update": True},
    "env": "_",
}


def _mend(data: Any, keys: Keys) -> None:
    """Takes a wrong value away, and puts a harmless one in where there must be one."""
    parent = _at(data, keys[:-1])
    last = keys[-1] if keys else ""
    if isinstance(parent, dict):
        parent.pop(last, None)
        if keys == ("rules",):
            parent[last] = [dict(_STAND_IN_RULE)]
        elif last in _STAND_IN and (len(keys) == 1) == (last == "format"):
            parent[last] = copy.deepcopy(_STAND_IN[str(last)])
    elif isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        parent[last] = copy.deepcopy(_STAND_IN_ITEM.get(str(keys[-2]), "-"))


def _has(value: Any, key: str | int) -> bool:
    return key in value if isinstance(value, dict) else isinstance(value, list) and key in range(len(value))


def _at(data: Any, keys: Sequence[str | int]) -> Any:
    for key in keys:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _yaml(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool | int | float) else str(value)
