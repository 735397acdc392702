"""Mixpanel's events, as its import API takes them and as its exports give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from consumer.mapping.formats.format import FieldPath, text_or_none
from consumer.mapping.formats.identifiers import distinct_address, distinct_user_id, first_of
from consumer.mapping.formats.json_objects import JsonObjects

__all__ = ["Mixpanel"]


@dataclass(frozen=True, kw_only=True)
class Mixpanel(JsonObjects):
    """All but the name stands in ``properties``; ``time`` is in seconds or in milliseconds, as its size tells.

    A person is called by ``$user_id`` where the library has set it, else by ``distinct_id``, unless that is a device's.
    """

    name: str = "mixpanel"
    name_paths: tuple[FieldPath, ...] = (("event",),)
    id_path: FieldPath | None = ("properties", "$insert_id")
    time_paths: tuple[FieldPath, ...] = (("properties", "time"),)
    email: str | None = first_of(
        ("properties.`$email`", "properties.email"), distinct_address("properties.distinct_id")
    )
    user_id: str | None = distinct_user_id("properties.distinct_id")

    def event_name(self, parts: Sequence[Any]) -> str | None:
        """The event."""
        return text_or_none(parts[0], "event")
