"""The functions that expressions have beside JSONata's own; what each takes, gives, and does not take.

Absent stays absent, and so does null: the engine hands both over as ``None``. What cannot be told raises
:class:`Unfit`, and the record becomes a dead letter: a value that silently went missing would look like one that was
never there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Final

from consumer.mapping.event_time import milliseconds
from consumer.mapping.values import TEXT_LENGTH_MAX

__all__ = ["FUNCTIONS", "NOW_MS", "Unfit"]

NOW_MS: Final[ContextVar[int]] = ContextVar("now_ms", default=0)
"""What ``$millis()`` is: the event's time; set by whoever evaluates an expression that may call it."""

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Unfit(ValueError):  # noqa: N818 - it says what the value is
    """A value that a function does not take. The text names the function and quotes nothing."""


def _iso_date(value: Any) -> str | None:
    """``2026-05-01T10:00:00.000Z``, of an ISO 8601 text or a number since 1970, whose size tells its unit."""
    found = _millis(value)
    if found is None:
        return None
    text = (_EPOCH + dt.timedelta(milliseconds=found)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _millis(*value: Any) -> int | None:
    """Milliseconds since 1970 of the same; without an argument those of the event, as JSONata has it."""
    if not value:
        return NOW_MS.get()
    if len(value) > 1:
        raise Unfit("$millis takes one time, or nothing")
    (given,) = value
    if given is None or given == "":
        return None
    found = milliseconds(given)
    if found is None:
        raise Unfit("a value is no time")
    return found


def _truncate(value: Any, length: float | None) -> str | None:
    """The first characters of a text: 498 where no number is given, as many as Loops takes."""
    if value is None:
        return None
    return _text(value, "$truncate")[: TEXT_LENGTH_MAX if length is None else max(0, int(length))]


def _lower(value: Any) -> str | None:
    """A text in lower case, without white space around it."""
    return None if value is None else _text(value, "$lower").strip().lower()


def _domain(value: Any) -> str | None:
    """What stands behind the last @ of a text, in lower case; absent where there is none."""
    if value is None:
        return None
    _, at, domain = _text(value, "$domain").strip().rpartition("@")
    return domain.lower() if at and domain else None


def _hash(value: Any) -> str | None:
    """SHA-256 of a text, or of a whole number as text, in 64 hexadecimal characters."""
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return hashlib.sha256(_text(value, "$hash").encode()).hexdigest()


def _text(value: Any, function: str) -> str:
    if not isinstance(value, str):
        raise Unfit(f"{function} takes text")
    return value


FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Any], str | None]]] = MappingProxyType(
    {
        "isoDate": (_iso_date, "<x:s>"),
        "millis": (_millis, None),
        "truncate": (_truncate, "<xn?:s>"),
        "lower": (_lower, "<x:s>"),
        "domain": (_domain, "<x:s>"),
        "hash": (_hash, "<x:s>"),
    }
)
"""By the name under which an expression calls them, with what they take in JSONata's notation for signatures."""
