"""All that is found out about the records that were looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from consumer.core.record import Rejection, TopicPartition
from consumer.mapping.event_time import EARLIEST_MS, LATEST_MS
from consumer.mapping.message import Message, timestamp_ms
from consumer.preview.contacts import Contacts
from consumer.preview.line import Merging, arrival_of
from consumer.preview.pressure import Arrivals, Backlog
from consumer.preview.rehearsal import Rehearsal
from consumer.preview.repeats import Repeats
from consumer.preview.tally import Looked

__all__ = ["Findings"]


class Findings:
    """Adds up what :class:`~consumer.preview.tally.Tally` gives, as if each record were handled when it came.

    A record without a time counts as one that comes now. Holds 60 MB at most.
    """

    def __init__(self, merging: Merging, *, held_max: int) -> None:
        """Nothing was looked at yet. ``held_max`` is how many requests the consumer holds at once."""
        self.rehearsal = Rehearsal()
        self.contacts = Contacts()
        self.merging = merging
        self.arrivals = Arrivals()
        self.backlog = Backlog(merging, held_max)
        self.repeats = Repeats()
        self.first_ms = self.last_ms = 0
        """Of the records' own times the earliest and the latest, milliseconds since 1970; 0: none has one."""

    def note_times(self, messages: Sequence[Message]) -> None:
        """Takes in when a batch's records came: by its first and its last, which is as exact as it has to be."""
        for time_ms in map(timestamp_ms, (*messages[:1], *messages[-1:])):
            if EARLIEST_MS < time_ms <= LATEST_MS:
                self.first_ms = min(self.first_ms or time_ms, time_ms)
                self.last_ms = max(self.last_ms, time_ms)

    def take(self, looked: Iterable[Looked], *, wall_ms: int) -> None:
        """Takes in what the rules make of a batch; ``wall_ms`` is now, milliseconds since 1970."""
        for one in looked:
            record = one.record
            at, clock_ms = record.position, record.timestamp_ms or wall_ms
            for plan in one.plans:
                request = self.rehearsal.take(plan, at, clock_ms=clock_ms)
                if request is None or isinstance(plan, Rejection):
                    continue
                arrival = arrival_of(request, TopicPartition(record.topic, record.partition), clock_ms)
                self.contacts.add(arrival.contact)
                self.arrivals.add(arrival)
                self.backlog.add(arrival)
                self.repeats.take(request, one.event_id, at)
