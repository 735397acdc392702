"""The partitions and what lies in them: each record is there from the moment at which it is produced."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from operator import attrgetter

from consumer.core.record import Received, Record, TopicPartition, Wanted
from consumer.core.request import Request, SendEvent, UpdateContact
from consumer.core.terms import Priority, Terms
from consumer.planning.arrivals import Arrival, Kind

__all__ = ["Topic"]

_TERMS = {priority: Terms(priority=priority) for priority in Priority}


class Topic:
    """Offsets count from 0 without gaps; a rule wants every record."""

    def __init__(self, partitions: int, arrivals: Iterable[Arrival], *, wall: float) -> None:
        """``arrivals`` in any order; ``wall`` is the beginning, seconds since 1970."""
        self.partitions = tuple(TopicPartition("topic", number) for number in range(partitions))
        self._wall = wall
        self._logs: dict[TopicPartition, list[Arrival]] = {tp: [] for tp in self.partitions}
        for arrival in sorted(arrivals, key=attrgetter("at_s")):
            number = arrival.partition
            if number is None:
                number = zlib.crc32(arrival.contact.encode()) % partitions
            self._logs[self.partitions[number]].append(arrival)

    def log(self, tp: TopicPartition) -> Sequence[Arrival]:
        """All that a partition will ever hold; the index is the offset."""
        return self._logs[tp]

    def produced_at(self, tp: TopicPartition, offset: int) -> float | None:
        """When the record there is produced; None where none ever is."""
        log = self._logs[tp]
        return log[offset].at_s if offset < len(log) else None

    def read(self, tp: TopicPartition, offset: int, *, now: float, records_max: int) -> Received | None:
        """What lies there from ``offset`` on by now; None where that is nothing."""
        log = self._logs[tp]
        end = offset
        while end < len(log) and end - offset < records_max and log[end].at_s <= now:
            end += 1
        if end == offset:
            return None
        wanted = [self._wanted(tp, at, log[at]) for at in range(offset, end)]
        return Received([(offset, end - 1)], end - offset, wanted, wanted[-1].record.timestamp_ms)

    def _wanted(self, tp: TopicPartition, offset: int, arrival: Arrival) -> Wanted:
        at_ms = int((self._wall + arrival.at_s) * 1000)
        record = Record(tp.topic, tp.partition, offset, at_ms, None, b"")
        return Wanted(record, (_request(arrival, f"{tp.partition}/{offset}", at_ms),))


def _request(arrival: Arrival, key: str, at_ms: int) -> Request:
    terms = _TERMS[arrival.priority]
    if arrival.kind is Kind.EVENT:
        return SendEvent(
            rule="event",
            email=None,
            user_id=arrival.contact,
            event_time_ms=at_ms,
            terms=terms,
            event_name="event",
            idempotency_key=key,
        )
    return UpdateContact(
        rule="update", email=None, user_id=arrival.contact, event_time_ms=at_ms, terms=terms, contact={"seen": key}
    )
