"""The team's contact properties: those that every team has, and custom ones, made by hand or by their first use."""

from __future__ import annotations

import re
from collections.abc import Mapping

from consumer.sandbox.reply import Refused
from consumer.sandbox.values import RESERVED, PropertyType, type_of

__all__ = ["PropertyCatalogue", "label"]

_STANDARD = {
    "firstName": PropertyType.STRING,
    "lastName": PropertyType.STRING,
    "email": PropertyType.STRING,
    "notes": PropertyType.STRING,
    "source": PropertyType.STRING,
    "userGroup": PropertyType.STRING,
    "userId": PropertyType.STRING,
    "subscribed": PropertyType.BOOLEAN,
    "createdAt": PropertyType.DATE,
}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def label(key: str) -> str:
    """``Favorite color`` for ``favoriteColor``."""
    words = _WORD.sub(" ", key).lower()
    return words[:1].upper() + words[1:]


class PropertyCatalogue:
    """Keys and their types."""

    def __init__(self, custom_max: int) -> None:
        """Past ``custom_max`` custom ones no more are made."""
        self._custom_max = custom_max
        self._custom: dict[str, PropertyType] = {}

    def create(self, name: str, kind: PropertyType) -> None:
        """Makes one; raises :class:`Refused` (400) where there is one, or may be none, of that name."""
        if name in RESERVED or not name:
            raise Refused(400, "This property name is reserved.")
        if name in _STANDARD or name in self._custom:
            raise Refused(400, "Property already exists.")
        if len(self._custom) >= self._custom_max:
            raise Refused(400, f"There are {self._custom_max} custom properties already.")
        self._custom[name] = kind

    def learn(self, custom: Mapping[str, str | float | bool | None]) -> None:
        """Makes those that are new, each of the type that its value shows; null shows none."""
        for name, value in custom.items():
            unknown = name not in self._custom and name not in _STANDARD
            if unknown and value is not None and len(self._custom) < self._custom_max:
                self._custom[name] = type_of(value)

    def listed(self, *, custom_only: bool) -> list[dict[str, str]]:
        """As ``contacts/properties`` shows them, in the order in which they were made."""
        shown = self._custom if custom_only else {**_STANDARD, **self._custom}
        return [{"key": key, "label": label(key), "type": kind.value} for key, kind in shown.items()]
