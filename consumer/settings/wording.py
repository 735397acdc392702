"""What is wrong with a value, in words: what was found, and what is allowed."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic_core import ErrorDetails

from consumer.faults import nearest
from consumer.settings.relations import Complaint, Keys
from consumer.settings.schema import subschema
from consumer.settings.secret import looks_secret

__all__ = ["allowed_text", "complaint_of", "found_text"]

_SHOWN_MAX = 60
"""Characters of a value that a fault shows."""


def complaint_of(error: ErrorDetails, keys: Keys, value: Any, *, written: str | None = None) -> Complaint:
    """One of pydantic's errors, for the value at ``keys``, in this program's words; a secret value is not shown.

    ``written`` is the text that a number was made of, where it is known.
    """
    kind = error["type"]
    secret = any(looks_secret(str(key)) for key in keys) or (isinstance(value, str) and looks_secret(value))
    reason = error.get("ctx", {}).get("error")
    if error["loc"][-1] == "[key]":
        return Complaint((keys,), "the name of a key must be text", "put it in quotes", of_key=True)
    if kind in {"extra_forbidden", "invalid_key"}:
        return _unknown(keys)
    if kind == "value_error" and isinstance(reason, ValueError) and not secret:
        return Complaint((keys,), str(reason.args[0]), reason.args[1] if len(reason.args) > 1 else None)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    found = "a value that is not shown" if secret else written if written and number else found_text(value)
    return Complaint((keys,), f"found {found}; allowed: {allowed_text(keys)}", _hint(keys, value))


def found_text(value: Any) -> str:
    """A value as the user wrote it, text in quotes, cut short where it is long."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, str):
        return json.dumps(value if len(value) <= _SHOWN_MAX else value[: _SHOWN_MAX - 1] + "…", ensure_ascii=False)
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return f"{value} (a date)" if isinstance(value, dt.date) else f"a value of another kind ({type(value).__name__})"


def allowed_text(keys: Keys) -> str:
    """What may stand at ``keys``."""
    schema = subschema(keys)
    return "another type" if schema is None else _of_schema(schema)


def _of_schema(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        numbers = any(member.get("type") == "number" for member in schema["anyOf"])
        members = [member for member in schema["anyOf"] if not (numbers and member.get("type") == "integer")]
        return " or ".join(_of_schema(member) for member in members)
    if "const" in schema or "enum" in schema:
        return " or ".join(str(value) for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type")
    text = _TYPES.get(str(kind), "another type")
    if kind in {"integer", "number"}:
        text += _bounds(schema)
    elif kind == "string" and "minLength" in schema:
        text = f"{schema['minLength']} to {schema['maxLength']} characters of text"
    elif kind == "array":
        text += " of at least one" if "minItems" in schema else ""
    example = schema.get("examples", [None])[0]
    return text if example is None else f"{text}, as {json.dumps(example) if kind == 'array' else example}"


_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of keys and values",
    "null": "null",
}


def _bounds(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    return "" if low is None or high is None else f" from {_plain(low)} to {_plain(high)}"


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _hint(keys: Keys, value: Any) -> str | None:
    """For a number in quotes, a time with its unit, a key without a space after its colon, and a list of one."""
    schema = subschema(keys) or {}
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", value):
        return f"write it without quotes: {value}" if _fits(schema, float(value), whole="." not in value) else None
    if isinstance(value, str) and str(keys[-1]).endswith("_s") and (time := _TIME.fullmatch(value)):
        seconds = round(float(time[1]) * _UNITS_S[time[2]], 3)
        return f"in seconds: {seconds:.15g}" if _fits(schema, seconds, whole=not seconds % 1) else None
    if isinstance(value, str) and schema.get("type") == "object" and re.match(r"[\w.-]+:\S", value):
        return "a space is needed after the colon"
    if isinstance(value, str) and schema.get("type") == "array":
        return f"write it as a list: [{value}]" if len(value) <= _SHOWN_MAX and value.isprintable() else None
    if isinstance(value, str) and schema.get("enum"):
        meant = nearest(value, [str(member) for member in schema["enum"]])
        return f"did you mean {meant}?" if meant else None
    return None


_UNITS_S = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}
_TIME = re.compile(r"(\d{1,9}(?:\.\d{1,9})?) ?(ms|s|m|min|h|d)")


def _fits(schema: Mapping[str, Any], number: float, *, whole: bool) -> bool:
    """Whether it may stand there as a number."""
    kinds = ("integer", "number") if whole else ("number",)
    members = [each for each in schema.get("anyOf", [schema]) if each.get("type") in kinds]
    return any(each.get("minimum", number) <= number <= each.get("maximum", number) for each in members)


@cache
def _names(above: Keys) -> tuple[str, ...]:
    """Those that may be set."""
    return tuple((subschema(above) or {}).get("properties", {}))


def _unknown(keys: Keys) -> Complaint:
    allowed = _names(keys[:-1])
    meant = nearest(str(keys[-1]), allowed)
    hint = f"did you mean {meant}?" if meant else None
    if keys[-1] in {"api_key", "key"}:
        hint = "the key of Loops stands in no settings file: set LOOPS_API_KEY, or name its file as loops.api_key_file"
    return Complaint((keys,), f"unknown key; allowed: {', '.join(allowed)}", hint, of_key=True)
