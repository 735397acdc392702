"""From the Kafka thread to the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from consumer.adapters.kafka_commits import CommitAnswer, failed_as
from consumer.adapters.kafka_teller import KEPT_S, Teller
from consumer.core.effect import Committable
from consumer.core.record import Received, Record, TopicPartition, Wanted
from tests.fakes.recording_listener import RecordingListener
from tests.fakes.selecting import select
from tests.fakes.source import FakeKafka, FakeSource
from tests.waiting import until_async

FIRST, SECOND = TopicPartition("events", 0), TopicPartition("events", 1)


class Hands:
    """A clock that tests set, in seconds."""

    def __init__(self) -> None:
        """Midnight."""
        self.at = 0.0

    def __call__(self) -> float:
        """What it shows."""
        return self.at


def read(first: int, last: int, *wanted: int, mapping: str = "abc") -> Received:
    """What one read brought: these offsets, inclusive, and some that a rule wants."""
    records = [Record("events", 0, offset, 1_000 + offset, None, b"", ()) for offset in wanted]
    return Received([(first, last)], last - first + 1, [Wanted(one, ()) for one in records], 1_000 + last, mapping)


async def all_is_told() -> None:
    """The loop has done what it was asked for."""
    done = asyncio.Event()
    asyncio.get_running_loop().call_soon(done.set)
    await done.wait()


def listening(teller: Teller) -> RecordingListener:
    """A listener that records."""
    listener = RecordingListener(FakeSource(FakeKafka({}), select))
    listener.hands = False
    teller.listener = listener
    return listener


async def test_the_listener_is_told_in_order_and_epochs_follow_what_it_was_told() -> None:
    """What it asks for between two events is asked for under the first of them."""
    teller = Teller(asyncio.get_running_loop(), list)
    listener = listening(teller)

    def happen() -> None:
        teller.assigned({FIRST: 1, SECOND: 2}, {FIRST: None, SECOND: None}, [FIRST, SECOND])
        teller.rewound(SECOND, 7)
        teller.revoked([FIRST])
        teller.commit_ended(CommitAnswer({SECOND: Committable(2)}, {"revoked": {FIRST: Committable(1)}}))

    await asyncio.to_thread(happen)
    await all_is_told()

    assert ["assigned", "rewound", "revoked", "commit_failed", "committed"] == [name for name, _ in listener.events]
    assert [(SECOND, 7)] == listener.told("rewound")
    assert {SECOND: 2} == teller.epochs


async def test_commits_that_nobody_carries_out_are_answered_before_the_end() -> None:
    """The end is the last thing told."""
    teller = Teller(asyncio.get_running_loop(), lambda: [failed_as({FIRST: Committable(1)}, "closed")])
    listener = listening(teller)

    teller.end()

    assert [("commit_failed", ({FIRST: Committable(1)}, "closed")), ("closed", None)] == listener.events
    assert teller.ended


async def test_an_end_that_is_awaited_for_a_bounded_time_is_told_once() -> None:
    """And nothing after it, whatever the thread still meets."""
    teller = Teller(asyncio.get_running_loop(), list)
    listener = listening(teller)

    teller.closed_within(0.01)
    await until_async(lambda: listener.closed, 20, "the end")
    teller.failed("leaving took too long")
    teller.closed()
    await all_is_told()

    assert [("closed", None)] == listener.events


def test_a_loop_that_is_closed_is_not_told() -> None:
    """The thread learns that nobody listens, and goes on to its end."""
    loop = asyncio.new_event_loop()
    teller = Teller(loop, list)
    listening(teller)
    loop.close()

    teller.failed("anything")

    assert teller.gone


async def test_what_no_rule_wants_is_kept_for_a_quarter_of_a_second_and_told_as_one_batch() -> None:
    """Each telling wakes the loop, and nothing is urgent about records that are only passed."""
    clock = Hands()
    teller = Teller(asyncio.get_running_loop(), list, clock)
    listener = listening(teller)

    teller.selected({FIRST: read(0, 9), SECOND: read(5, 5)})
    clock.at = KEPT_S - 0.01
    teller.selected({FIRST: read(10, 14)})
    teller.selected({FIRST: read(17, 18)})
    teller.look()
    await all_is_told()
    assert ([], 0) == (listener.events, teller.under_way)

    clock.at = KEPT_S
    teller.look()
    await all_is_told()
    assert [{FIRST: joined([(0, 14), (17, 18)], 17), SECOND: joined([(5, 5)], 1)}] == listener.told_batches
    assert 1 == teller.under_way

    clock.at = 10 * KEPT_S
    teller.look()
    teller.selected({FIRST: read(19, 19)})
    teller.look()
    await all_is_told()
    assert 1 == listener.batches, "the next is kept as long"


async def test_a_wanted_record_is_told_at_once_behind_what_is_kept() -> None:
    """As one batch: the loop is woken once, and takes the offsets in their order."""
    teller = Teller(asyncio.get_running_loop(), list, Hands())
    listener = listening(teller)

    teller.selected({FIRST: read(0, 9)})
    teller.selected({FIRST: read(10, 14, 12), SECOND: read(0, 3)})
    await all_is_told()

    assert [{FIRST: joined([(0, 14)], 15, 12), SECOND: read(0, 3)}] == listener.told_batches
    assert 1 == teller.under_way
    teller.took()
    assert 0 == teller.under_way


@pytest.mark.parametrize(
    ("happen", "name"),
    (
        (lambda teller: teller.assigned({SECOND: 1}, {SECOND: None}, [FIRST, SECOND]), "assigned"),
        (lambda teller: teller.rewound(FIRST, 3), "rewound"),
        (lambda teller: teller.revoked([FIRST]), "revoked"),
        (lambda teller: teller.lost([FIRST]), "lost"),
        (lambda teller: teller.commit_ended(CommitAnswer({FIRST: Committable(2)}, {})), "committed"),
        (lambda teller: teller.failed("no"), "failed"),
        (lambda teller: teller.closed(), "closed"),
    ),
)
async def test_what_is_kept_is_told_before_whatever_else_happens(happen: Callable[[Teller], None], name: str) -> None:
    """What was read before a revoke was read under its assignment, and what before a rewind is not what comes after."""
    teller = Teller(asyncio.get_running_loop(), list, Hands())
    listener = listening(teller)

    teller.selected({FIRST: read(0, 9)})
    happen(teller)
    await all_is_told()

    assert ["selected", name] == [told for told, _ in listener.events]


@pytest.mark.parametrize("behind", (read(10, 19, mapping="def"), read(9, 12), read(3, 12)))
async def test_batches_of_two_mappings_or_of_offsets_that_do_not_rise_are_told_apart(behind: Received) -> None:
    """One batch has plans of one mapping, and its offsets in order."""
    clock = Hands()
    teller = Teller(asyncio.get_running_loop(), list, clock)
    listener = listening(teller)

    teller.selected({FIRST: read(0, 9)})
    teller.selected({FIRST: behind})
    await all_is_told()
    assert [{FIRST: read(0, 9)}] == listener.told_batches

    clock.at = KEPT_S
    teller.look()
    await all_is_told()
    assert [{FIRST: read(0, 9)}, {FIRST: behind}] == listener.told_batches
    assert 2 == teller.under_way


async def test_what_another_thread_tells_does_not_touch_what_is_kept() -> None:
    """Who reads the group's commits has a thread of its own."""
    teller = Teller(asyncio.get_running_loop(), list, Hands())
    listener = listening(teller)

    teller.selected({FIRST: read(0, 9)})
    await asyncio.to_thread(teller.committed_read, None)
    await all_is_told()

    assert [("committed_read", None)] == listener.events


def joined(runs: list[tuple[int, int]], records: int, *wanted: int) -> Received:
    """What several reads brought."""
    (*_, (_, last)) = runs
    received = read(runs[0][0], last, *wanted)
    received.runs, received.records = runs, records
    return received
