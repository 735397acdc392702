"""Places, names and values as they have to stand in a mapping: JSONata's backticks, and YAML's quotes around them."""

from __future__ import annotations

import re
from typing import Final

from consumer.infer.shapes import Place

__all__ = ["camel_case", "expression", "scalar", "slug"]

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEYWORDS: Final = frozenset({"and", "or", "in", "true", "false", "null", "function"})
_PLAIN: Final = re.compile(r"[A-Za-z_$][\w$./\[\]-]*( [\w$./\[\]()-]+)*", re.ASCII)
"""A scalar that YAML takes as the text that it is, but for :data:`_NOT_TEXT`."""
_NOT_TEXT: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"})
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_SLUG_CHARACTERS_MAX: Final = 60


def expression(place: Place) -> str | None:
    """The JSONata that leads there; ``None`` where there is none, for a backtick in a key.

    Nor is there any where a key may be an address: it stays unsaid.
    """
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
            continue
        if not step or "`" in step or "@" in step:
            return None
        is_name = _NAME.fullmatch(step) and step not in _KEYWORDS
        text += ("." if text else "") + (step if is_name else f"`{step}`")
    return text


def scalar(text: str) -> str:
    """A text as a value in YAML: plain where it may be, else in quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    """As it stands in double quotes: YAML 1.2, 5.7."""
    if char in {'"', "\\"}:
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08x}"


def camel_case(name: str) -> str | None:
    """``trialStarted`` for ``Trial Started`` or ``trial_started``; ``None`` where no letter comes first."""
    words = _WORDS.findall(name)
    made = "".join(word.lower() if not number else word.capitalize() for number, word in enumerate(words))
    return made if made[:1].isalpha() else None


def slug(name: str) -> str:
    """``trial-started``: a rule's name; empty where there is no letter in it."""
    made = "-".join(_WORDS.findall(name)).lower()[:_SLUG_CHARACTERS_MAX].strip("-")
    return made if any(char.isalpha() for char in made) else ""
