"""From the Kafka thread to the loop."""

from __future__ import annotations

import asyncio

from consumer.adapters.kafka_commits import CommitAnswer, failed_as
from consumer.adapters.kafka_teller import Teller
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from tests.fakes.recording_listener import RecordingListener
from tests.fakes.selecting import select
from tests.fakes.source import FakeKafka, FakeSource
from tests.waiting import until_async

FIRST, SECOND = TopicPartition("events", 0), TopicPartition("events", 1)


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
    done = asyncio.Event()
    asyncio.get_running_loop().call_soon(done.set)
    await done.wait()

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
    done = asyncio.Event()
    asyncio.get_running_loop().call_soon(done.set)
    await done.wait()

    assert [("closed", None)] == listener.events


def test_a_loop_that_is_closed_is_not_told() -> None:
    """The thread learns that nobody listens, and goes on to its end."""
    loop = asyncio.new_event_loop()
    teller = Teller(loop, list)
    listening(teller)
    loop.close()

    teller.failed("anything")

    assert teller.gone
