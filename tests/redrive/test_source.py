"""The chosen letters as a source of records, whose commits are marks."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence

import pytest

from consumer.adapters.kafka_peek import PeekFailed
from consumer.adapters.letter_marks import Written
from consumer.adapters.letter_reading import Mark, StoredLetter
from consumer.core.completions import Completions, encode
from consumer.core.effect import Committable, Fate
from consumer.core.record import Batch, TopicPartition
from consumer.mapping.again import Again
from consumer.mapping.envelope import NotYet
from consumer.redrive.hand import Hand, Tally
from consumer.redrive.planning import Left, Planner
from consumer.redrive.source import Letters, LetterSource
from tests.fakes.recording_listener import RecordingListener
from tests.mapping.making import mapping_of
from tests.redrive.making import LETTERS, WALL, at, stored
from tests.waiting import until_async

P0, P1 = TopicPartition(LETTERS, 0), TopicPartition(LETTERS, 1)
WITHIN_S = 20


class FakeMarks:
    """Takes what it is told to take."""

    def __init__(self) -> None:
        """Everything, at once."""
        self.marks: list[Mark] = []
        self.refuses: set[int] = set()
        """Offsets of letters whose marks are not taken."""
        self.open = asyncio.Event()
        self.open.set()

    async def write(self, marks: Sequence[Mark]) -> Written:
        """Writes them when it is open."""
        await self.open.wait()
        taken = [mark for mark in marks if mark.of.offset not in self.refuses]
        self.marks += taken
        return Written({mark.of for mark in taken}, None if len(taken) == len(marks) else "_MSG_TIMED_OUT")


class Listener(RecordingListener):
    """Keeps whole batches too."""

    def __init__(self, source: LetterSource) -> None:
        """Nothing yet."""
        super().__init__(source)
        self.read: list[Batch] = []

    def selected(self, batch: Batch) -> None:
        """Keeps it and takes it."""
        self.read.append(batch)
        super().selected(batch)


class Bench:
    """A source of these batches of letters with everything around it."""

    def __init__(self, *batches: list[StoredLetter], fails: Exception | None = None) -> None:
        """One rule, ``r0``."""
        self.hand, self.marks, self.ends = Hand(Tally()), FakeMarks(), 0
        self.closed_reading = False
        self._batches, self._fails = batches, fails
        planner = Planner(Again(mapping_of("when: Trial Started, send: trialStarted")))
        self.source = LetterSource(
            Letters((P0, P1), self._read), planner, self.marks, self.hand, wall=lambda: WALL, ended=self._ended
        )
        self.listener = Listener(self.source)

    def _read(self) -> Generator[Sequence[StoredLetter], None, None]:
        try:
            yield from self._batches
            if self._fails is not None:
                raise self._fails
        finally:
            self.closed_reading = True

    def _ended(self) -> None:
        self.ends += 1

    def fate(self, offset: int, fate: Fate, partition: int = 0) -> None:
        """What the pipeline made of a letter."""
        held = self.hand.at(at(offset, partition))
        assert held is not None
        held.fate = fate

    async def started(self, batches: int) -> None:
        """Waits until so many batches came."""
        self.source.start(self.listener)
        await until_async(lambda: self.listener.batches == batches, WITHIN_S, f"{batches} batches")

    async def committed(self, position: Committable, times: int = 1, partition: TopicPartition = P0) -> None:
        """Commits it and waits for the answer."""
        self.source.commit({partition: position})
        answers = ("committed", "commit_failed")
        await until_async(
            lambda: sum(len(self.listener.told(kind)) for kind in answers) == times, WITHIN_S, "an answer"
        )

    async def stopped(self) -> None:
        """Stops and waits for the end."""
        self.source.stop()
        await until_async(lambda: self.listener.closed, WITHIN_S, "closed")


async def test_letters_are_records_at_their_own_places() -> None:
    """Of a topic that is all ours, without a commit; with their own value, and the plans of the original record."""
    bench = Bench([stored(3), stored(7), stored(2, partition=1)])
    await bench.started(1)

    assert ({P0: None, P1: None}, (P0, P1)) == (bench.listener.owned, bench.listener.total)
    assert {P0: [3, 7], P1: [2]} == bench.listener.offsets
    (wanted, _) = bench.listener.read[0][P0].wanted
    assert (at(3), stored(3).record.value) == (wanted.record.position, wanted.record.value)
    assert ["r0"] == [plan.rule for plan in wanted.plans]
    await bench.stopped()


async def test_what_stays_as_it_is_never_comes_to_the_pipeline() -> None:
    """It is counted; what no rule wants goes through, and is done."""
    other = stored(
        5, record=stored(5).record.__class__(*stored(5).record.position, 0, None, b'{"type":"track","event":"Other"}')
    )
    bench = Bench([stored(3, rule="gone"), stored(4, value=False), other])
    await bench.started(1)
    await bench.committed(Committable(6))

    assert {P0: [5]} == bench.listener.offsets
    assert {("gone", Left.RULE_GONE): 1, ("r0", Left.VALUE_OMITTED): 1} == bench.hand.tally.left
    assert [Mark(at(5), "filtered", int(WALL * 1000))] == bench.marks.marks
    await bench.stopped()


async def test_a_commit_marks_what_it_covers_and_is_told_when_the_broker_has_the_marks() -> None:
    """By the offset, and by what is told beside it."""
    bench = Bench([stored(offset) for offset in (3, 5, 7, 9)])
    await bench.started(1)
    for offset in (3, 7):
        bench.fate(offset, Fate.DELIVERED)
    bench.marks.open.clear()
    position = Committable(5, encode(Completions(((7, 7),)), offset=5))
    bench.source.commit({P0: position})
    assert [] == bench.listener.told("committed")

    bench.marks.open.set()
    await until_async(lambda: bench.listener.told("committed"), WITHIN_S, "the commit")

    assert [{P0: position}] == bench.listener.told("committed")
    assert [(at(3), "delivered"), (at(7), "delivered")] == [(mark.of, mark.fate) for mark in bench.marks.marks]
    await bench.stopped()


async def test_marks_that_are_not_taken_are_written_with_the_next_commit() -> None:
    """And no others again."""
    bench = Bench([stored(3), stored(5)])
    await bench.started(1)
    bench.marks.refuses = {5}
    await bench.committed(Committable(6))
    assert ([({P0: Committable(6)}, "_MSG_TIMED_OUT")], 0) == (bench.listener.told("commit_failed"), bench.ends)

    bench.marks.refuses = set()
    await bench.committed(Committable(6), times=2)

    assert ([at(3), at(5)], [{P0: Committable(6)}]) == (
        [mark.of for mark in bench.marks.marks],
        bench.listener.told("committed"),
    )
    await bench.stopped()


async def test_what_was_left_or_grew_too_old_gets_no_mark() -> None:
    """It is finished for the pipeline, and stays open."""
    bench = Bench([stored(3), stored(5)])
    await bench.started(1)
    bench.fate(3, Fate.STALE)
    bench.fate(5, Fate.DEAD_LETTERED)
    held = bench.hand.at(at(5))
    assert held is not None
    held.left = Left.CONTACT_UNKNOWN
    await bench.committed(Committable(6))

    assert ([], 1) == (bench.marks.marks, bench.ends)
    assert {("r0", Left.STALE): 1, ("r0", Left.CONTACT_UNKNOWN): 1} == bench.hand.tally.left
    await bench.stopped()


async def test_the_end_is_told_when_nothing_is_left_to_do() -> None:
    """Not while a letter is in hand, nor before all is read."""
    bench = Bench([stored(3)], [], [stored(5)])
    await bench.started(2)
    await bench.committed(Committable(4))
    assert 0 == bench.ends
    await bench.committed(Committable(6), times=2)

    await until_async(lambda: bench.ends == 1, WITHIN_S, "the end")
    await bench.stopped()
    assert bench.closed_reading


@pytest.mark.parametrize("letters", ([], [stored(3, rule="gone")]))
async def test_where_nothing_can_be_sent_the_end_comes_at_once(letters: list[StoredLetter]) -> None:
    """Without a batch."""
    bench = Bench(letters)
    await bench.started(0)
    await until_async(lambda: bench.ends == 1, WITHIN_S, "the end")
    await bench.stopped()


async def test_a_pause_of_any_partition_holds_the_reading() -> None:
    """Until all are resumed; at most two batches are under way besides."""
    bench = Bench(*[[stored(offset)] for offset in range(6)])
    bench.listener.takes = False
    await bench.started(2)
    bench.source.pause(P1)
    bench.source.took()
    bench.source.resume(P0)
    bench.source.commit({P0: Committable(0)})
    await until_async(lambda: bench.listener.told("committed"), WITHIN_S, "its turns")
    assert 2 == bench.listener.batches

    bench.source.resume(P1)
    await until_async(lambda: bench.listener.batches == 3, WITHIN_S, "one more")
    bench.listener.takes = True
    bench.source.took()
    bench.source.took()
    await until_async(lambda: bench.listener.batches == 6, WITHIN_S, "all of them")
    await bench.stopped()


async def test_stopping_waits_for_the_marks_under_way_and_reads_no_more() -> None:
    """What was done is known to be; closed comes last, and once."""
    bench = Bench(*[[stored(offset)] for offset in range(6)])
    bench.listener.takes = False
    await bench.started(2)
    bench.marks.open.clear()
    bench.source.commit({P0: Committable(1)})
    bench.source.stop()
    bench.source.stop()
    assert not bench.listener.closed
    bench.marks.open.set()
    await until_async(lambda: bench.listener.closed, WITHIN_S, "closed")

    assert (2, [at(0)], True) == (bench.listener.batches, [mark.of for mark in bench.marks.marks], bench.closed_reading)
    assert [None] == bench.listener.told("closed")


async def test_stop_before_start_closes_at_once() -> None:
    """Nothing is read."""
    bench = Bench([stored(1)])
    bench.source.stop()
    bench.source.start(bench.listener)
    await until_async(lambda: bench.listener.closed, WITHIN_S, "closed")

    assert [("closed", None)] == bench.listener.events


@pytest.mark.parametrize(
    ("error", "said"),
    (
        (PeekFailed("no record came for 10 s"), "no record came for 10 s"),
        (NotYet("the schema registry does not answer"), "the schema registry does not answer"),
        (KeyError("user@example.com"), "defect: KeyError at source.py"),
    ),
)
async def test_what_keeps_it_from_reading_is_told(error: Exception, said: str) -> None:
    """In Kafka's words; a defect's text may quote a contact."""
    bench = Bench([stored(1)], fails=error)
    await bench.started(1)
    await until_async(lambda: bench.listener.told("failed"), WITHIN_S, "the failure")

    (sentence,) = bench.listener.told("failed")
    assert (True, False) == (sentence.startswith(said), "@" in sentence)
    await bench.stopped()
