"""CloudEvents, as its binding to Kafka has them: the whole event in the value, or its attributes in headers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from consumer.core.record import Headers
from consumer.mapping.envelope import Unreadable
from consumer.mapping.event_time import milliseconds
from consumer.mapping.formats.format import Document, Event, Format, text_or_none
from consumer.mapping.formats.glance import EitherGlance, Glance, JsonGlance, Kinds, SeenGlance
from consumer.mapping.formats.headers import Named, named, text_of
from consumer.mapping.formats.json_objects import id_text, json_object, json_value

__all__ = ["CloudEvents"]

_MEDIA_TYPE: Final = b"application/cloudevents"
_JSON_MEDIA_TYPES: Final = frozenset({_MEDIA_TYPE, _MEDIA_TYPE + b"+json"})
_CONTENT_TYPE: Final = "content-type"
_PREFIX: Final = "ce_"
_DATA: Final = frozenset({"data", "data_base64"})
"""No attributes: no header stands for them."""


@dataclass(frozen=True, kw_only=True)
class CloudEvents(Format):
    """A binary event means the document that it would be as a structured one; attributes from headers are text.

    An event is structured where the header ``content-type`` begins with ``application/cloudevents``, else binary where
    there is a ``ce_specversion`` or ``ce_type``, else structured: that header is often left out. Headers are UTF-8 as
    they are; percent-encoding is for HTTP alone. A binary event without data is a record without a value, which Kafka
    takes for a tombstone: it is filtered before it comes here.

    ``data`` of a binary event, and what stands in ``data_base64``, is JSON or text, as its content type says; JSON
    where a binary event names none. Of any other type, which no expression could read, there is no ``data``.
    """

    name: str = "cloudevents"
    email: str | None = "data.email"
    user_id: str | None = "data.userId ? data.userId : data.user_id ? data.user_id : subject"

    def glance(self, fields: Mapping[str, Kinds]) -> Glance:
        """``type`` and the attributes in ``fields``, from the value or from headers; for ``data`` all is decoded."""
        if fields.keys() & _DATA:

            def look(value: bytes, headers: Headers) -> tuple[str | None, Callable[[str], object]]:
                event = self.event(value, headers, None)
                return event.name, event.document.get

            return SeenGlance(look, fields, of_headers=True)
        structured = JsonGlance([("type",)], _name, fields)
        binary = SeenGlance(_look, fields, of_headers=True)

        def read(value: bytes, headers: Headers) -> Hashable:
            found = named(headers)
            return structured.read(value) if _is_structured(found) else binary.read(found)

        return EitherGlance(read, structured, binary, of_headers=True)

    def event(self, value: bytes, headers: Headers, key: bytes | None) -> Event:  # noqa: ARG002 - no part of the event
        """The whole event in either mode."""
        found = named(headers)
        document = _structured(value) if _is_structured(found) else self._binary(value, found)
        name = text_or_none(document.get("type"), "type")
        return Event(document, name, _unique_id(document), milliseconds(document.get("time")))

    def _binary(self, value: bytes, headers: Named) -> Document:
        document: Document = {
            name.removeprefix(_PREFIX): text_of(found)
            for name, found in headers.items()
            if name.startswith(_PREFIX) and found is not None and name.removeprefix(_PREFIX) not in _DATA
        }
        kind = _attribute(headers, "datacontenttype")
        if kind is not None:
            document["datacontenttype"] = kind
        decoded = self.envelope is not None and self.envelope.encoding is not None
        return document | _data(value, None if decoded else kind)


def _name(parts: Sequence[Any]) -> str | None:
    return text_or_none(parts[0], "type")


def _look(headers: Named) -> tuple[str | None, Callable[[str], object]]:
    return _attribute(headers, "type"), lambda field: _attribute(headers, field)


def _attribute(headers: Named, name: str) -> str | None:
    """Of a binary event; its data's content type stands under the header's own name."""
    found = text_of(headers.get(_PREFIX + name))
    return text_of(headers.get(_CONTENT_TYPE)) or found if name == "datacontenttype" else found


def _is_structured(headers: Named) -> bool:
    """Raises :class:`Unreadable` for what the binding knows and is not read here."""
    media_type = headers.get(_CONTENT_TYPE)
    if media_type is not None and media_type[: len(_MEDIA_TYPE)].lower() == _MEDIA_TYPE:
        essence = media_type.partition(b";")[0].strip().lower()
        if essence in _JSON_MEDIA_TYPES:
            return True
        if essence.startswith(_MEDIA_TYPE + b"-batch"):
            raise Unreadable("the record is a batch of CloudEvents, which the binding to Kafka does not have")
        raise Unreadable("the CloudEvent is structured in another way than JSON")
    return "ce_specversion" not in headers and "ce_type" not in headers


def _structured(value: bytes) -> Document:
    document = json_object(value)
    encoded, kind = document.get("data_base64"), document.get("datacontenttype")
    if isinstance(encoded, str) and isinstance(kind, str) and "data" not in document:
        try:
            data = _data(base64.b64decode(encoded, validate=True), kind)
        except (binascii.Error, ValueError):
            raise Unreadable("data_base64 is not base64") from None
        if data:
            del document["data_base64"]
            document |= data
    return document


def _data(value: bytes, media_type: str | None) -> Document:
    """``data`` as a member, or nothing where there is none or no expression could read it."""
    if not value:
        return {}
    essence = "application/json" if media_type is None else media_type.partition(";")[0].strip().lower()
    if essence.endswith(("/json", "+json")):
        return {"data": json_value(value, "data")}
    if essence.startswith("text/"):
        try:
            return {"data": value.decode()}
        except UnicodeDecodeError:
            raise Unreadable("data is text and not UTF-8") from None
    return {}


def _unique_id(document: Document) -> str | None:
    """Source and id, which the specification wants to be unique together; as JSON, so that no two pairs are one."""
    source, own = document.get("source"), id_text(document.get("id"))
    return orjson.dumps([source, own]).decode() if isinstance(source, str) and own is not None else None
