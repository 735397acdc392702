"""What is known of one partition under one assignment."""

from __future__ import annotations

from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.effect import Committable
from consumer.core.record import Received, TopicPartition
from consumer.core.watermark import Watermark

__all__ = ["Partition"]


class Partition:
    """Its watermark, its records in flight, what is committed, and why it is paused, if it is."""

    __slots__ = (
        "asked",
        "bytes_in_flight",
        "committed",
        "deliveries",
        "epoch",
        "last_timestamp_ms",
        "open",
        "pauses",
        "received_any",
        "revoked",
        "tp",
        "watermark",
    )

    def __init__(self, tp: TopicPartition, epoch: int, committed: int | None) -> None:
        """Newly assigned; ``committed`` is what the group had, None where it had nothing."""
        self.tp = tp
        self.epoch = epoch
        self.committed = committed
        self.asked = committed
        """The highest offset that a commit was asked for."""
        self.watermark = Watermark(committed or 0)
        self.open: dict[int, OpenRecord] = {}
        self.deliveries: dict[Delivery, None] = {}
        """Its requests that are not finished, in order."""
        self.bytes_in_flight = 0
        self.pauses: set[str] = set()
        self.revoked = False
        """It is being handed to another member: nothing new of it leaves."""
        self.received_any = False
        """Whether a read brought anything yet: before that the watermark says nothing."""
        self.last_timestamp_ms = 0

    def receive(self, received: Received) -> None:
        """Takes in what a read brought."""
        for wanted in received.wanted:
            record = wanted.record
            self.open[record.offset] = OpenRecord(record, self.tp, self.epoch, len(wanted.plans))
            self.bytes_in_flight += record.size_bytes
        if received.runs:
            self.watermark.receive(received.runs[-1][1], (wanted.record.offset for wanted in received.wanted))
            self.received_any = True
        self.last_timestamp_ms = received.last_timestamp_ms

    def finish(self, record: OpenRecord) -> None:
        """All its plans are final."""
        del self.open[record.record.offset]
        self.bytes_in_flight -= record.record.size_bytes
        self.watermark.finish(record.record.offset)

    def to_commit(self, known: int | None) -> Committable | None:
        """What a commit would add to ``known``; None where that is nothing."""
        offset = self.watermark.offset
        if not self.received_any or (known is not None and offset <= known):
            return None
        return Committable(offset)

    def oldest_unfinished_ms(self) -> int | None:
        """The record time of the lowest unfinished offset, where one is in flight."""
        first = self.open.get(self.watermark.offset)
        return None if first is None else first.record.timestamp_ms
