"""Whether ``mapping.yaml`` has the right keys and kinds of values; what is wrong, in words and with its place."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from consumer.documents import Document
from consumer.faults import Fault
from consumer.mapping.grammar import (
    ContactText,
    ExpectedText,
    FormatOptionsText,
    RuleText,
    TestText,
    WaitText,
)
from consumer.mapping.hints import hint_for_key, hint_for_value, hint_for_variable, meant_key
from consumer.mapping.wording import Keys, allowed_text, found_text

__all__ = ["Shape", "read_shape"]

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
    kind, value = error["type"], _at(data, keys)
    if error["loc"] and error["loc"][-1] == "[key]":
        if kind == "string_pattern_mismatch":
            message = "this is no name of a variable; allowed: letters, digits and _, a letter first"
            return document.fault(keys, message, of_key=True, hint=hint_for_variable(str(keys[-1])))
        return document.fault(keys, "the name of a key must be text", of_key=True, hint="put it in quotes")
    if kind == "missing":
        return document.fault(keys, f"this key is missing; allowed: {allowed_text(keys)}")
    if kind == "extra_forbidden":
        return _unknown(document, keys, model)
    return document.fault(
        keys, f"found {found_text(value)}; allowed: {allowed_text(keys)}", hint=hint_for_value(keys, value)
    )


def _unknown(document: Document, keys: Keys, model: type[BaseModel]) -> Fault:
    return document.fault(keys, "unknown key", of_key=True, hint=hint_for_key(keys, _names_beside(keys, model)))


def _meant(keys: Keys, error: ErrorDetails, model: type[BaseModel]) -> Keys | None:
    """The key that is probably meant by one that is unknown."""
    name = meant_key(str(keys[-1]), _names_beside(keys, model)) if error["type"] == "extra_forbidden" and keys else None
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
