"""Debezium's change events: a row of a table was made, changed or deleted, or was there when the connector began."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from consumer.core.record import Headers
from consumer.mapping.envelope import Unreadable
from consumer.mapping.event_time import milliseconds
from consumer.mapping.formats.format import Document, Event, FieldPath, Format, text_or_none, value_at
from consumer.mapping.formats.glance import Glance, JsonGlance, Kinds, SeenGlance
from consumer.mapping.formats.json_objects import json_object

__all__ = ["Debezium"]

_OPERATIONS: Final = {"c": "create", "u": "update", "d": "delete", "r": "snapshot", "t": "truncate"}
"""``op`` as Debezium's documentation has it. Its ``m`` is a message in the log of PostgreSQL and of no table."""
_ROWS: Final = ("before", "after")
_SNAPSHOT: Final = ("source", "snapshot")
_NAME_PATHS: Final[tuple[FieldPath, ...]] = (("op",), ("source", "table"), ("source", "collection"), _SNAPSHOT)
_BESIDE: Final = (
    frozenset({"status", "id", "event_count", "data_collections"}),
    frozenset({"source", "databaseName", "ddl"}),
)
"""Members of what Debezium writes beside changes: bounds of transactions, and changes of schema."""
_NOT_DEBEZIUM: Final = (
    "there is no op, so this is no change event of Debezium; what its transform ExtractNewRecordState "
    "makes of one is read with format json"
)


@dataclass(frozen=True, kw_only=True)
class Debezium(Format):
    """The value is the change, or ``{schema, payload}`` around it; expressions see ``before after op source``.

    A change is called ``users.create``, ``.update``, ``.delete``, ``.truncate`` after its table or collection, and
    ``users.snapshot`` where it only tells what was there: by its ``op`` or by ``source.snapshot``. That one triggers
    nothing. Rows that MongoDB's connector writes as JSON inside a string are objects.

    It happened at ``source.ts_ms``, when the database wrote it, or at ``ts_ms``, when the connector read it, whichever
    is the older: a connector that is set back tells of last week's changes as if it were now, and must mail nobody.

    Only PostgreSQL's changes have an id: connector, ``source.lsn``, name, the record's key, and the row. A connector
    that starts again may read a part of the log twice, and then tells the same of each change in it. And no two changes
    tell the same: the log has one entry for each row that is changed, but for a bulk load, which writes several rows
    in one entry; these differ in their keys, or, where the topic's key was chosen coarser, in the rows. A change of a
    primary key is a delete and a create. A record without a key has a table without one, whose rows may be equal: it
    has no id, and its place counts.
    """

    name: str = "debezium"
    email: str | None = "after.email ? after.email : before.email"
    user_id: str | None = "after.id ? after.id : before.id"

    def glance(self, fields: Mapping[str, Kinds]) -> Glance:
        """Operation and table, and the ``fields`` beside them; for the rows themselves all is decoded."""
        if fields.keys() & set(_ROWS):

            def look(value: bytes) -> tuple[str | None, Callable[[str], object]]:
                event = self.event(value, (), None)
                return event.name, event.document.get

            return SeenGlance(look, fields, of_headers=False)
        return _ChangeGlance(fields)

    def event(self, value: bytes, headers: Headers, key: bytes | None) -> Event:  # noqa: ARG002 - nothing in headers
        """The change out of its envelope."""
        document = _change(json_object(value))
        parts = [value_at(document, path) for path in _NAME_PATHS]
        if parts[0] is None:
            if not document or any(members <= document.keys() for members in _BESIDE):
                return Event(document, None)
            raise Unreadable(_NOT_DEBEZIUM)
        name = _name(parts)
        for row in _ROWS:
            if isinstance(document.get(row), str):
                document[row] = json_object(document[row], row)
        snapshot = text_or_none(parts[0], "op") == "r" or _is_of_snapshot(parts[-1])
        return Event(document, name, _unique_id(document, name, key), _time_ms(document), triggers=not snapshot)


class _ChangeGlance(JsonGlance):
    """Glances at a change, whichever way it is wrapped."""

    def __init__(self, fields: Mapping[str, Kinds]) -> None:
        payload = [("payload", *path) for path in _NAME_PATHS]
        flags = (_SNAPSHOT, ("payload", *_SNAPSHOT))
        super().__init__([*_NAME_PATHS, *payload], _name_of_either, fields, (("payload",), ()), flags)
        decode, self._bare = self.read, self._getters["op",]
        bare, wrapped = self._bare, self._getters["payload", "op"]

        def read(value: bytes) -> Hashable:
            found = decode(value)
            if bare(found) is None and wrapped(found) is None:
                raise Unreadable(_NOT_DEBEZIUM)
            return found

        self.read = read

    def field(self, read: Any, key: str, /) -> object:
        """A member of the change."""
        above = ("payload",) if self._bare(read) is None else ()
        return self._getters[*above, key](read)


def _change(document: Document) -> Document:
    """The change in its envelope; without members where there is none, as in a tombstone with its schema."""
    if document.get("op") is not None or "payload" not in document:
        return document
    payload = document["payload"]
    if payload is None:
        return {}
    if not isinstance(payload, dict):
        raise Unreadable("payload is no object")
    return payload


def _name_of_either(parts: Sequence[Any]) -> str | None:
    middle = len(_NAME_PATHS)
    return _name(parts[:middle] if parts[0] is not None else parts[middle:])


def _name(parts: Sequence[Any]) -> str | None:
    """Of what stands at the paths of a change that has an ``op``."""
    op, table, collection, snapshot = parts
    operation = _OPERATIONS.get(text_or_none(op, "op") or "")
    where = text_or_none(table, "source.table") or text_or_none(collection, "source.collection")
    if not where or operation is None:
        return None
    return f"{where}.{'snapshot' if _is_of_snapshot(snapshot) else operation}"


def _is_of_snapshot(found: Any) -> bool:
    """``true``, ``first``, ``last``, ``incremental`` and others say so; ``false`` alone, in either kind, does not."""
    return found not in {None, False, "false"} if isinstance(found, str | bool | None) else True


def _unique_id(document: Document, name: str | None, key: bytes | None) -> str | None:
    lsn = value_at(document, ("source", "lsn"))
    if key is None or lsn is None:
        return None
    told = [value_at(document, ("source", "name")), lsn, name, key.hex(), *(document.get(row) for row in _ROWS)]
    try:
        return hashlib.sha256(orjson.dumps(told)).hexdigest()
    except (TypeError, RecursionError):  # nested too deep to be written
        return None


def _time_ms(document: Document) -> int | None:
    times = (milliseconds(value_at(document, path)) for path in (("source", "ts_ms"), ("ts_ms",)))
    return min((found for found in times if found is not None), default=None)
