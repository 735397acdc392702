"""A position that is not there: what is told, counted and read instead."""

from __future__ import annotations

from typing import Literal

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_reset import FoundAgain, _judge
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import MockBroker
from tests.conformance.kafka_worlds import BrokerWorld, joined
from tests.waiting import until_async

WITHIN_S = 20

FIRST = TopicPartition("events", 0)


def commit(world: BrokerWorld, offset: int) -> None:
    """What the group had before, without a member."""
    client = Consumer({"bootstrap.servers": world.config.bootstrap_servers, "group.id": world.config.group_id})
    client.commit(offsets=[ClientPartition(*FIRST, offset)], asynchronous=False)
    client.close()


@pytest.mark.parametrize("start", ("earliest", "latest"))
async def test_what_retention_took_is_counted_and_reading_goes_on_at_the_earliest(
    broker: MockBroker, world: BrokerWorld, start: Literal["earliest", "latest"]
) -> None:
    """Whatever ``start`` says: later gaps are never skipped to the end."""
    world.produce(0, 10)
    commit(world, 2)
    broker.delete_records("events", 0, 6)
    source = world.source(world.config.model_copy(update={"start": start}))

    async with joined(source) as member:
        await until_async(lambda: member.received() == 4, WITHIN_S, "what is left")
        await until_async(lambda: source.status().records_skipped_by_retention == 4, WITHIN_S, "the count")

        assert [6, 7, 8, 9] == member.offsets[FIRST]
        assert [] == member.told("lost")


@pytest.mark.parametrize("start", ("earliest", "latest"))
async def test_a_commit_beyond_the_end_means_a_new_topic_read_from_its_beginning(
    world: BrokerWorld, start: Literal["earliest", "latest"]
) -> None:
    """What was known of the partition is about other records: it is lost, and assigned without a commit."""
    world.produce(0, 3)
    commit(world, 500)
    source = world.source(world.config.model_copy(update={"start": start}))

    async with joined(source) as member:
        await until_async(lambda: member.received() == 3, WITHIN_S, "the new records")

        assert [0, 1, 2] == member.offsets[FIRST]
        assert [[FIRST]] == member.told("lost")
        assert Committable(500) == member.told("assigned")[0][FIRST]
        assert {FIRST: None} == member.told("assigned")[-1]
        member.source.commit({FIRST: Committable(3)})
        await until_async(lambda: member.told("committed"), WITHIN_S, "a commit under the new epoch")
        await until_async(lambda: source.status().positions_lost == 1, WITHIN_S, "the count")


def test_where_no_broker_answers_nothing_is_taken_for_gone() -> None:
    """It is asked again when reading fails again; to begin anew would drop what is known and skip in silence."""
    assert [FoundAgain(5_000), FoundAgain(5_000), FoundAgain(OFFSET_BEGINNING)] == [
        _judge(5_000, None, None),
        _judge(5_000, 0, None),
        _judge(None, None, None),
    ]
