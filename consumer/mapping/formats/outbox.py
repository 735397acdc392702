"""An outbox that Debezium's EventRouter reads: the event is the value; what it is called, and its id, are headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from consumer.core.record import Headers
from consumer.mapping.envelope import Unreadable
from consumer.mapping.formats.format import Document, Event, Format
from consumer.mapping.formats.glance import Glance, Kinds, SeenGlance
from consumer.mapping.formats.headers import Named, named, text_of
from consumer.mapping.formats.json_objects import json_value

__all__ = ["Outbox"]

_TYPES: Final = ("eventtype", "type")
"""Where EventRouter's documentation puts the event's type: ``table.fields.additional.placement`` with
``type:header:eventType`` in the older one, ``eventType:header:type`` in the newer."""
_KEY: Final = "_key"
_HEADERS: Final = "_headers"
_CONNECT: Final = frozenset({"schema", "payload"})
"""What Kafka Connect's JsonConverter puts around a value or a key, unless ``schemas.enable`` is false."""


@dataclass(frozen=True, kw_only=True)
class Outbox(Format):
    """The value is a JSON object, or one inside a JSON string, or either in Connect's ``{schema, payload}``.

    Expressions see it with two members more: ``_key``, the record's key as text, in which the outbox has the id of
    what the event is about, and ``_headers``, the texts of all headers under their own names. Members of the value
    that have these names are not seen. The event's time is the record's own; whom it is about the mapping must say.
    """

    name: str = "outbox"

    def glance(self, fields: Mapping[str, Kinds]) -> Glance:
        """The headers alone, unless rules name ``fields``: for these the value is decoded."""

        def look(value: bytes, headers: Headers) -> tuple[str | None, Callable[[str], object]]:
            name = _name(named(headers))
            if not fields:
                return name, _nothing
            if _KEY in fields:
                raise Unreadable("a glance does not see the key")
            return name, self.event(value, headers, None).document.get

        return SeenGlance(look, fields, of_headers=True)

    def event(self, value: bytes, headers: Headers, key: bytes | None) -> Event:
        """The value, with what stands around it."""
        found = named(headers)
        document = _document(value)
        document[_KEY] = _key_text(key)
        document[_HEADERS] = {name: _header_text(content) for name, content in headers}
        return Event(document, _name(found), text_of(found.get("id")) or None)


def _name(headers: Named) -> str | None:
    for name in _TYPES:
        if found := headers.get(name):
            return text_of(found)
    return None


def _nothing(_field: str) -> object:
    return None


def _document(value: bytes) -> Document:
    found = _payload(json_value(value))
    if isinstance(found, str):
        found = json_value(found, "the text in the value")
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Unreadable("the value is JSON, and no object")
    return found


def _payload(found: Any) -> Any:
    return found["payload"] if isinstance(found, dict) and found.keys() == _CONNECT else found


def _key_text(key: bytes | None) -> str | None:
    """The key as text, whichever converter wrote it; ``None`` for none, and for one that is not UTF-8."""
    try:
        text = key.decode() if key else None
    except UnicodeDecodeError:
        return None
    if text is None or not text.startswith(('"', "{")):
        return text
    try:
        found = _payload(orjson.loads(text))
    except orjson.JSONDecodeError:
        return text
    if found is None or isinstance(found, str):
        return found
    return text if isinstance(found, dict | list) else orjson.dumps(found).decode()


def _header_text(value: bytes | None) -> str | None:
    """One that is not text is of no use to expressions, and of no harm."""
    return None if value is None else value.decode(errors="replace")
