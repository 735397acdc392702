"""Snowplow's enriched events: as JSON, or as the pipeline writes them, tab-separated."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consumer.mapping.formats.format import Document, FieldPath, text_or_none
from consumer.mapping.formats.glance import EitherGlance, Glance, JsonGlance, Kinds, SeenGlance
from consumer.mapping.formats.identifiers import address_in, user_id_in
from consumer.mapping.formats.json_objects import JsonObjects, json_object
from consumer.mapping.formats.snowplow_tsv import tsv_document, tsv_event_name, tsv_field

__all__ = ["Snowplow"]


@dataclass(frozen=True, kw_only=True)
class Snowplow(JsonObjects):
    """A value that begins with ``{`` is JSON; any other is tab-separated, and means the JSON that it would be.

    No address has a place of its own: the mapping says in which entity, or where in the event's own data, it stands. A
    ``user_id`` with an ``@`` is one.
    """

    name: str = "snowplow"
    name_paths: tuple[FieldPath, ...] = (("event_name",),)
    id_path: FieldPath | None = ("event_id",)
    time_paths: tuple[FieldPath, ...] = (("derived_tstamp",), ("collector_tstamp",))
    email: str | None = address_in("user_id")
    user_id: str | None = user_id_in("user_id")

    def event_name(self, parts: Sequence[Any]) -> str | None:
        """Its name alone, without vendor and version."""
        return text_or_none(parts[0], "event_name")

    def document(self, value: bytes) -> Document:
        """One object, of either way of writing."""
        return json_object(value) if not value or _is_json(value) else tsv_document(value)

    def glance(self, fields: Mapping[str, Kinds]) -> Glance:
        """The name and the fields; of columns the name alone is looked for from the end."""
        of_json = JsonGlance(self.name_paths, self.event_name, fields)
        of_tsv = SeenGlance(_look, fields, of_headers=False)

        def read(value: bytes) -> Hashable:
            return of_json.read(value) if _is_json(value) else of_tsv.read(value)

        return EitherGlance(read, of_json, of_tsv)


def _is_json(value: bytes) -> bool:
    """Raises ``TypeError`` for a null value, as every glance does."""
    return value[:1] == b"{"


def _look(value: bytes) -> tuple[str | None, Callable[[str], object]]:
    return tsv_event_name(value), lambda field: tsv_field(value, field)
