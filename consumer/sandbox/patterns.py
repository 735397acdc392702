"""The events that the team has seen: each name with the properties that came with it. The first send makes a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from consumer.sandbox.ids import Ids
from consumer.sandbox.values import PropertyType, type_of

__all__ = ["EventPattern", "EventPatterns"]

_PROPERTIES_MAX = 1_000
"""Of one event; more are taken and not remembered."""


@dataclass(slots=True)
class EventPattern:
    """One event name; the types are those of the first values."""

    id: str
    name: str
    properties: dict[str, PropertyType] = field(default_factory=dict)
    seen: int = 0

    def summary(self) -> dict[str, object]:
        """As the list shows it."""
        return {"id": self.id, "eventName": self.name, "incomingWebhookPlatform": None}

    def public(self) -> dict[str, object]:
        """As the call for one shows it."""
        properties = [{"name": name, "type": kind.value} for name, kind in self.properties.items()]
        return {**self.summary(), "eventProperties": properties}


class EventPatterns:
    """Event names, told apart by case."""

    def __init__(self, ids: Ids, names_max: int) -> None:
        """Past ``names_max`` names, new ones are not remembered."""
        self._ids = ids
        self._names_max = names_max
        self._by_name: dict[str, EventPattern] = {}
        self._by_id: dict[str, EventPattern] = {}

    def sent(self, name: str, properties: Mapping[str, str | float | bool]) -> None:
        """An event of that name was taken."""
        pattern = self._by_name.get(name)
        if pattern is None:
            if len(self._by_name) >= self._names_max:
                return
            pattern = self._by_name[name] = EventPattern(self._ids.new(), name)
            self._by_id[pattern.id] = pattern
        pattern.seen += 1
        for key, value in properties.items():
            if key not in pattern.properties and len(pattern.properties) < _PROPERTIES_MAX:
                pattern.properties[key] = type_of(value)

    def all(self) -> list[EventPattern]:
        """In the order in which they were first seen."""
        return list(self._by_name.values())

    def by_name(self, name: str) -> EventPattern | None:
        """The one of exactly that name."""
        return self._by_name.get(name)

    def by_id(self, identifier: str) -> EventPattern | None:
        """The one with that identifier."""
        return self._by_id.get(identifier)
