"""What is probably meant by a key or a value of ``mapping.yaml`` that has no place there."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from consumer.faults import nearest
from consumer.mapping.formats.known import FORMATS
from consumer.mapping.wording import BOOLEANS, EXPRESSION, Keys, allowed_text, is_expected

__all__ = ["hint_for_key", "hint_for_value", "hint_for_variable", "meant_key"]

_CHOICES: Final[Mapping[str | int, Sequence[str]]] = {
    "identity": ("both", "userId", "email"),
    "priority": ("high", "normal", "low"),
    "once": ("hour", "day"),
    "stale": ("drop", "update"),
    "on_unknown_contact": ("dead_letter", "drop"),
    "compression": ("gzip", "zlib"),
    "encoding": ("avro", "protobuf", "json_schema"),
}
_OTHER_NAMES: Final = {
    **dict.fromkeys(("properties", "eventProperties", "event_properties"), "event"),
    **dict.fromkeys(("traits", "contactProperties", "contact_properties", "attributes"), "contact"),
    **dict.fromkeys(("eventName", "event_name"), "send"),
    **dict.fromkeys(("mailingLists", "mailing_lists"), "lists"),
    **dict.fromkeys(("if", "condition", "filter"), "where"),
    **dict.fromkeys(("on", "match", "trigger"), "when"),
    **dict.fromkeys(("input", "record", "message"), "given"),
    **dict.fromkeys(("output", "expected"), "expect"),
    **dict.fromkeys(("variables", "definitions"), "define"),
}
"""What other tools, and Loops' own requests, call a key."""
_YES: Final = frozenset({"yes", "on", "y", "true", "1"})
_NO: Final = frozenset({"no", "off", "n", "false", "0"})
_AGE_PART: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?) ?([smhdw])[a-z]*", re.IGNORECASE)
_AGE: Final = re.compile(rf"(?:pt?)?(?:{_AGE_PART.pattern}[ ,]*t?)+", re.IGNORECASE)
_UNITS_S: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_EVER: Final = frozenset({"never", "none", "any", "unlimited", "forever", "infinite"})
_HOURS_MAX: Final = 72
"""An age without a unit is probably hours up to here, and seconds beyond."""


def meant_key(name: str, allowed: Sequence[str]) -> str | None:
    """The key that is probably meant by one that is unknown; ``allowed`` may stand there."""
    other = _OTHER_NAMES.get(name)
    return other if other in allowed else nearest(name, allowed)


def hint_for_key(keys: Keys, allowed: Sequence[str]) -> str:
    """What to write in place of an unknown key; ``allowed`` may stand there."""
    name = str(keys[-1])
    if name == "dead_letter" and is_expected(keys):
        return "a dead letter cannot be expected"
    meant = meant_key(name, allowed)
    if meant is not None:
        return f"did you mean {meant}?"
    hint = f"there are: {', '.join(allowed)}"
    return f"{hint}; properties stand under contact of a rule" if keys[0] == "contact" else hint


def hint_for_variable(name: str) -> str | None:
    """The name that a definition may have in place of this one."""
    plain = re.sub(r"\W+", "_", name.removeprefix("$"))
    return f"did you mean {plain}?" if re.fullmatch(r"[^\W\d]\w*", plain) else None


def hint_for_value(keys: Keys, value: Any) -> str | None:
    """What to write in place of a wrong value, where that can be told."""
    return next((hint for kind in _HINTS if (hint := kind(keys, value)) is not None), None)


def _of_age(keys: Keys, value: Any) -> str | None:
    if keys[-1] != "max_age":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value}{'h' if value <= _HOURS_MAX else 's'}"
    if not isinstance(value, str) or value.casefold() in _EVER:
        return None if isinstance(value, dict | list) else "for any age write null"
    if _AGE.fullmatch(value) is None:
        return None
    seconds = round(sum(float(count) * _UNITS_S[unit.lower()] for count, unit in _AGE_PART.findall(value)))
    unit = next((unit for unit in ("d", "h", "m", "s") if seconds % _UNITS_S[unit] == 0), "s")
    count = seconds // _UNITS_S[unit]
    unit, count = ("h", 24) if (unit, count) == ("d", 1) else (unit, count)
    return f"did you mean {count}{unit}?" if count else None


def _of_format(keys: Keys, value: Any) -> str | None:
    if keys[0] != "format" or keys[-1] in _CHOICES or keys[-1] in BOOLEANS or _is_path(keys):
        return None
    if isinstance(value, list):
        return "for several topics write {web-events: segment, billing: json}" if len(keys) == 1 else None
    if isinstance(value, dict):
        return "a format with options has a name: {name: segment, compression: gzip}" if value else None
    meant = nearest(value, tuple(FORMATS)) if isinstance(value, str) else None
    return None if meant is None else f"did you mean {meant}?"


def _is_path(keys: Keys) -> bool:
    return keys[0] == "format" and len(keys) > 1 and keys[-1] in {"event", "id", "time"}


def _of_path(keys: Keys, value: Any) -> str | None:
    if not _is_path(keys) or not isinstance(value, str):
        return None
    if "[" in value:
        return "a path leads through objects, and into no list"
    plain = re.sub(r"[/.]+", ".", value.removeprefix("$")).strip(".")
    return f"did you mean {plain}?" if plain != value else None


def _of_call(keys: Keys, value: Any) -> str | None:
    name = keys[-1]
    if len(keys) != 3 or name not in {"send", "update", "create", "delete"} or _boolean(keys, value) is not None:
        return None
    if name == "send":
        return "write the name alone, and the properties under event and contact" if isinstance(value, dict) else None
    if name == "delete":
        return "write delete: true; who it is about stands under contact at the top of the file"
    return f"write {name}: true, and the properties under contact" if isinstance(value, dict | list) else None


def _boolean(keys: Keys, value: Any) -> str | None:
    if keys[-1] not in BOOLEANS or is_expected(keys):
        return None
    word = str(value).casefold()
    return "write true" if word in _YES else "write false" if word in _NO else None


def _of_when(keys: Keys, value: Any) -> str | None:
    if not isinstance(value, dict | list) or len(keys) != 4 or keys[2] != "when":
        return None
    if not isinstance(keys[3], int):
        return "when looks at fields at the top alone; use where for deeper ones" if value else None
    return "fields stand without a list: {type: identify}" if isinstance(value, dict) else None


def _of_one_or_many(keys: Keys, value: Any) -> str | None:
    """One where several may stand, several where one may, or none."""
    name = keys[-1]
    if name == "recipients" and value == []:
        return "an empty list would let nobody through"
    if name in {"rules", "tests"} and isinstance(value, dict):
        return "each begins with a dash: - name: ..."
    if name in {"recipients", "include", "env"} and isinstance(value, str):
        return f"write [{json.dumps(value) if name == 'recipients' else value}]"
    if name == "where" and isinstance(value, dict | list):
        begins = "{" if isinstance(value, dict) else "["
        return f'join conditions with and, as properties.plan = "pro"; quote one that begins with {begins}'
    return None


def _of_section(keys: Keys, value: Any) -> str | None:
    if len(keys) != 3 or keys[0] != "rules" or keys[2] not in {"event", "contact", "lists"}:
        return None
    if isinstance(value, list) and value and isinstance(value[0], str):
        return f"write {{{value[0]}: {'true' if keys[2] == 'lists' else f'properties.{value[0]}'}}}"
    return "each property stands by itself, as {plan: properties.plan}" if keys[2] != "lists" else None


def _of_expression(keys: Keys, value: Any) -> str | None:
    if is_expected(keys) or allowed_text(keys) != EXPRESSION:
        return None
    if isinstance(value, dt.date):
        return f"for the text write '\"{value.isoformat()}\"'"
    return "an expression that begins with { or [ must be quoted" if isinstance(value, dict | list) else None


def _of_choice(keys: Keys, value: Any) -> str | None:
    meant = nearest(value, _CHOICES[keys[-1]]) if isinstance(value, str) and keys[-1] in _CHOICES else None
    return None if meant is None else f"did you mean {meant}?"


def _of_quotes(keys: Keys, value: Any) -> str | None:
    if keys[-1] == "max_per_hour" and isinstance(value, str) and value.isdecimal():
        return "write it without quotes"
    name = next((key for key in reversed(keys) if isinstance(key, str)), "")
    text = name in {"name", "id", "send", "when"} or allowed_text(keys) == "text"
    if not text or value is None or isinstance(value, dict | list | str):
        return None
    return f'put it in quotes: "{json.dumps(value) if isinstance(value, bool | int | float) else value}"'


_HINTS: Final[Sequence[Callable[[Keys, Any], str | None]]] = (
    _of_age,
    _of_format,
    _of_path,
    _boolean,
    _of_call,
    _of_when,
    _of_one_or_many,
    _of_section,
    _of_expression,
    _of_choice,
    _of_quotes,
)
"""The first that says something counts."""
