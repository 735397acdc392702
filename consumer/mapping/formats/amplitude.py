"""Amplitude's events, as its HTTP API takes them and as its exports give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from consumer.mapping.formats.format import Document, FieldPath, text_or_none
from consumer.mapping.formats.identifiers import address_in, first_of, user_id_in
from consumer.mapping.formats.json_objects import JsonObjects, id_text

__all__ = ["Amplitude"]

_IDS: Final = ("insert_id", "$insert_id", "uuid")
"""Of the API, of exports, and what exports have for every event, with an insert id or without."""


@dataclass(frozen=True, kw_only=True)
class Amplitude(JsonObjects):
    """A ``user_id`` with an ``@`` is the address. A ``device_id`` is nobody's: it is never a userId."""

    name: str = "amplitude"
    name_paths: tuple[FieldPath, ...] = (("event_type",),)
    time_paths: tuple[FieldPath, ...] = (("time",), ("event_time",))
    email: str | None = first_of(("user_properties.email", "user_properties.`$set`.email"), address_in("user_id"))
    user_id: str | None = user_id_in("user_id")

    def event_name(self, parts: Sequence[Any]) -> str | None:
        """The type of the event."""
        return text_or_none(parts[0], "event_type")

    def event_id(self, document: Document) -> str | None:
        """The first of the ids that is there."""
        return next((found for each in _IDS if (found := id_text(document.get(each))) is not None), None)
