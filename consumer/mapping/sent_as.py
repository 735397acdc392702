"""As which of Loops' types a value is sent, as far as an expression tells before there is an event.

Source of the dates: Loops' reference: ``YYYY-MM-DD``, perhaps with a time and an offset, or milliseconds since 1970.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Final

from consumer.mapping.tokens import Token, tokens_of

__all__ = ["SentAs", "sent_as", "sent_by"]

_DAY: Final = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_CLOCK: Final = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?"
_DATE: Final = re.compile(f"{_DAY}(?:[T ]{_CLOCK})?")

_MILLISECONDS_MIN: Final = 100_000_000_000
"""March 1973: a smaller number that stands for a date is meant in seconds."""


class SentAs(Enum):
    """What a value is to Loops; the value says it to people."""

    WORDS = "text that is no date"
    DATE = "a date"
    TEXT = "text"
    """The event decides what it says, perhaps a date."""
    NUMBER = "a number"
    SMALL_NUMBER = "a number too small for milliseconds since 1970"
    BOOLEAN = "true or false"
    NULL = "null"
    """Resets a property, of whatever type."""
    UNKNOWN = "something that the event decides"

    @property
    def type_made(self) -> str | None:
        """Loops' type of a property that such a value makes; ``None`` where that cannot be told."""
        return _TYPES_MADE.get(self)

    def fits(self, kind: str) -> bool:
        """Whether a property of this type of Loops can hold it, as far as it can be told."""
        return self in {SentAs.NULL, SentAs.UNKNOWN} or self in _FITTING.get(kind, frozenset(SentAs))


_TYPES_MADE: Final = {
    SentAs.WORDS: "string",
    SentAs.TEXT: "string",
    SentAs.DATE: "date",
    SentAs.NUMBER: "number",
    SentAs.SMALL_NUMBER: "number",
    SentAs.BOOLEAN: "boolean",
}
_FITTING: Final[Mapping[str, frozenset[SentAs]]] = {
    "string": frozenset({SentAs.WORDS, SentAs.TEXT, SentAs.DATE}),
    "date": frozenset({SentAs.DATE, SentAs.TEXT, SentAs.NUMBER}),
    "number": frozenset({SentAs.NUMBER, SentAs.SMALL_NUMBER}),
    "boolean": frozenset({SentAs.BOOLEAN}),
}

_FUNCTIONS: Final[Mapping[SentAs, str]] = {
    SentAs.NUMBER: "abs average ceil count floor length max min millis number parseInteger power random round sqrt sum"
    " toMillis",
    SentAs.BOOLEAN: "boolean contains exists not",
    SentAs.TEXT: "base64decode base64encode decodeUrl decodeUrlComponent domain encodeUrl encodeUrlComponent formatBase"
    " formatInteger formatNumber hash join lower lowercase pad replace string substring substringAfter substringBefore"
    " trim truncate type uppercase",
    SentAs.DATE: "fromMillis isoDate now",
}
_GIVEN_BY: Final = {f"${name}": kind for kind, names in _FUNCTIONS.items() for name in names.split()}
"""What each function gives, where it gives anything."""
_LITERALS: Final[Mapping[str, SentAs]] = {
    "true": SentAs.BOOLEAN,
    "false": SentAs.BOOLEAN,
    "null": SentAs.NULL,
}
_UNKNOWN: Final = frozenset({SentAs.UNKNOWN})


def sent_as(value: Any) -> SentAs:
    """What one value is."""
    if isinstance(value, bool):
        return SentAs.BOOLEAN
    if isinstance(value, int | float):
        return SentAs.NUMBER if abs(value) >= _MILLISECONDS_MIN else SentAs.SMALL_NUMBER
    if isinstance(value, str):
        return SentAs.DATE if _DATE.fullmatch(value) else SentAs.WORDS
    return SentAs.NULL if value is None else SentAs.UNKNOWN


def sent_by(source: str, definitions: Mapping[str, str] | None = None) -> frozenset[SentAs]:
    """All that an expression which compiles can come to. ``definitions`` are those of the variables that it reads."""
    return _of(tuple(tokens_of(source)), definitions or {})


def _of(tokens: Sequence[Token], definitions: Mapping[str, str]) -> frozenset[SentAs]:
    """What these tokens come to, by the operator that binds least."""
    texts = [token.text for token in tokens]
    if len(tokens) <= 1:
        return _of_one(tokens, definitions)
    if texts[0] == "(" and _closing(texts, 0) == len(texts) - 1:
        return _of(_last_statement(tokens[1:-1]), definitions)
    top = list(_at_top(texts))
    if (assigned := next((at for at in top if texts[at : at + 2] == [":", "="]), None)) is not None:
        return _of(tokens[assigned + 2 :], definitions)
    if (asks := next((at for at in top if texts[at] == "?"), None)) is not None:
        return _of_choice(tokens, asks, definitions)
    return _of_operators(tokens, top)


def _of_one(tokens: Sequence[Token], definitions: Mapping[str, str]) -> frozenset[SentAs]:
    for kind, text, _ in tokens:
        if kind == "number":
            return frozenset({sent_as(float(text))})
        if text[0] in "\"'":
            return frozenset({sent_as(text[1:-1])})
        if text in _LITERALS:
            return frozenset({_LITERALS[text]})
        if text[1:] in definitions and text[0] == "$":
            others = {name: source for name, source in definitions.items() if name != text[1:]}
            return sent_by(definitions[text[1:]], others)
    return _UNKNOWN


def _of_choice(tokens: Sequence[Token], asks: int, definitions: Mapping[str, str]) -> frozenset[SentAs]:
    """Of ``a ? b : c``, where ``c`` may be absent, ``a ?: b`` and ``a ?? b``."""
    texts = [token.text for token in tokens]
    if texts[asks + 1] in {":", "?"}:
        return _of(tokens[:asks], definitions) | _of(tokens[asks + 2 :], definitions)
    depth = 0
    for at in (at for at in _at_top(texts) if at > asks):
        depth += {"?": 1, ":": -1}.get(texts[at], 0)
        if depth < 0:
            return _of(tokens[asks + 1 : at], definitions) | _of(tokens[at + 1 :], definitions)
    return _of(tokens[asks + 1 :], definitions)


def _of_operators(tokens: Sequence[Token], top: Sequence[int]) -> frozenset[SentAs]:
    texts = [token.text for token in tokens]
    if any(texts[at : at + 2] == ["~", ">"] for at in top):
        return _given_by(texts[max(at for at in top if texts[at] == ">") + 1])
    infix = {texts[at] for at in top if tokens[at].kind != "wildcard" and (at == 0 or tokens[at - 1].ends_value)}
    if infix & {"and", "or", "in", "=", "!", "<", ">"}:
        return frozenset({SentAs.BOOLEAN})
    if "&" in infix:
        return frozenset({SentAs.TEXT})
    if infix & {"+", "-", "*", "/", "%"}:
        return frozenset({SentAs.NUMBER})
    if texts[1] == "(" and _closing(texts, 1) == len(texts) - 1:
        is_written = texts[0] in {"$fromMillis", "$now"} and any(text[0] in "\"'" for text in texts[2:-1])
        return frozenset({SentAs.TEXT}) if is_written else _given_by(texts[0])
    return _UNKNOWN


def _given_by(function: str) -> frozenset[SentAs]:
    return frozenset({_GIVEN_BY.get(function, SentAs.UNKNOWN)})


def _at_top(texts: Sequence[str]) -> Iterable[int]:
    """The places that stand in no brackets."""
    depth = 0
    for at, text in enumerate(texts):
        depth -= text in {")", "]", "}"}
        if depth == 0:
            yield at
        depth += text in {"(", "[", "{"}


def _closing(texts: Sequence[str], opening: int) -> int:
    """Where the bracket that opens there is closed."""
    return opening + next((at for at in _at_top(texts[opening:]) if at and texts[opening + at] in {")", "]", "}"}), 0)


def _last_statement(tokens: Sequence[Token]) -> Sequence[Token]:
    ends = [at for at in _at_top([token.text for token in tokens]) if tokens[at].text == ";"]
    kept = [at for at in ends if at < len(tokens) - 1]
    return tokens[kept[-1] + 1 if kept else 0 :]
