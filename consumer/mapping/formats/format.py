"""What a format says: what a record means, and how to tell, without building it, what its event is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from consumer.core.record import Headers
from consumer.mapping.envelope import Envelope, Unreadable
from consumer.mapping.formats.glance import FieldPath, Glance, Kinds

__all__ = ["Document", "Event", "FieldPath", "Format", "text_or_none", "value_at"]

Document: TypeAlias = dict[str, Any]
"""What expressions see."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a record means once it is decoded. It holds personal data."""

    document: Document
    name: str | None
    """``None``: it has none, and is told by its fields alone."""
    id: str | None = None
    """The event's own, the same in each copy of it and in no other event; ``None``: its record's place counts."""
    time_ms: int | None = None
    """When it happened: milliseconds since 1970, UTC; ``None``: not known."""
    triggers: bool = True
    """False: it tells what was so before, as a row of a snapshot does, and no event is ever sent for it."""


@dataclass(frozen=True, kw_only=True)
class Format:
    """How events lie in the records of a topic; one frozen value a topic's settings, so that it can be a key."""

    name: str
    """What the mapping calls it."""
    email: str | None = None
    """JSONata: the contact's address, unless the mapping says otherwise."""
    user_id: str | None = None
    """JSONata: the contact's userId, unless the mapping says otherwise."""
    told_by: tuple[str, ...] = ()
    """Fields at the top, of text, by which people tell events apart that have no name."""
    envelope: Envelope | None = None
    """What is around the value; it is taken away before the format sees it."""

    def glance(self, fields: Mapping[str, Kinds]) -> Glance:
        """What is read of every record: its event's name, and the top-level ``fields`` that rules name."""
        raise NotImplementedError

    def event(self, value: bytes, headers: Headers, key: bytes | None) -> Event:
        """The whole of a record, of which ``value`` is out of its envelope.

        Raises :class:`~consumer.mapping.envelope.Unreadable`. Where it does not, its name and the fields of its
        document are those that :meth:`glance` tells, where that tells any.
        """
        raise NotImplementedError


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
