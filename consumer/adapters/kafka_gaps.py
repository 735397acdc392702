"""Watches for jumps in a partition's offsets: nothing may have been there, or a record was not delivered to us.

1. A jump is counted, always. The first one of a partition is checked at once; after that the earliest since the last
   check, when that was a minute ago. So a topic written in transactions, with a gap at each commit, costs one look
   a minute and partition; and where nothing else makes gaps, every loss is found. Where a partition is read from its
   beginning, the first jump is from 0: what retention took, or a loss.
2. A check that the broker did not answer is made again when its minute is over.
3. Where the broker has a record in the gap, the partition is read again from there, under the assignment that it had,
   if it still has that one. The listener is told in order with the records, as it is where it asked for that itself.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from confluent_kafka import OFFSET_BEGINNING, Consumer

from consumer.adapters.kafka_gap_check import Checked, Gap
from consumer.adapters.kafka_reader import Reader
from consumer.adapters.kafka_rebalance import Assignments, Owned
from consumer.adapters.kafka_status import Counts
from consumer.core.record import TopicPartition
from consumer.logs import logger

__all__ = ["CHECK_EVERY_S", "Checker", "GapWatch"]

CHECK_EVERY_S = 60.0
"""Between two checks of one partition."""

_ASK_AGAIN_S = 1.0
"""After a check that found the queue full."""

_log = logger("kafka")


class Checker(Protocol):
    """Who asks the broker."""

    def ask(self, gap: Gap) -> bool:
        """Has a gap checked, without waiting; False where too many wait."""

    def answers(self) -> Iterable[Checked]:
        """What was found out since it was asked last."""


@dataclass(slots=True)
class _Watched:
    """One partition: when it may be checked next, monotonic seconds, and which gap."""

    next_at: float = -math.inf
    waiting: Gap | None = None


class GapWatch:
    """Used on the client's thread alone."""

    def __init__(
        self,
        checker: Checker,
        assignments: Assignments,
        counts: Counts,
        rewound: Callable[[TopicPartition, int], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """No jump yet. ``rewound`` is told which partition is read again, and from where; ``now`` is monotonic."""
        self._checker = checker
        self._assignments = assignments
        self._counts = counts
        self._rewound = rewound
        self._now = now
        self._watched: dict[TopicPartition, _Watched] = {}
        self._due_at = math.inf
        """When the first of the waiting gaps may be checked."""

    def read(self, partition: TopicPartition, owned: Owned, runs: Sequence[tuple[int, int]]) -> None:
        """A read brought these runs of offsets; ``owned`` is as it was before."""
        expected = 0 if owned.position is None and owned.start == OFFSET_BEGINNING else owned.position
        first, last = runs[0]
        begins_elsewhere = expected is not None and first != expected
        jumps = len(runs) - 1 + begins_elsewhere
        if not jumps:
            return
        self._counts.jumps += jumps
        if expected is not None and expected < first:
            self._wait(partition, Gap(partition, owned.epoch, expected, first))
        elif len(runs) > 1:
            self._wait(partition, Gap(partition, owned.epoch, last + 1, runs[1][0]))

    def look(self, client: Consumer, reader: Reader) -> None:
        """Asks what is due, and reads again what was found missing."""
        for checked in self._checker.answers():
            self._take(checked, client, reader)
        if (now := self._now()) >= self._due_at:
            self._ask(now)

    def read_again(self, partition: TopicPartition, offset: int, client: Consumer, reader: Reader) -> None:
        """Reads an owned partition from there again, or from where it is read next if that is lower, and tells.

        What comes after it is judged anew.
        """
        position = self._assignments.owned[partition].position
        offset = offset if position is None else min(offset, position)
        self._assignments.read_from(client, partition, offset)
        reader.drop(partition)
        self._rewound(partition, offset)
        if (watched := self._watched.get(partition)) is not None:
            watched.waiting = None

    def _wait(self, partition: TopicPartition, gap: Gap) -> None:
        watched = self._watched.setdefault(partition, _Watched())
        if watched.waiting is None or watched.waiting.epoch != gap.epoch:
            watched.waiting = gap
            self._due_at = min(self._due_at, watched.next_at)

    def _ask(self, now: float) -> None:
        """Rule 1."""
        self._due_at = math.inf
        for partition, watched in list(self._watched.items()):
            gap, epoch = watched.waiting, self._epoch(partition)
            if watched.next_at > now:
                self._due_at = min(self._due_at, watched.next_at)
            elif gap is None or gap.epoch != epoch:
                watched.waiting = None
                if epoch is None:
                    del self._watched[partition]
            elif self._checker.ask(gap):
                watched.next_at, watched.waiting = now + CHECK_EVERY_S, None
            else:
                self._due_at = min(self._due_at, now + _ASK_AGAIN_S)

    def _take(self, checked: Checked, client: Consumer, reader: Reader) -> None:
        gap = checked.gap
        if not checked.error:
            self._counts.jumps_checked += 1
            if checked.record is not None:
                self._rewind(gap, checked.record, client, reader)
            return
        self._counts.jumps_unanswered += 1
        _log.warning("kafka_gap_not_checked", error=checked.error, **_told(gap))
        watched = self._watched.get(gap.partition)
        if watched is not None and gap.epoch == self._epoch(gap.partition):
            watched.waiting = gap
            self._due_at = min(self._due_at, watched.next_at)

    def _rewind(self, gap: Gap, offset: int, client: Consumer, reader: Reader) -> None:
        """Rule 3."""
        self._counts.records_missed += 1
        ours = self._epoch(gap.partition) == gap.epoch
        _log.error("kafka_record_not_delivered", offset=offset, read_again=ours, **_told(gap))
        if not ours:
            return
        self.read_again(gap.partition, offset, client, reader)

    def _epoch(self, partition: TopicPartition) -> int | None:
        owned = self._assignments.owned.get(partition)
        return None if owned is None else owned.epoch


def _told(gap: Gap) -> dict[str, str | int]:
    return {"topic": gap.partition.topic, "partition": gap.partition.partition, "first": gap.first, "end": gap.end}
