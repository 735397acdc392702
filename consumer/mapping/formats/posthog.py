"""PostHog's events: of the topic ``clickhouse_events_json``, and of the ingestion topic before it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.format import Document, FieldPath, text_or_none
from consumer.mapping.formats.glance import EitherGlance, Glance, JsonGlance, Kinds, SeenGlance
from consumer.mapping.formats.identifiers import distinct_address, distinct_user_id, first_of
from consumer.mapping.formats.json_objects import JsonObjects, json_object

__all__ = ["PostHog"]

_IN_STRINGS: Final = ("properties", "person_properties", *(f"group{number}_properties" for number in range(5)))
"""Members that are objects, as JSON inside a string in ``clickhouse_events_json``."""
_DATA: Final = "data"
"""Where the ingestion topic has the event, as JSON inside a string; the other topic has no such member."""


@dataclass(frozen=True, kw_only=True)
class PostHog(JsonObjects):
    """Expressions see one object whichever topic it is: what is JSON inside a string is parsed.

    Of the ingestion topic the members of ``data`` stand at the top, beside those around it; where both have one, as
    ``uuid`` and ``distinct_id``, that around it counts: PostHog's server has put it right. An empty string in the place
    of an object is nothing. A ``distinct_id`` with an ``@`` is the address; an anonymous visitor's is no userId, nor is
    a ``person_id`` ever.
    """

    name: str = "posthog"
    name_paths: tuple[FieldPath, ...] = (("event",),)
    id_path: FieldPath | None = ("uuid",)
    time_paths: tuple[FieldPath, ...] = (("timestamp",), ("now",))
    email: str | None = first_of(
        ("person_properties.email", "properties.`$set`.email", "`$set`.email"), distinct_address("distinct_id")
    )
    user_id: str | None = distinct_user_id("distinct_id")

    def event_name(self, parts: Sequence[Any]) -> str | None:
        """The event."""
        return text_or_none(parts[0], "event")

    def document(self, value: bytes) -> Document:
        """One object, of either topic."""
        document = json_object(value)
        if isinstance(data := document.get(_DATA), str):
            around = {name: found for name, found in document.items() if name != _DATA and found is not None}
            document = json_object(data, _DATA) | around
        for name in _IN_STRINGS:
            found = document.get(name)
            if isinstance(found, str) and found:
                document[name] = json_object(found, name)
            elif found is None or found == "":
                document.pop(name, None)
            elif not isinstance(found, dict):
                raise Unreadable(f"{name} is no object")
        return document

    def glance(self, fields: Mapping[str, Kinds]) -> Glance:
        """The name and the fields; ``data`` is looked into where they may stand in it."""
        scalars = {field: kinds for field, kinds in fields.items() if field not in _IN_STRINGS}
        around = JsonGlance(
            self.name_paths, self.event_name, scalars | {_DATA: scalars.get(_DATA, frozenset()) | {str}}
        )
        inside = JsonGlance(self.name_paths, self.event_name, scalars)
        data_of = around.getter((_DATA,))

        def look(outer: Any, data: str) -> tuple[str | None, Callable[[str], object]]:
            name = around.name(outer)
            inner = inside.read(data) if name is None or scalars else None

            def field(name: str) -> object:
                found = None if name == _DATA else around.field(outer, name)
                return inside.field(inner, name) if found is None else found

            return inside.name(inner) if name is None else name, field

        of_both = SeenGlance(look, fields, of_headers=False)

        def read(value: bytes) -> Hashable:
            outer = around.read(value)
            data = data_of(outer)
            return of_both.read(outer, data) if isinstance(data, str) else outer

        return EitherGlance(read, around, of_both)
