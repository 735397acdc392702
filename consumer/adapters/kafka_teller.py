"""From the Kafka thread to the event loop: what happened, in the order in which it happened.

Waking the loop costs more than some hundred records that no rule wants. So a batch without a wanted record is kept for
the next one, a quarter of a second at most, and told before whatever else is told.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from consumer.adapters.kafka_commits import CommitAnswer
from consumer.adapters.kafka_committed import Found
from consumer.core.effect import Committable
from consumer.core.record import Batch, Received, TopicPartition
from consumer.ports import SourceListener

__all__ = ["KEPT_S", "Teller"]

KEPT_S: Final = 0.25
"""How long a batch is kept. Nothing waits for it but the commit of what was only read, once a second."""


class Teller:
    """Tells the listener on the loop's thread, in order. ``epochs`` are those that it has been told of."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        drop_commits: Callable[[], list[CommitAnswer]],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``drop_commits`` gives the commits that nobody will carry out any more; it is asked at the end."""
        self.listener: SourceListener | None = None
        self.epochs: dict[TopicPartition, int] = {}
        self.gone = False
        """Nobody listens any more: the loop is closed."""
        self.ended = False
        """``source_closed`` was told."""
        self.under_way = 0
        """Batches told and not taken in; the Kafka thread's."""
        self._loop = loop
        self._drop_commits = drop_commits
        self._now = now
        self._kept: dict[TopicPartition, Received] = {}
        self._kept_until = math.inf

    # On the Kafka thread ---------------------------------------------------------------------------------------------

    def assigned(
        self,
        epochs: Mapping[TopicPartition, int],
        committed: Mapping[TopicPartition, Committable | None],
        total: Sequence[TopicPartition],
    ) -> None:
        """New partitions are ours, perhaps none; ``epochs`` is what a commit for them is fenced by."""

        def deliver(listener: SourceListener) -> None:
            self.epochs.update(epochs)
            listener.assigned(committed, total)

        self._tell(deliver)

    def selected(self, batch: Batch) -> None:
        """One batch: at once where a record is wanted, together with what is kept."""
        if any(tp in self._kept and not _follows(self._kept[tp], received) for tp, received in batch.items()):
            self._tell_kept()
        for tp, received in batch.items():
            if (kept := self._kept.setdefault(tp, received)) is not received:
                _join(kept, received)
        self._kept_until = min(self._kept_until, self._now() + KEPT_S)
        if any(received.wanted for received in batch.values()):
            self._tell_kept()

    def look(self) -> None:
        """Tells what is kept once it is old enough."""
        if self._now() >= self._kept_until:
            self._tell_kept()

    def took(self) -> None:
        """The oldest batch is taken in."""
        self.under_way = max(0, self.under_way - 1)

    def rewound(self, partition: TopicPartition, offset: int) -> None:
        """A record was not delivered: what comes next of this partition begins there again."""
        self._tell(lambda listener: listener.rewound(partition, offset))

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """A revoke began, and waits for its answer."""
        self._tell(lambda listener: self._gone(partitions, listener.revoked))

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """These are gone."""
        self._tell(lambda listener: self._gone(partitions, listener.lost))

    def commit_ended(self, answer: CommitAnswer) -> None:
        """A commit ended; where its partitions ended differently, the failed ones are told first."""
        self._tell(lambda listener: _answer(listener, answer))

    def committed_read(self, found: Found) -> None:
        """A question about what the group has committed ended; from any thread, so before what is kept."""
        self._call(lambda listener: listener.committed_read(found))

    def failed(self, sentence: str) -> None:
        """The source cannot go on."""
        self._tell(lambda listener: listener.source_failed(sentence))

    def closed(self) -> None:
        """The thread ends; nothing comes after this."""
        self._tell(lambda _: self.end())

    def closed_within(self, seconds: float) -> None:
        """The thread is about to end, and takes no longer than this for whoever waits; nothing is owed any more."""

        def deliver(_: SourceListener) -> None:
            self._loop.call_later(seconds, self.end)

        self._tell(deliver)

    def _tell_kept(self) -> None:
        if batch := self._kept:
            self._kept, self._kept_until = {}, math.inf
            self.under_way += 1
            self._call(lambda listener: listener.selected(batch))

    def _tell(self, deliver: Callable[[SourceListener], None]) -> None:
        self._tell_kept()
        self._call(deliver)

    def _call(self, deliver: Callable[[SourceListener], None]) -> None:
        listener = self.listener
        if listener is None:
            return
        try:
            self._loop.call_soon_threadsafe(self._deliver, deliver, listener)
        except RuntimeError:  # the loop is closed
            self.gone = True

    # On the loop's thread --------------------------------------------------------------------------------------------

    def end(self) -> None:
        """The last commits that nobody will carry out any more, then the end. May be called twice."""
        if self.ended:
            return
        self.ended = True
        if self.listener is not None:
            for answer in self._drop_commits():
                _answer(self.listener, answer)
            self.listener.source_closed()

    def _deliver(self, deliver: Callable[[SourceListener], None], listener: SourceListener) -> None:
        if not self.ended:
            deliver(listener)

    def _gone(self, partitions: Sequence[TopicPartition], tell: Callable[[Sequence[TopicPartition]], None]) -> None:
        for tp in partitions:
            self.epochs.pop(tp, None)
        tell(partitions)


def _follows(kept: Received, received: Received) -> bool:
    """Whether it is later of the same partition, and of the same mapping."""
    return kept.mapping == received.mapping and kept.runs[-1][1] < received.runs[0][0]


def _join(kept: Received, received: Received) -> None:
    (first, last), *others = received.runs
    if kept.runs[-1][1] + 1 == first:
        first, _ = kept.runs.pop()
    kept.runs += [(first, last), *others]
    kept.records += received.records
    kept.wanted += received.wanted
    kept.last_timestamp_ms = received.last_timestamp_ms


def _answer(listener: SourceListener, answer: CommitAnswer) -> None:
    for error, positions in answer.failed.items():
        listener.commit_failed(positions, error)
    if answer.committed:
        listener.committed(answer.committed)
