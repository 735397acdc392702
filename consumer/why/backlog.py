"""How many requests of everybody stand before a record that waits: an estimate."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping
from typing import Final

from consumer.core.record import Batch, Plan, Position, Rejection, TopicPartition
from consumer.mapping.plan import at_clock
from consumer.why.standing import Standing, Standings

__all__ = ["REQUESTS_MAX", "Backlog"]

REQUESTS_MAX: Final = 1_000_000
"""Whose times are kept, 8 bytes each: a day of ten a second."""


class Backlog:
    """The requests of records that are not finished, by the records' own times.

    It assumes that who came first goes first, over all partitions: within one that is so, between them about so. What
    becomes one request while it waits, and what takes several tries, counts as it stands on the topic.
    """

    def __init__(self, standings: Standings, before: Mapping[TopicPartition, int], *, wall_ms: int) -> None:
        """None came yet. ``before``: of each partition how many unfinished records lie before what is read of it.

        ``wall_ms`` is now, milliseconds since 1970.
        """
        self._standings = standings
        self._before = sum(before.values())
        self._wall_ms = wall_ms
        self._at_ms = array("q")
        self._sorted = True
        self._records = 0
        self._requests = 0

    def take(self, batch: Batch) -> None:
        """Takes in some of what was read of partitions that are not finished."""
        for received in batch.values():
            self._records += received.records
            for wanted in received.wanted:
                record = wanted.record
                for number, plan in enumerate(wanted.plans):
                    if self._waits(plan, record.position, number):
                        self._add(record.timestamp_ms)

    def ahead_of(self, at_ms: int) -> int:
        """About how many requests leave before one whose record is of this time, milliseconds since 1970."""
        if not self._sorted:
            self._at_ms = array("q", sorted(self._at_ms))
            self._sorted = True
        share = self._requests / self._records if self._records else 0.0
        return bisect_left(self._at_ms, at_ms) + round(self._before * share)

    def _waits(self, plan: Plan, at: Position, number: int) -> bool:
        if isinstance(plan, Rejection) or at_clock(plan, self._wall_ms) is None:
            return False
        return self._standings.of(at, number) is not Standing.FINISHED

    def _add(self, at_ms: int) -> None:
        self._requests += 1
        if len(self._at_ms) < REQUESTS_MAX:
            self._at_ms.append(at_ms)
            self._sorted = False
