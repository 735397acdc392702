"""What formats share whose values are JSON objects: where the name, the id and the time stand in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from consumer.core.record import Headers
from consumer.mapping.envelope import Unreadable
from consumer.mapping.event_time import milliseconds
from consumer.mapping.formats.format import Document, Event, FieldPath, Format, value_at
from consumer.mapping.formats.glance import Glance, JsonGlance, Kinds

__all__ = ["JsonObjects", "id_text", "json_object", "json_value"]


@dataclass(frozen=True, kw_only=True)
class JsonObjects(Format):
    """A format of JSON objects. A subclass says how the name follows from what stands at ``name_paths``."""

    name_paths: tuple[FieldPath, ...] = ()
    """Where the parts of the event's name stand: all that is read of a record that no rule wants."""
    id_path: FieldPath | None = None
    """Where the event's own id stands, the same in each copy of the event."""
    time_paths: tuple[FieldPath, ...] = ()
    """Where its time stands; the first that can be read counts."""

    def event_name(self, parts: Sequence[Any]) -> str | None:
        """The name, of what stands at ``name_paths``; ``None`` where the event has none.

        Raises :class:`Unreadable` where it should be text and is not.
        """
        raise NotImplementedError

    def glance(self, fields: Mapping[str, Kinds]) -> Glance:
        """The parts of the name, and the fields at the top."""
        return JsonGlance(self.name_paths, self.event_name, fields)

    def event(self, value: bytes, headers: Headers, key: bytes | None) -> Event:  # noqa: ARG002 - the value has it all
        """The whole object."""
        document = self.document(value)
        name = self.event_name([value_at(document, path) for path in self.name_paths])
        return Event(document, name, self.event_id(document), self.time_ms(document))

    def document(self, value: bytes) -> Document:
        """What expressions see. Raises :class:`Unreadable`."""
        return json_object(value)

    def event_id(self, document: Document) -> str | None:
        """The event's own id."""
        return None if self.id_path is None else id_text(value_at(document, self.id_path))

    def time_ms(self, document: Document) -> int | None:
        """When it happened, milliseconds since 1970."""
        for path in self.time_paths:
            if (found := milliseconds(value_at(document, path))) is not None:
                return found
        return None


def json_object(value: bytes | str, what: str = "the value") -> Document:
    """An object in JSON. Raises :class:`Unreadable`; ``what`` is what it calls the value."""
    found = json_value(value, what)
    if not isinstance(found, dict):
        raise Unreadable(f"{what} is JSON, and no object")
    return found


def json_value(value: bytes | str, what: str = "the value") -> Any:
    """Anything in JSON. Raises :class:`Unreadable`; ``what`` is what it calls the value."""
    if not value:
        raise Unreadable(f"{what} is empty")
    try:
        return orjson.loads(value)
    except (orjson.JSONDecodeError, RecursionError):
        raise Unreadable(f"{what} is not JSON in UTF-8, or is nested too deep") from None


def id_text(found: Any) -> str | None:
    """An id as text; ``None`` where there is none."""
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) and found != "" else None
