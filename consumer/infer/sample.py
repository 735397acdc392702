"""Events of one topic that are looked at closely: by name, and whether the format finds out who they are about."""

from __future__ import annotations

from collections import Counter
from typing import Final

from consumer.infer.shapes import Kind, Place, Shapes, key_of
from consumer.mapping.expression import EvaluationFailed, Program
from consumer.mapping.formats.format import Event, Format
from consumer.mapping.values import Unacceptable, checked_email, checked_user_id

__all__ = ["EVENTS_MAX", "NAMES_MAX", "Sample"]

NAMES_MAX: Final = 200
"""Different names of which events are looked at."""
EVENTS_MAX: Final = 500
"""Events of one name that are looked at; further ones say little more."""
_USER_KEYS: Final = ("userid", "user", "uid", "customerid", "memberid", "accountid", "contactid", "personid")
"""Keys of what may be a product's own id of a person, the likeliest first; without case and punctuation."""
_PEOPLE: Final = frozenset({"user", "customer", "member", "account", "contact", "person", "profile", "after", "actor"})
"""Objects whose ``id`` is one."""


class Sample:
    """Looks at events of one format. It keeps no value that could be about a person."""

    def __init__(self, form: Format) -> None:
        """None was looked at yet."""
        self.form = form
        self.by_name: dict[str, Shapes] = {}
        self.looked_at = 0
        """How many events."""
        self.emails = 0
        """Of how many the format's own expression finds an address."""
        self.user_ids = 0
        """Of how many it finds a userId."""
        self.unreadable = 0
        """Records that are not of the format."""
        members = {"email": form.email, "userId": form.user_id}
        self._who = Program(None, {name: source for name, source in members.items() if source is not None})

    def add(self, event: Event, name: str) -> None:
        """Looks at one event; ``name`` is what people call it."""
        shapes = self.by_name.get(name)
        if shapes is None:
            if len(self.by_name) >= NAMES_MAX:
                return
            shapes = self.by_name[name] = Shapes()
        if shapes.events >= EVENTS_MAX:
            return
        self.looked_at += 1
        shapes.add(event.document)
        try:
            found = self._who.evaluate(event.document, now_ms=event.time_ms or 0) or {}
        except EvaluationFailed:
            return
        self.emails += _is_there(checked_email, found.get("email"))
        self.user_ids += _is_there(checked_user_id, found.get("userId"))

    def addresses(self) -> list[tuple[Place, float]]:
        """Where addresses stand, and in how much of the events, the most frequent first."""
        found: Counter[Place] = Counter()
        for shapes in self.by_name.values():
            for place, shape in shapes.found.items():
                if shape.kind is Kind.ADDRESS:
                    found[place] += shape.kinds[Kind.ADDRESS]
        return [(place, count / self.looked_at) for place, count in found.most_common()]

    def ids(self) -> list[tuple[Place, float]]:
        """Where userIds may stand, and in how much of the events, the likeliest first."""
        found: Counter[Place] = Counter()
        for shapes in self.by_name.values():
            for place, shape in shapes.found.items():
                if shape.kind in {Kind.TEXT, Kind.NUMBER} and _rank(place) < len(_USER_KEYS):
                    found[place] += shape.present
        ranked = sorted(found, key=lambda place: (-round(found[place] / self.looked_at, 1), _rank(place), len(place)))
        return [(place, found[place] / self.looked_at) for place in ranked]


def _is_there(checked: object, value: object) -> bool:
    try:
        return checked(value) is not None  # type: ignore[operator]  # one of the two functions above
    except Unacceptable:
        return False


def _rank(place: Place) -> int:
    key = "".join(char for char in key_of(place).lower() if char.isalnum())
    if key == "id" and len(place) > 1 and str(place[-2]).lower() in _PEOPLE:
        return 1
    return _USER_KEYS.index(key) if key in _USER_KEYS else len(_USER_KEYS)
