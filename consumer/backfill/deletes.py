"""Which contacts the past deletes, and when: what lies before a delete would make its contact again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from consumer.core.record import Position, TopicPartition
from consumer.core.request import Request
from consumer.preview.contacts import hashed

__all__ = ["IDENTIFIERS_MAX", "Deletes", "TooManyContacts"]

IDENTIFIERS_MAX: Final = 1_000_000
"""Identifiers that are known at once; a contact has one or two. Of each 8 bytes of a hash are kept, never itself."""


class TooManyContacts(Exception):  # noqa: N818 - it says what is wrong
    """More identifiers than can be known at once; the text says so."""


class _Delete(NamedTuple):
    time_ms: int
    partition: TopicPartition
    offset: int


class Deletes:
    """The last delete of each identifier (a lane) in the range."""

    __slots__ = ("_deletes", "_identifiers_max")

    def __init__(self, identifiers_max: int = IDENTIFIERS_MAX) -> None:
        """None."""
        self._deletes: dict[int, _Delete] = {}
        self._identifiers_max = identifiers_max

    def __len__(self) -> int:
        """How many identifiers there are."""
        return len(self._deletes)

    def add(self, lanes: Sequence[str], time_ms: int, at: Position) -> None:
        """A contact with these identifiers is deleted by the record there, of an event of that time.

        Raises :class:`TooManyContacts`.
        """
        new = _Delete(time_ms, TopicPartition(at.topic, at.partition), at.offset)
        for lane in lanes:
            key = hashed(lane)
            before = self._deletes.get(key)
            self._deletes[key] = new if before is None else _later(before, new)
        if len(self._deletes) > self._identifiers_max:
            raise TooManyContacts(
                f"the range deletes contacts of more than {self._identifiers_max:,} identifiers, and what is older"
                " than a delete cannot be told from the rest; begin later, with --from"
            )

    def outdates(self, request: Request, at: Position) -> bool:
        """Whether any of its identifiers was deleted after this request, whose record lies there.

        Behind it in its own partition, whatever the clocks of events say; or, anywhere, at a later time.
        """
        if not self._deletes:
            return False
        found = (self._deletes.get(hashed(lane)) for lane in request.lanes)
        return any(
            one is not None
            and (request.event_time_ms < one.time_ms or (one.partition == at[:2] and at.offset < one.offset))
            for one in found
        )


def _later(one: _Delete, other: _Delete) -> _Delete:
    """The later of both times, and the later place: in one partition the further one, else that of the later time."""
    time_ms = max(one.time_ms, other.time_ms)
    if one.partition == other.partition:
        return other._replace(time_ms=time_ms, offset=max(one.offset, other.offset))
    return other if other.time_ms >= one.time_ms else one
