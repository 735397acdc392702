"""What a format says: where the event's name stands, and what else can be known without the mapping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

__all__ = ["FieldPath", "Format", "Unreadable", "text_or_none", "value_at"]

FieldPath: TypeAlias = tuple[str, ...]
"""Keys from the top of the document."""


class Unreadable(Exception):  # noqa: N818 - it says what the record is
    """A record that is not of its format; the text says why and quotes nothing of it."""


@dataclass(frozen=True)
class Format:
    """A format of JSON documents. A subclass says how the name follows from what stands at ``name_paths``."""

    name: str
    """What the mapping calls it."""
    name_paths: tuple[FieldPath, ...]
    """Where the parts of the event's name stand: all that is read of a record that no rule wants."""
    id_path: FieldPath | None = None
    """Where the event's own id stands, the same in each copy of the event."""
    time_paths: tuple[FieldPath, ...] = ()
    """Where its time stands; the first that can be read counts."""
    email: str | None = None
    """JSONata: the contact's address, unless the mapping says otherwise."""
    user_id: str | None = None
    """JSONata: the contact's userId, unless the mapping says otherwise."""

    def event_name(self, parts: Sequence[Any]) -> str | None:
        """The name, of what stands at ``name_paths``; ``None`` where the event has none.

        Raises :class:`Unreadable` where it should be text and is not.
        """
        raise NotImplementedError

    def document(self, value: bytes) -> dict[str, Any]:
        """The whole of a record's value, decoded. Raises :class:`Unreadable`."""
        if not value:
            raise Unreadable("the value is empty")
        try:
            found = orjson.loads(value)
        except (orjson.JSONDecodeError, RecursionError):
            raise Unreadable("the value is not JSON in UTF-8, or is nested too deep") from None
        if not isinstance(found, dict):
            raise Unreadable("the value is JSON, and no object")
        return found


def value_at(document: Any, path: FieldPath) -> Any:
    """What stands there; ``None`` where there is nothing."""
    for key in path:
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def text_or_none(value: Any, what: str) -> str | None:
    """Text as it is, null and absent as ``None``. Raises :class:`Unreadable` for anything else."""
    if value is None or isinstance(value, str):
        return value
    raise Unreadable(f"{what} is not text")
