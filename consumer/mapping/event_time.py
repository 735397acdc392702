"""An event's own time, in whatever way its producer writes it."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, Literal

__all__ = ["EARLIEST_MS", "LATEST_MS", "bucket_of", "milliseconds"]

EARLIEST_MS = 0
LATEST_MS = 253_402_300_799_999
"""The end of the year 9999: what lies outside these two is no time of an event."""

_UNITS = ((100_000_000_000, 1000.0), (100_000_000_000_000, 1.0), (100_000_000_000_000_000, 1e-3), (math.inf, 1e-6))
"""Below the first: seconds, milliseconds, microseconds, nanoseconds. Each bound lies past the year 5000 in its unit,
and before 1974 in the next."""

_KINDS = (str, int, float)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)
_DIGITS_MIN = 9
"""Of a text that is a number and no date: 20260501 is a date."""


def milliseconds(value: Any) -> int | None:
    """Milliseconds since 1970, UTC, of an ISO 8601 text (UTC without an offset) or of a number since 1970.

    A number's unit follows from its size. ``None`` for anything else, and for what lies out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, _KINDS):
        return None
    if isinstance(value, str):
        if not value.isdecimal() or len(value) < _DIGITS_MIN:
            return _of_text(value)
        value = float(value)
    if not math.isfinite(value):
        return None
    factor = next(factor for bound, factor in _UNITS if value < bound)
    return _bounded(math.floor(value * factor)) if value > 0 else None


def bucket_of(time_ms: int, span: Literal["hour", "day"]) -> str:
    """The hour or the day, UTC, in which a time lies: ``2026-05-01T10``, ``2026-05-01``."""
    moment = _EPOCH + dt.timedelta(milliseconds=min(max(time_ms, EARLIEST_MS), LATEST_MS))
    return moment.strftime("%Y-%m-%dT%H" if span == "hour" else "%Y-%m-%d")


def _of_text(text: str) -> int | None:
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        return _bounded((moment - _EPOCH) // _MILLISECOND)
    except (ValueError, OverflowError):
        return None


def _bounded(found: int) -> int | None:
    return found if EARLIEST_MS < found <= LATEST_MS else None
