"""What stands where in events that were looked at closely: places, how often there is something, and of what kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, TypeAlias

from consumer.mapping.event_time import milliseconds

__all__ = ["DEPTH_MAX", "PLACES_MAX", "VALUES_MAX", "Kind", "Place", "Shape", "Shapes", "key_of"]

Place: TypeAlias = tuple[str | int, ...]
"""Keys from the top of the document; 0 is the first of a list."""

PLACES_MAX: Final = 200
"""Different places that are told apart: an object may have ids for keys."""
DEPTH_MAX: Final = 6
VALUES_MAX: Final = 8
"""Different values of one place that are kept; where there are more, none is."""
_SEEN_MIN: Final = 3
"""How often each value must have come to be shown: what is one person's own comes less often."""

_ADDRESS: Final = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}\.[^\s@.]{2,}")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z _.:/+-]{0,29}|[A-Za-z]{1,12}[-_ ]?\d{1,2}")
"""A value that may be shown: words, perhaps with a number of two digits; no address, no number of anything."""
_PERSONAL: Final = re.compile(
    r"name|mail|phone|mobile|street|address|city|town|zip|postal|birth|gender|sex|salut|^ip$|token|secret|passw|iban|card"
    r"|company|account|comment|message|note|text|title|subject|search|query|url|uri|href|path|host|referr|agent|(^|_)id$"
)
"""In the name of a key: its values are not shown, though they may say nothing of anybody."""
_DATE_KEY: Final = re.compile(r"(_at|At|_on|On|date|Date|time|Time|timestamp|_ts|^ts|_ms)$")
_TWO_THOUSAND_MS: Final = 946_684_800_000
_FAR_FUTURE_MS: Final = 4_102_444_800_000
"""2000 and 2100: a number that could be a date is one between them."""


class Kind(Enum):
    """What a value is; the value says it to people."""

    ADDRESS = "an address"
    TEXT = "text"
    DATE = "a date"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    LIST = "a list"
    NULL = "null"


@dataclass(slots=True)
class Shape:
    """All that was seen at one place."""

    kinds: Counter[Kind] = field(default_factory=Counter)
    longest: int = 0
    """Characters of the longest text."""
    _words: Counter[str] | None = field(default_factory=Counter)
    """``None``: they are too many, or one of them may be about a person."""

    def add(self, key: str, value: Any) -> None:
        """Takes in a value, which is no object."""
        kind = _kind(key, value)
        self.kinds[kind] += 1
        if isinstance(value, str):
            self.longest = max(self.longest, len(value))
            if self._words is not None and kind is not Kind.NULL:
                self._words = _with(self._words, key, value)

    @property
    def present(self) -> int:
        """How often there was something but null."""
        return self.kinds.total() - self.kinds[Kind.NULL]

    @property
    def kind(self) -> Kind:
        """What it is most often, null apart."""
        found = [kind for kind, _ in self.kinds.most_common() if kind is not Kind.NULL]
        return found[0] if found else Kind.NULL

    @property
    def words(self) -> tuple[str, ...]:
        """All its values, the most frequent first, where they are few, came often, and are nobody's own."""
        if not self._words or min(self._words.values()) < _SEEN_MIN:
            return ()
        return tuple(word for word, _ in self._words.most_common())


class Shapes:
    """The places of some events."""

    __slots__ = ("events", "found")

    def __init__(self) -> None:
        """None was looked at yet."""
        self.events = 0
        """How many were looked at."""
        self.found: dict[Place, Shape] = {}
        """By place, those first that came first."""

    def add(self, document: Mapping[str, Any]) -> None:
        """Looks at one event."""
        self.events += 1
        for place, value in _leaves(document, ()):
            shape = self.found.get(place)
            if shape is None:
                if len(self.found) >= PLACES_MAX:
                    continue
                shape = self.found[place] = Shape()
            shape.add(key_of(place), value)

    def share(self, place: Place) -> float:
        """In how much of the events something stands there, from 0 to 1."""
        found = self.found.get(place)
        return found.present / self.events if found and self.events else 0.0


def key_of(place: Place) -> str:
    """The last key."""
    return next((str(step) for step in reversed(place) if isinstance(step, str)), "")


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    """All that is no object, with its place; of a list of objects the first."""
    if len(place) < DEPTH_MAX:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from _leaves(inner, (*place, key))
            return
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from _leaves(value[0], (*place, 0))
            return
    if not isinstance(value, dict):
        yield place, value


def _kind(key: str, value: Any) -> Kind:
    if value is None:
        return Kind.NULL
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, list):
        return Kind.LIST
    if isinstance(value, str):
        if _ADDRESS.fullmatch(value):
            return Kind.ADDRESS
        return Kind.DATE if value[:4].isdecimal() and "-" in value and milliseconds(value) is not None else Kind.TEXT
    at_ms = milliseconds(value) if _DATE_KEY.search(key) else None
    return Kind.DATE if at_ms is not None and _TWO_THOUSAND_MS < at_ms < _FAR_FUTURE_MS else Kind.NUMBER


def _with(words: Counter[str], key: str, value: str) -> Counter[str] | None:
    if not _WORD.fullmatch(value) or _PERSONAL.search(key.lower()):
        return None
    words[value] += 1
    return words if len(words) <= VALUES_MAX else None
