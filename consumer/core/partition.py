"""What is known of one partition under one assignment."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from typing import NamedTuple

from consumer.core.completions import FIXED_BYTES, Completions, Damaged, bytes_more_at_most, decode
from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.demand import Demand
from consumer.core.effect import Committable
from consumer.core.record import Received, TopicPartition
from consumer.core.refusals import Refusals, Room
from consumer.core.rules import fingerprint
from consumer.core.watermark import Watermark

__all__ = ["Partition", "PlansFinal", "finished_before"]

_LET_GO_MAX = 10
"""Requests let go at once: a second's worth at Loops' published limit."""

_PLANS_MAX = 63
"""Of a record, so that which of them are final can be recorded; with more, all are begun again after a crash."""


class PlansFinal(NamedTuple):
    """Which plans of an unfinished record are final; it says something of the plans of one mapping alone."""

    mapping: int
    """Its fingerprint."""
    plans: int
    """Bit i for the i-th plan."""


class Partition:
    """Its watermark, its records in flight, what is committed, and why it is paused, if it is."""

    __slots__ = (
        "_finished_since",
        "_several_started",
        "_started",
        "_told_bytes",
        "_top_started",
        "asked",
        "bytes_in_flight",
        "changed",
        "committed",
        "deliveries",
        "epoch",
        "held_back",
        "in_letters",
        "judged_from_ms",
        "last_timestamp_ms",
        "open",
        "partly",
        "pauses",
        "received_any",
        "refusals",
        "revoked",
        "tp",
        "uncommitted",
        "under_commit",
        "watermark",
    )

    def __init__(self, tp: TopicPartition, epoch: int, committed: Committable | None, done: Completions) -> None:
        """Newly assigned; ``committed`` is what the group had, None where it had nothing; ``done`` what that says."""
        self.tp = tp
        self.epoch = epoch
        self.committed = committed
        self.asked = committed
        """What a commit was asked for last, and not refused."""
        self.changed = False
        """Something became final since."""
        self.watermark = Watermark(0 if committed is None else committed.offset, done.runs)
        self.partly = {at: PlansFinal(done.mapping, plans) for at, plans in done.partly.items()}
        """By the offset of a record, one that was not read yet too."""
        self.refusals = Refusals(done)
        self.open: dict[int, OpenRecord] = {}
        self.deliveries: dict[Delivery, None] = {}
        """Its requests that stand in lanes, in order; what these carry is in none."""
        self.held_back: list[tuple[int, int, Delivery]] = []
        """A heap by offset of those whose end could not be recorded, were they to leave now."""
        self.bytes_in_flight = 0
        self.pauses: set[str] = set()
        self.revoked = False
        """It is being handed to another member: nothing new of it leaves."""
        self.received_any = False
        """Whether a read brought anything yet: before that the watermark says nothing."""
        self.last_timestamp_ms = 0
        self.judged_from_ms = 0
        """What was produced before is not judged by how soon it is delivered: it lay there where someone chose to begin
        anew. Milliseconds since 1970."""
        self.uncommitted = 0
        """Requests that became final since a commit last began."""
        self.under_commit = 0
        """Those whose commit is under way."""
        self.in_letters = 0
        """Those whose dead letter is not confirmed."""
        self._told_bytes = 0 if committed is None else len(committed.metadata)
        """What the completions took when they were last told, and how many records were finished since."""
        self._finished_since = 0
        self._started = self._several_started = self._top_started = 0

    def receive(self, received: Received) -> tuple[list[OpenRecord], int]:
        """Takes in what a read brought. Returns the new records in flight, and how many were finished already.

        A record that is in flight already, read once more after a rewind, is neither.
        """
        wanted = {one.record.offset: one for one in received.wanted}
        again = sum(1 for offset in wanted if offset in self.open)
        new = []
        for offset in self.watermark.receive(received.runs, list(wanted)):
            record, plans = wanted[offset].record, wanted[offset].plans
            final = self._final_before(offset, len(plans), received.mapping)
            opened = OpenRecord(record, self.tp, self.epoch, len(plans), received.mapping, final)
            self.open[offset] = opened
            self.bytes_in_flight += record.size_bytes
            new.append(opened)
        if received.runs:
            self.received_any = True
        self.last_timestamp_ms = received.last_timestamp_ms
        return new, len(wanted) - len(new) - again

    def _final_before(self, offset: int, plans: int, mapping: str) -> int:
        """Which plans of a record were final; none where it cannot be about this record, which has other plans."""
        known = self.partly.get(offset)
        if known is None:
            return 0
        if known.mapping == fingerprint(mapping) and known.plans < (1 << plans) - 1:
            return known.plans
        del self.partly[offset]
        return 0

    def under_way(self) -> Iterator[Delivery]:
        """Its requests that are not finished, with those that others carry."""
        for delivery in self.deliveries:
            yield from delivery.parts

    def judges(self, record: OpenRecord) -> bool:
        """Whether it is judged by how soon it is delivered, and was not yet; one without a time never is."""
        return not record.late and 0 < record.record.timestamp_ms >= self.judged_from_ms

    def start(self, record: OpenRecord) -> None:
        """The first request of a record leaves."""
        if not record.started:
            record.started = True
            self._started += 1
            self._several_started += record.plans > 1
            self._top_started = max(self._top_started, record.record.offset)

    def finish_plan(self, record: OpenRecord) -> None:
        """One of its plans became final, and not the last one."""
        if record.plans <= _PLANS_MAX:
            self.partly[record.record.offset] = PlansFinal(fingerprint(record.mapping), record.final)
            self.changed = True

    def finish(self, record: OpenRecord) -> None:
        """All its plans are final."""
        offset = record.record.offset
        self._close(record)
        self.partly.pop(offset, None)
        self.watermark.finish(offset)
        self.changed = True
        self._finished_since += 1

    def rewind(self, offset: int) -> None:
        """What comes next begins there again."""
        self.refusals.rewind(offset, self.watermark.offset)
        self.watermark.rewind(offset)
        self.changed = True

    def forget(self, records: Collection[OpenRecord]) -> None:
        """These come again, from the lowest on, and are new then. Which of their plans are final is kept."""
        self.watermark.forget([of.record.offset for of in records])
        for of in records:
            self._close(of)

    def may_start(self, records: Collection[OpenRecord], bytes_max: int) -> bool:
        """Whether the end of these records could be recorded beyond the watermark, whatever ends before it.

        The record at the watermark needs no room: its end moves the watermark.
        """
        at = self.watermark.offset
        new = {of.record.offset: of for of in records if not of.started and of.record.offset != at}
        if not new:
            return True
        span = max(*new, self._top_started, self.watermark.last_finished) - at
        several = self._several_started + sum(of.plans > 1 for of in new.values())
        more = bytes_more_at_most(self._finished_since + self._started + len(new), span, several)
        return (self._told_bytes or FIXED_BYTES) + more <= bytes_max

    def hold_back(self, delivery: Delivery) -> None:
        """Keeps one until :meth:`let_go` gives it back."""
        lowest = min(part.of.record.offset for part in delivery.parts)
        heapq.heappush(self.held_back, (lowest, delivery.turn, delivery))

    def lowest_held_back(self) -> Delivery | None:
        """Takes out the lowest of those held back, whatever room there is."""
        while self.held_back:
            delivery = heapq.heappop(self.held_back)[2]
            if not delivery.forgotten:
                return delivery
        return None

    def let_go(self, bytes_max: int) -> list[Delivery]:
        """A few of those held back, lowest offset first, as far as each could start now were it alone.

        They are asked about again when they leave.
        """
        free: list[Delivery] = []
        while self.held_back and len(free) < _LET_GO_MAX:
            offset, _, delivery = self.held_back[0]
            if not delivery.forgotten:
                if not (offset == self.watermark.offset or self.may_start(delivery.records, bytes_max)):
                    break
                free.append(delivery)
            heapq.heappop(self.held_back)
        return free

    @property
    def may_be_committed(self) -> bool:
        """Whether it is known where it stands."""
        return self.received_any or self.committed is not None

    def to_commit(
        self,
        known: Committable | None,
        mapping: int,
        bytes_max: int,
        demand: Demand | None = None,
        *,
        tell: bool = False,
    ) -> Committable | None:
        """What a commit would change of ``known``; None where that is nothing. ``mapping`` is the fingerprint in use.

        ``tell``: the group has to hear of the ``demand`` though nothing else is new.

        It goes back only where the partition was rewound. It tells nothing of plans that another mapping made: whoever
        reads such a record again makes them anew.
        """
        offset = self.watermark.offset
        unchanged = not (self.changed or tell)
        nothing_new = unchanged and known == self.asked and known is not None and offset <= known.offset
        if not (self.received_any or (tell and self.may_be_committed)) or nothing_new:
            return None
        if self.partly:
            self.partly = {at: final for at, final in self.partly.items() if at >= offset}
        partly = {at: final.plans for at, final in self.partly.items() if final.mapping == mapping}
        done = Completions(self.watermark.runs, partly, mapping, demand=demand)
        position = self.refusals.position(done, Room(bytes_max, offset))
        self._told_bytes, self._finished_since = len(position.metadata), 0
        return None if position == known else position

    def begin_commit(self, position: Committable) -> None:
        """A commit for it is asked for."""
        self.asked = position
        self.changed = False
        self.under_commit, self.uncommitted = self.uncommitted, 0

    def give_up_commit(self) -> int:
        """There is nothing to tell of what became final: no room. Returns how many requests stay at stake for good."""
        given_up, self.uncommitted = self.uncommitted, 0
        return given_up

    def end_commit(self, position: Committable | None) -> int:
        """The commit ended; None where it was refused. Returns how many requests it brought to safety."""
        if position is None:
            self.uncommitted += self.under_commit
            self.under_commit = 0
            self.asked = self.committed
            self.changed = True
            return 0
        safe, self.under_commit = self.under_commit, 0
        self.committed = position
        self.refusals.committed(position)
        return safe

    def _close(self, record: OpenRecord) -> None:
        del self.open[record.record.offset]
        self.bytes_in_flight -= record.record.size_bytes
        if record.started:
            self._started -= 1
            self._several_started -= record.plans > 1

    def oldest_unfinished_ms(self) -> int | None:
        """The record time of the lowest unfinished offset, where one is in flight."""
        first = self.open.get(self.watermark.offset)
        return None if first is None else first.record.timestamp_ms


def finished_before(committed: Committable | None) -> Completions | Damaged:
    """What the metadata of a former assignment says."""
    return Completions() if committed is None else decode(committed.metadata, offset=committed.offset)
