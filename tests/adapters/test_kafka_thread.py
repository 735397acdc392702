"""The thread that owns the client, on the embedded broker: what it keeps to, and how it ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError

from consumer.adapters import kafka_thread
from consumer.adapters.kafka import KafkaSource
from consumer.adapters.kafka_entrance import Entrance
from consumer.core.effect import Committable
from consumer.core.record import Batch, TopicPartition
from consumer.mapping.message import Message
from consumer.sandbox.broker import Api, MockBroker
from consumer.status import SourceState
from tests.conformance.kafka_worlds import EMBEDDED_CLIENT, BrokerWorld, joined
from tests.fakes.selecting import select
from tests.waiting import until_async

WITHIN_S = 20
POLL_WITHIN_S = 8
"""Longer than a busy machine stands still: it would keep a member from polling too."""

FIRST = TopicPartition("events", 0)


@pytest.fixture
def newer(broker: MockBroker) -> Iterator[BrokerWorld]:
    """The same with a static member, under the protocol in which the brokers assign."""
    world = BrokerWorld(broker.bootstrap_servers, "events", {"group.protocol": "consumer"})
    world.config = world.config.model_copy(update={"group_instance_id": "pod-0"})
    yield world
    world.close()


class WatchedConsumer(Consumer):
    """The client, with a note of each call."""

    calls: list[tuple[str, str, tuple[Any, ...]]]

    def __getattribute__(self, name: str) -> Any:
        """Notes the thread and the arguments of a call."""
        found = super().__getattribute__(name)
        if not callable(found) or name.startswith("_"):
            return found

        def called(*args: Any, **kwargs: Any) -> Any:
            WatchedConsumer.calls.append((name, threading.current_thread().name, args))
            return found(*args, **kwargs)

        return called


async def test_one_thread_owns_the_client_and_consume_never_waits(
    world: BrokerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other thread touches it; ``consume`` with a time-out would wait for a full batch."""
    WatchedConsumer.calls = []
    monkeypatch.setattr(kafka_thread, "Consumer", WatchedConsumer)
    world.produce(0, 3, b"want")

    async with joined(world.source()) as member:
        await until_async(lambda: member.received() == 3, WITHIN_S, "three records")
        member.source.pause(FIRST)
        member.source.resume(FIRST)
        member.source.commit({FIRST: Committable(3)})
        await until_async(lambda: member.told("committed"), WITHIN_S, "the commit")

    names = {name for name, _, _ in WatchedConsumer.calls}
    assert {"subscribe", "poll", "consume", "pause", "resume", "commit", "committed", "close"} <= names
    assert {"kafka"} == {thread for _, thread, _ in WatchedConsumer.calls}
    assert {0} == {args[1] for name, _, args in WatchedConsumer.calls if name == "consume"}


async def test_a_fatal_error_ends_the_source_with_its_name(broker: MockBroker, world: BrokerWorld) -> None:
    """And the thread is gone afterwards."""
    broker.fail_next(Api.JOIN_GROUP, [KafkaError.FENCED_INSTANCE_ID])
    source = world.source()

    async with joined(source) as member:
        await until_async(lambda: member.closed, WITHIN_S, "closed by itself")

    (sentence,) = member.told("failed")
    assert "_FATAL" in sentence or "FENCED_INSTANCE_ID" in sentence
    assert source.status().state is SourceState.FAILED


async def test_who_is_not_taken_in_tries_again_with_another_client_and_says_so(
    broker: MockBroker, newer: BrokerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice the place is still held; then all goes on as if nothing had been."""
    monkeypatch.setattr(kafka_thread, "Entrance", partial(Entrance, again_after_s=0.3))
    broker.fail_next(Api.CONSUMER_GROUP_HEARTBEAT, [KafkaError.UNRELEASED_INSTANCE_ID] * 2)
    source = newer.source()

    async with joined(source) as member:
        await until_async(lambda: "UNRELEASED_INSTANCE_ID" in source.status().waits_for, WITHIN_S, "it says so")
        member.source.commit({FIRST: Committable(1)})
        await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
        newer.produce(0, 3)
        await until_async(lambda: member.received() == 3, WITHIN_S, "three records")
        member.source.commit({FIRST: Committable(3)})
        await until_async(lambda: member.told("committed"), WITHIN_S, "the commit")

    assert [] == member.told("failed")
    assert "" == source.status().waits_for
    assert SourceState.CLOSED is source.status().state


async def test_who_is_not_taken_in_stops_at_once_when_asked(
    broker: MockBroker, newer: BrokerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an error, and without waiting for the next try."""
    monkeypatch.setattr(kafka_thread, "Entrance", partial(Entrance, again_after_s=10 * WITHIN_S))
    broker.fail_next(Api.CONSUMER_GROUP_HEARTBEAT, [KafkaError.UNRELEASED_INSTANCE_ID] * 9)
    source = newer.source()
    async with joined(source) as member:
        await until_async(lambda: source.status().waits_for, WITHIN_S, "it waits")
        source.stop()
        await until_async(lambda: member.closed, WITHIN_S, "closed")

    assert [] == member.told("failed")


async def test_who_was_a_member_and_is_put_out_ends(broker: MockBroker, newer: BrokerWorld) -> None:
    """Another has its name: to try again would put that one out, or be refused for good."""
    source = newer.source()
    async with joined(source) as member:
        await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
        broker.fail_next(Api.CONSUMER_GROUP_HEARTBEAT, [KafkaError.UNRELEASED_INSTANCE_ID])
        await until_async(lambda: member.closed, WITHIN_S, "closed by itself")

    (sentence,) = member.told("failed")
    assert 'with the same kafka.group_instance_id, "pod-0"' in sentence
    assert SourceState.FAILED is source.status().state


async def test_a_member_without_a_partition_stands_by_under_the_new_protocol_too(newer: BrokerWorld) -> None:
    """The client calls nobody back for it; the listener is told all the same."""
    others = [newer.source(newer.config.model_copy(update={"group_instance_id": f"pod-{n}"})) for n in range(1, 6)]
    async with AsyncExitStack() as group:
        members = [await group.enter_async_context(joined(source)) for source in others]

        def stand_by() -> bool:
            states = [source.status().state for source in others]
            return states.count(SourceState.JOINED) == 4 and states.count(SourceState.STANDING_BY) == 1

        await until_async(stand_by, WITHIN_S, "one stands by")
        assert all(member.told("assigned") for member in members)


async def test_a_defect_in_selecting_ends_the_source_without_quoting_a_record(world: BrokerWorld) -> None:
    """Nothing was told of those records, so nothing of them is committed."""

    def broken(messages: Sequence[Message]) -> Batch:
        raise ValueError(messages[0].value())

    world.produce(0, 1, b"someone@example.com")
    source = KafkaSource(world.config, broken, asyncio.get_running_loop(), handed_within_s=5)

    async with joined(source) as member:
        await until_async(lambda: member.closed, WITHIN_S, "closed by itself")

    (sentence,) = member.told("failed")
    assert "ValueError at kafka_thread.py:" in sentence
    assert "example.com" not in sentence
    assert 0 == member.received()


async def test_a_callback_that_raises_loses_nothing_silently_and_ends_the_source(
    world: BrokerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raised in the client it would throw messages away; kept, it is the reason to end, without its text."""

    def broken(*_: object) -> None:
        raise ValueError("someone@example.com")

    monkeypatch.setattr(kafka_thread.KafkaThread, "_committed", broken)
    world.produce(0, 5, b"want")
    source = world.source()

    async with joined(source) as member:
        await until_async(lambda: member.received() == 5, WITHIN_S, "five records")
        member.source.commit({FIRST: Committable(5)})
        await until_async(lambda: member.closed, WITHIN_S, "closed by itself")

    (sentence,) = member.told("failed")
    assert "callback" in sentence
    assert "ValueError at " in sentence
    assert "example.com" not in sentence
    assert 1 == source.status().counts.callback_errors
    assert [({FIRST: Committable(5)}, "closed")] == member.told("commit_failed")


async def test_it_stays_a_member_while_batches_are_not_taken_in(world: BrokerWorld) -> None:
    """Partitions are paused, polling goes on, commits are answered; afterwards nothing is missing."""
    client = {**EMBEDDED_CLIENT, "max.poll.interval.ms": POLL_WITHIN_S * 1_000}
    source = world.source(world.config.model_copy(update={"client": client}))
    async with joined(source) as member:
        await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
        member.takes = False
        for count in (1, 2):
            world.produce(0, 1)
            await until_async(lambda expected=count: member.batches == expected, WITHIN_S, "a batch")  # type: ignore[misc]  # mypy infers no default in a lambda
        world.produce(0, 20)
        full_at = source.last_poll
        await until_async(
            lambda: source.last_poll > full_at + POLL_WITHIN_S + 1, WITHIN_S, "polling for longer than the interval"
        )
        member.source.pause(TopicPartition("events", 1))
        assert 2 == member.batches
        member.takes = True
        source.took()
        source.took()
        await until_async(lambda: member.received() == 22, WITHIN_S, "the rest")

        assert list(range(22)) == member.offsets[FIRST]
        assert [] == member.told("lost")
        await until_async(lambda: source.status().partitions[TopicPartition("events", 1)].paused, WITHIN_S, "the pause")


async def test_a_revoke_without_an_answer_ends_in_time(world_of_kafka: BrokerWorld) -> None:
    """It is counted, nothing is committed, and a late answer is not taken for the next one's."""
    source = KafkaSource(world_of_kafka.config, select, asyncio.get_running_loop(), handed_within_s=0.2)
    async with joined(source) as first:
        await until_async(lambda: len(first.owned) == 4, WITHIN_S, "four partitions")
        first.hands = False
        async with joined(world_of_kafka.source()) as second:
            await until_async(lambda: len(second.owned) == 2, WITHIN_S, "the other half")
            await until_async(lambda: source.status().counts.handovers_late == 1, WITHIN_S, "the count")
            source.handed({min(second.owned): Committable(9)})
            first.hands = True

    assert {} == dict(world_of_kafka.commits())
