"""Contacts that were deleted lately: what still comes of their time before would make them again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from consumer.core.recent import Recent

__all__ = ["IDENTIFIERS_MAX", "KEPT_S", "DeletedContacts"]

KEPT_S = 86_400.0
"""Seconds for which a delete is remembered: as long as Loops remembers the keys of what was sent before it."""

IDENTIFIERS_MAX = 100_000
"""Identifiers that are remembered; a contact has one or two."""


class _Delete(NamedTuple):
    event_time_ms: int
    until: float


class DeletedContacts:
    """When each identifier (a lane) was deleted last, by this process."""

    __slots__ = ("_deletes",)

    def __init__(self) -> None:
        """None."""
        self._deletes: Recent[str, _Delete] = Recent(IDENTIFIERS_MAX)

    def put(self, lanes: Iterable[str], event_time_ms: int, *, now: float) -> None:
        """A contact with these identifiers is gone, by an event of that time (milliseconds since 1970)."""
        for lane in lanes:
            before = self._deletes.get(lane)
            latest_ms = event_time_ms if before is None else max(event_time_ms, before.event_time_ms)
            self._deletes.put(lane, _Delete(latest_ms, now + KEPT_S))

    def after(self, lanes: Iterable[str], event_time_ms: int, *, now: float) -> bool:
        """Whether a delete of any of these happened after that time."""
        found = (self._deletes.get(lane) for lane in lanes)
        return any(one is not None and now < one.until and event_time_ms < one.event_time_ms for one in found)
