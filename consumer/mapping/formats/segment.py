"""Segment's calls: ``track``, ``identify``, ``page`` and the others, as its connections deliver them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from consumer.mapping.formats.format import FieldPath, text_or_none
from consumer.mapping.formats.json_objects import JsonObjects

__all__ = ["Segment"]


@dataclass(frozen=True, kw_only=True)
class Segment(JsonObjects):
    """The name of a ``track`` call is its ``event``; other calls have none and are told apart by their fields."""

    name: str = "segment"
    name_paths: tuple[FieldPath, ...] = (("type",), ("event",))
    told_by: tuple[str, ...] = ("type",)
    id_path: FieldPath | None = ("messageId",)
    time_paths: tuple[FieldPath, ...] = (("timestamp",),)
    email: str | None = "traits.email ? traits.email : context.traits.email ? context.traits.email : properties.email"
    user_id: str | None = "userId"

    def event_name(self, parts: Sequence[Any]) -> str | None:
        """The event of a ``track`` call."""
        kind, event = parts
        return text_or_none(event, "event") if text_or_none(kind, "type") == "track" else None
