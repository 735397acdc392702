"""Objects in JSON of one's own making: the mapping says where things stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from consumer.mapping.formats.format import FieldPath, text_or_none
from consumer.mapping.formats.json_objects import JsonObjects

__all__ = ["Json"]


@dataclass(frozen=True, kw_only=True)
class Json(JsonObjects):
    """No id unless the mapping names one: an order's id, say, is not an event's. No guess at whom it is about."""

    name: str = "json"
    name_paths: tuple[FieldPath, ...] = (("event",),)
    time_paths: tuple[FieldPath, ...] = (("timestamp",),)

    def event_name(self, parts: Sequence[Any]) -> str | None:
        """What stands at the mapping's path."""
        return text_or_none(parts[0], "the event's name")
