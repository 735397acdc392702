"""Where objects of one's own making have the event's name, its id and its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from consumer.mapping.event_time import milliseconds
from consumer.mapping.formats.format import FieldPath, value_at
from consumer.mapping.formats.json import Json

__all__ = ["OwnJson", "own_json"]

_DEPTH_MAX: Final = 3
_PATHS_MAX: Final = 300
_NAME_CHARACTERS_MAX: Final = 100
_MOSTLY: Final = 0.8
"""In so much of the objects the name or the time must stand."""
_NAMES: Final = ("event", "eventname", "eventtype", "name", "type", "action", "kind", "topic", "op")
_IDS: Final = ("eventid", "messageid", "insertid", "id", "uuid", "guid")
_TIMES: Final = (
    "timestamp",
    "eventtime",
    "occurredat",
    "time",
    "createdat",
    "at",
    "ts",
    "date",
    "sentat",
    "receivedat",
)
"""Keys by how likely they are, without case and punctuation."""
_UNIQUE_MIN: Final = 20
"""Of so many objects at least it can be told whether an id is in no two of them."""


@dataclass(frozen=True, slots=True)
class OwnJson:
    """Where things stand; ``None``: nowhere that could be told."""

    event: FieldPath | None = None
    id: FieldPath | None = None
    """In no two of the objects there is the same. Whether it is the event's own only a person can tell."""
    time: FieldPath | None = None

    @property
    def format(self) -> Json:
        """The format, without an id."""
        times = () if self.time is None else (self.time,)
        return Json(name_paths=(self.event or ("event",),), time_paths=times)


@dataclass(slots=True)
class _Values:
    """What stands at one path, in so many objects."""

    path: FieldPath
    present: int = 0
    texts: int = 0
    times: int = 0
    different: set[str] = field(default_factory=set)

    def add(self, value: Any) -> None:
        self.present += 1
        self.texts += isinstance(value, str) and 0 < len(value) <= _NAME_CHARACTERS_MAX and "@" not in value
        self.times += milliseconds(value) is not None
        self.different.add(str(value)[:_NAME_CHARACTERS_MAX])


def own_json(documents: Sequence[Mapping[str, Any]]) -> OwnJson:
    """Looks at all of these."""
    found: dict[FieldPath, _Values] = {}
    for document in documents:
        for path in _paths(document, ()):
            if path in found or len(found) < _PATHS_MAX:
                found.setdefault(path, _Values(path)).add(value_at(document, path))
    often = [values for values in found.values() if values.present >= _MOSTLY * len(documents)]
    return OwnJson(_event(often), _id(often, len(documents)), _time(often))


def _event(often: Sequence[_Values]) -> FieldPath | None:
    """Texts of which there are several, and the same again and again; under the likeliest key."""
    texts = [each for each in often if each.texts == each.present and not each.times]
    repeated = [each for each in texts if each.present < _UNIQUE_MIN or len(each.different) <= each.present / 2]
    named = [each for each in repeated if _rank(each.path, _NAMES) < len(_NAMES)]
    ranked = sorted(named, key=lambda each: (len(each.different) < 2, _rank(each.path, _NAMES), len(each.path)))
    return ranked[0].path if ranked else None


def _id(often: Sequence[_Values], documents: int) -> FieldPath | None:
    unique = [each for each in often if len(each.different) == each.present == documents >= _UNIQUE_MIN]
    named = [each for each in unique if _rank(each.path, _IDS) < len(_IDS)]
    ranked = sorted(named, key=lambda each: (len(each.path), _rank(each.path, _IDS)))
    return ranked[0].path if ranked else None


def _time(often: Sequence[_Values]) -> FieldPath | None:
    named = [each for each in often if each.times == each.present and _rank(each.path, _TIMES) < len(_TIMES)]
    ranked = sorted(named, key=lambda each: (_rank(each.path, _TIMES), len(each.path)))
    return ranked[0].path if ranked else None


def _rank(path: FieldPath, keys: Sequence[str]) -> int:
    key = "".join(char for char in path[-1].lower() if char.isalnum())
    return keys.index(key) if key in keys else len(keys)


def _paths(value: Mapping[str, Any], above: FieldPath) -> Sequence[FieldPath]:
    """Of everything that is neither object nor list, and whose keys can be joined by dots."""
    found: list[FieldPath] = []
    for key, inner in value.items():
        if "." in key or "@" in key or not key.strip() or key[0].isspace():
            continue
        path = (*above, key)
        if isinstance(inner, dict):
            found += _paths(inner, path) if len(path) < _DEPTH_MAX else []
        elif inner is not None and not isinstance(inner, list):
            found.append(path)
    return found
