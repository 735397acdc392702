"""The group's coordinator moves, or is away for longer than a session lasts; only an embedded broker can do that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from consumer.adapters import kafka_status
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import MockBroker
from consumer.status import SourceState
from tests.conformance.kafka_worlds import EMBEDDED_CLIENT, BrokerWorld, joined
from tests.waiting import until_async

WITHIN_S = 20

FIRST = TopicPartition("events", 0)

HOLDS_RECORDS, COORDINATES, TAKES_OVER = 1, 2, 3
NOBODY = 9


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """Three embedded brokers; one has all four partitions."""
    with MockBroker(brokers=3) as broker:
        broker.create_topic("events", 4)
        for number in range(4):
            broker.move_leader("events", number, HOLDS_RECORDS)
        yield broker


@pytest.fixture
def world(broker: MockBroker) -> Iterator[BrokerWorld]:
    """A group that reads it; another broker coordinates it."""
    world = BrokerWorld(broker.bootstrap_servers, "events", EMBEDDED_CLIENT)
    broker.move_coordinator(world.config.group_id, COORDINATES)
    yield world
    world.close()


async def test_a_coordinator_that_moves_is_followed(broker: MockBroker, world: BrokerWorld) -> None:
    """Commits go to the new one, and nobody loses a partition."""
    async with joined(world.source()) as member:
        await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
        world.produce(0, 3)
        broker.move_coordinator(world.config.group_id, TAKES_OVER)
        broker.take_down(COORDINATES)
        await until_async(lambda: member.received() == 3, WITHIN_S, "three records")
        member.source.commit({FIRST: Committable(3)})
        await until_async(lambda: member.told("committed"), WITHIN_S, "the commit")

        assert [] == member.told("lost")
        assert {FIRST: Committable(3)} == dict(world.commits())


async def test_a_group_without_a_coordinator_is_waited_for(
    broker: MockBroker, world: BrokerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, goes on reading while it is a member, and joins by itself; what was not committed is read again."""
    monkeypatch.setattr(kafka_status, "_GROUP_SILENT_S_MAX", 0.5)
    source = world.source()

    async with joined(source) as member:
        await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
        world.produce(0, 3)
        await until_async(lambda: member.received() == 3, WITHIN_S, "three records")
        member.source.commit({FIRST: Committable(1)})
        await until_async(lambda: member.told("committed"), WITHIN_S, "the first commit")

        broker.move_coordinator(world.config.group_id, NOBODY)
        member.source.commit({FIRST: Committable(3)})
        await until_async(lambda: "does not answer a commit" in source.status().waits_for, WITHIN_S, "the first wait")
        await until_async(lambda: member.told("lost"), WITHIN_S, "the end of the session")
        await until_async(lambda: "not taken this member in" in source.status().waits_for, WITHIN_S, "the second wait")
        assert source.status().state is SourceState.JOINING

        broker.move_coordinator(world.config.group_id, TAKES_OVER)
        await until_async(lambda: member.received() == 5, WITHIN_S, "the records that were not committed")
        await until_async(lambda: not source.status().waits_for, WITHIN_S, "that it waits for nothing")

        assert [0, 1, 2, 1, 2] == member.offsets[FIRST]
        assert [{FIRST: Committable(3)}] == [positions for positions, _ in member.told("commit_failed")]
        assert [] == member.told("failed")
