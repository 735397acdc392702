"""The chosen letters as a source of records, read once, whose commits are marks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from consumer.adapters.kafka_peek import PeekFailed
from consumer.adapters.letter_marks import Written
from consumer.adapters.letter_reading import Mark, StoredLetter
from consumer.core.effect import Committable, Fate
from consumer.core.record import Batch, Plan, Received, Record, TopicPartition, Wanted
from consumer.logs import defect
from consumer.mapping.envelope import NotYet
from consumer.ports import Select, SourceListener
from consumer.redrive.hand import Hand
from consumer.redrive.planning import Left, Planner

__all__ = ["LetterSource", "Letters", "Marks"]

_UNDER_WAY_MAX = 2
"""Batches told and not taken in, as at the port."""


class Marks(Protocol):
    """Where marks are written."""

    async def write(self, marks: Sequence[Mark]) -> Written:
        """Returns when it is known how each of them ended."""


@dataclass(frozen=True, slots=True)
class Letters:
    """What is to be redriven."""

    partitions: tuple[TopicPartition, ...]
    """Every partition of the dead-letter topic, sorted."""
    read: Callable[[], Generator[Sequence[StoredLetter], None, None]]
    """Reads the chosen letters with their values, in batches, each partition's in order. It blocks while it reads,
    and raises :class:`PeekFailed` where it cannot."""


class LetterSource:
    """Implements :class:`consumer.ports.RecordSource`. Use it on one event loop's thread alone.

    To the pipeline a letter is a record at the letter's own place. A commit writes the marks of all letters that are
    finished by then, and is told when the broker has them: what is marked is done, and what was done and not marked
    when the process died is sent again under the same key. What stays as it is gets no mark.
    """

    def __init__(
        self,
        letters: Letters,
        planner: Planner,
        marks: Marks,
        hand: Hand,
        *,
        wall: Callable[[], float],
        ended: Callable[[], None],
    ) -> None:
        """``wall`` is seconds since 1970; ``ended`` is called once nothing is left to do."""
        self._letters = letters
        self._planner = planner
        self._marks = marks
        self._hand = hand
        self._wall = wall
        self._ended = ended
        self._listener: SourceListener | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._paused: set[TopicPartition] = set()
        self._under_way = 0
        self._look = asyncio.Event()
        self._read_up = False
        self._stopping = False

    def start(self, listener: SourceListener) -> None:
        """Begins to read."""
        self._listener = listener
        self._begin(self._close(listener) if self._stopping else self._feed(listener))

    def took(self) -> None:
        """A batch is taken in."""
        self._under_way -= 1
        self._look.set()

    def commit(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """Marks what these cover; the listener is told how it ended."""
        if self._listener is not None:
            self._begin(self._mark(self._listener, positions))

    def read_committed(self, partitions: Sequence[TopicPartition]) -> None:
        """Never asked for: a redrive has no other replicas."""

    def pause(self, partition: TopicPartition) -> None:
        """Reads nothing more for now."""
        self._paused.add(partition)

    def resume(self, partition: TopicPartition) -> None:
        """Goes on, where nothing else is paused."""
        self._paused.discard(partition)
        self._look.set()

    def read_again(self, partition: TopicPartition, offset: int) -> None:
        """Never asked for: the rules of a redrive are not paused."""

    def select_with(self, select: Select) -> None:
        """Never asked for: the rules of a redrive stay."""

    def handed(self, positions: Mapping[TopicPartition, Committable]) -> None:
        """Answers a revoke, of which there is none."""

    def stop(self) -> None:
        """Reads nothing more, and ends when the marks under way have."""
        if self._stopping:
            return
        self._stopping = True
        self._look.set()
        if self._listener is not None:
            self._begin(self._close(self._listener))

    async def _feed(self, listener: SourceListener) -> None:
        listener.assigned(dict.fromkeys(self._letters.partitions), self._letters.partitions)
        reading = self._letters.read()
        try:
            while (letters := await asyncio.to_thread(next, reading, None)) is not None:
                if not await self._has_room():
                    return
                # Decoding may wait for a schema, and nothing else should.
                planned = await asyncio.to_thread(self._plan, letters)
                if self._stopping:
                    return
                if batch := self._taken(planned):
                    self._under_way += 1
                    listener.selected(batch)
        finally:
            await asyncio.to_thread(reading.close)
        self._read_up = True
        self._end_if_done()

    async def _has_room(self) -> bool:
        """Returns once there is room for a batch; false where it stops before."""
        while not self._stopping and (self._paused or self._under_way >= _UNDER_WAY_MAX):
            self._look.clear()
            await self._look.wait()
        return not self._stopping

    def _plan(self, letters: Sequence[StoredLetter]) -> list[tuple[StoredLetter, tuple[Plan, ...] | Left]]:
        return [(letter, self._planner.plan(letter, self._wall())) for letter in letters]

    def _taken(self, planned: Sequence[tuple[StoredLetter, tuple[Plan, ...] | Left]]) -> Batch:
        """Takes them in hand, but those that stay as they are."""
        batch: dict[TopicPartition, Received] = {}
        for letter, plans in planned:
            if isinstance(plans, Left):
                self._hand.tally.leave(letter, plans)
                continue
            self._hand.take(letter)
            topic, partition, offset = letter.at
            received = batch.setdefault(TopicPartition(topic, partition), Received(mapping=self._planner.again.digest))
            received.runs.append((offset, offset))
            received.records += 1
            received.last_timestamp_ms = letter.written_ms
            if plans:
                received.wanted.append(Wanted(_at_its_place(letter), plans))
        return batch

    async def _mark(self, listener: SourceListener, positions: Mapping[TopicPartition, Committable]) -> None:
        finished = self._hand.finished(positions)
        for held in finished:
            if held.fate is Fate.STALE:
                held.left = Left.STALE
        now_ms = int(self._wall() * 1000)
        marks = [Mark(held.letter.at, held.fate.value, now_ms) for held in finished if held.left is None]
        written = await self._marks.write(marks) if marks else Written()
        self._hand.settle(held for held in finished if held.left or held.letter.at in written.confirmed)
        if written.error is None:
            listener.committed(positions)
        else:
            listener.commit_failed(positions, written.error)
        self._end_if_done()

    def _end_if_done(self) -> None:
        if self._read_up and not (len(self._hand) or self._under_way):
            self._ended()

    async def _close(self, listener: SourceListener) -> None:
        others = self._tasks - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        listener.source_closed()

    def _begin(self, what: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, what: Coroutine[None, None, None]) -> None:
        try:
            await what
        except (PeekFailed, NotYet) as failed:
            self._fail(str(failed))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a defect, and its text may quote a contact
            self._fail(f"defect: {defect(error)}")

    def _fail(self, sentence: str) -> None:
        if self._listener is not None:
            self._listener.source_failed(sentence)


def _at_its_place(letter: StoredLetter) -> Record:
    topic, partition, offset = letter.at
    return replace(letter.record, topic=topic, partition=partition, offset=offset, headers=())
