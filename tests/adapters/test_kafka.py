"""The source as a whole, on the embedded broker: what goes wrong, and what it does then."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import Api, MockBroker
from consumer.status import SourceState
from tests.conformance.kafka_worlds import EMBEDDED_CLIENT, BrokerWorld, joined
from tests.waiting import until_async

WITHIN_S = 20

FIRST = TopicPartition("events", 0)


async def test_a_commit_is_answered_with_the_name_of_its_error(broker: MockBroker, world: BrokerWorld) -> None:
    """Errors that the client does not retry; the next commit goes through."""
    world.produce(0, 3, b"want")
    async with joined(world.source()) as member:
        await until_async(lambda: member.received() == 3, WITHIN_S, "three records")
        broker.fail_next(Api.OFFSET_COMMIT, [KafkaError.OFFSET_METADATA_TOO_LARGE])

        member.source.commit({FIRST: Committable(2, "m")})
        await until_async(lambda: member.told("commit_failed"), WITHIN_S, "the answer")
        member.source.commit({FIRST: Committable(3)})
        await until_async(lambda: member.told("committed"), WITHIN_S, "the second answer")

        assert [({FIRST: Committable(2, "m")}, "OFFSET_METADATA_TOO_LARGE")] == member.told("commit_failed")
        assert [{FIRST: Committable(3)}] == member.told("committed")


async def test_a_silent_coordinator_holds_up_neither_the_loop_nor_the_thread(
    broker: MockBroker, world: BrokerWorld
) -> None:
    """What is committed is unknown then, about a second later; the Kafka thread polls all the while."""
    source = world.source()
    async with joined(source) as member:
        await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
        broker.take_down()
        polled = source.last_poll

        source.read_committed([FIRST])
        await until_async(lambda: source.last_poll > polled, WITHIN_S, "a poll")
        assert [] == member.told("committed_read")
        await until_async(lambda: bool(member.told("committed_read")), WITHIN_S, "the answer")
        broker.bring_up()

    assert [None] == member.told("committed_read")


async def test_the_client_is_closed_even_if_the_last_commit_failed(broker: MockBroker, world: BrokerWorld) -> None:
    """Leaving the group does not depend on it; the failure is counted and shown."""
    source = world.source()
    async with joined(source) as member:
        await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
        member.to_hand = {FIRST: Committable(1)}
        broker.fail_next(Api.OFFSET_COMMIT, [KafkaError.GROUP_AUTHORIZATION_FAILED])
        source.stop()
        await until_async(lambda: member.closed, WITHIN_S, "closed")

    assert [] == member.told("failed")
    assert {} == dict(world.commits())


async def test_a_last_commit_whose_metadata_is_too_large_goes_without_it(
    broker: MockBroker, world: BrokerWorld
) -> None:
    """The offset is worth more than what is finished beyond it."""
    source = world.source()
    async with joined(source) as member:
        await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
        member.to_hand = {FIRST: Committable(1, "lc1:too-large")}
        broker.fail_next(Api.OFFSET_COMMIT, [KafkaError.OFFSET_METADATA_TOO_LARGE])
        source.stop()
        await until_async(lambda: member.closed, WITHIN_S, "closed")

    assert {FIRST: Committable(1)} == dict(world.commits())


async def test_lost_partitions_are_told_as_lost_and_nothing_of_them_is_committed(
    broker: MockBroker, world: BrokerWorld
) -> None:
    """The group took this member for dead: it joins anew and is given them again."""
    async with joined(world.source()) as member:
        await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
        member.to_hand = {FIRST: Committable(1)}
        broker.fail_next(Api.HEARTBEAT, [KafkaError.UNKNOWN_MEMBER_ID])
        await until_async(lambda: member.told("lost"), WITHIN_S, "the loss")
        member.source.commit({FIRST: Committable(1)})
        await until_async(lambda: member.told("commit_failed"), WITHIN_S, "the answer")
        await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions again")

        assert [] == member.told("revoked")
        assert [({FIRST: Committable(1)}, "revoked")] == member.told("commit_failed")
        assert {} == dict(world.commits())
        member.to_hand = {}


async def test_a_property_that_the_client_does_not_know_ends_the_source(world: BrokerWorld) -> None:
    """With the client's own words, before anything was joined."""
    config = world.config.model_copy(update={"client": {"no.such.property": "1"}})

    async with joined(world.source(config)) as member:
        await until_async(lambda: member.closed, WITHIN_S, "closed by itself")

    (sentence,) = member.told("failed")
    assert "_INVALID_ARG" in sentence
    assert "no.such.property" in sentence


async def test_brokers_that_do_not_answer_are_waited_for(world: BrokerWorld) -> None:
    """At the start too: it says what it waits for, and can be stopped."""
    config = world.config.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})
    source = world.source(config)

    async with joined(source) as member:
        await until_async(lambda: "no broker answers" in source.status().waits_for, WITHIN_S, "what it waits for")

        assert source.status().state is SourceState.JOINING
        assert [] == member.events

    assert source.status().state is SourceState.CLOSED


async def test_a_topic_that_does_not_exist_is_waited_for(broker: MockBroker, world: BrokerWorld) -> None:
    """It is never made by asking for it; when it is there, it is read."""
    client = {**EMBEDDED_CLIENT, "topic.metadata.refresh.interval.ms": 200, "topic.metadata.propagation.max.ms": 100}
    config = world.config.model_copy(update={"topics": ("later",), "client": client})
    source = world.source(config)

    async with joined(source) as member:
        waits = "a topic does not exist (later): UNKNOWN_TOPIC_OR_PART"
        await until_async(lambda: waits in source.status().waits_for, WITHIN_S, "what it waits for")
        broker.create_topic("later", 2)
        await until_async(lambda: len(member.owned) == 2, WITHIN_S, "the new topic")
        await until_async(lambda: not source.status().waits_for, WITHIN_S, "nothing to wait for")


async def test_a_broker_that_comes_back_is_read_on(broker: MockBroker, world: BrokerWorld) -> None:
    """Nothing is lost, nothing comes twice, and a commit then succeeds."""
    world.produce(0, 2, b"want")
    source = world.source()
    async with joined(source) as member:
        await until_async(lambda: member.received() == 2, WITHIN_S, "two records")
        broker.take_down()
        await until_async(lambda: source.status().waits_for, WITHIN_S, "what it waits for")
        broker.bring_up()
        world.produce(0, 2, b"want")
        await until_async(lambda: member.received() == 4, WITHIN_S, "four records")
        member.source.commit({FIRST: Committable(4)})
        await until_async(lambda: member.told("committed"), WITHIN_S, "the commit")

        await until_async(lambda: not source.status().waits_for, WITHIN_S, "nothing to wait for")
        assert [0, 1, 2, 3] == member.offsets[FIRST]


async def test_status_shows_positions_ends_and_commits(world: BrokerWorld) -> None:
    """What lag is computed from."""
    world.produce(0, 7, b"want")
    source = world.source()
    async with joined(source) as member:
        await until_async(lambda: member.received() == 7, WITHIN_S, "seven records")
        source.commit({FIRST: Committable(4)})
        await until_async(lambda: source.status().partitions[FIRST].committed == 4, WITHIN_S, "the commit")
        await until_async(lambda: source.status().partitions[FIRST].high_watermark == 7, WITHIN_S, "the end")

        status = source.status()
        assert status.state is SourceState.JOINED
        assert 7 == status.partitions[FIRST].position
        assert 0 == status.counts.jumps
        assert source.poll_age_s < WITHIN_S


@pytest.mark.parametrize("to_hand", ({}, {FIRST: Committable(1)}))
async def test_it_can_be_stopped_while_no_broker_answers(
    broker: MockBroker, world: BrokerWorld, to_hand: dict[TopicPartition, Committable]
) -> None:
    """The last commit fails in time, and the end comes."""
    client = {**EMBEDDED_CLIENT, "socket.timeout.ms": 2_000}
    source = world.source(world.config.model_copy(update={"client": client}))
    async with joined(source) as member:
        await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
        member.to_hand = to_hand
        broker.take_down()
        await until_async(lambda: source.status().waits_for, WITHIN_S, "what it waits for")

    assert ["revoked", "closed"] == [name for name, _ in member.events[-2:]]
