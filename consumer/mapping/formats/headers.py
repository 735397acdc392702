"""A record's headers by name, as formats read them whose events stand partly there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from consumer.core.record import Headers
from consumer.mapping.envelope import Unreadable
from consumer.mapping.message import UNREADABLE_HEADERS

__all__ = ["Named", "named", "text_of"]

Named: TypeAlias = Mapping[str, bytes | None]
"""By name in lower case: producers do not agree on the case of ``content-type``."""


def named(headers: Headers) -> Named:
    """The headers by name; of one that stands several times the last, which Kafka's own readers take too.

    Raises :class:`Unreadable` where the client could not read them: without them an event would go unnoticed.
    """
    found = {name.lower(): value for name, value in headers}
    if UNREADABLE_HEADERS in found:
        raise Unreadable("the record's headers cannot be read")
    return found


def text_of(value: bytes | None) -> str | None:
    """A header's text; ``None`` for none. Raises :class:`Unreadable`."""
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        raise Unreadable("a header is not UTF-8") from None
