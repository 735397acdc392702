"""What only Kafka itself does to a source: transactions, bounds, topics that grow or are made anew, several members.

Under both protocols of its groups.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import pytest_asyncio
from confluent_kafka import Producer
from confluent_kafka.cimpl import NewPartitions

from consumer.adapters.kafka import KafkaSource
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.status import SourceState
from tests.conformance.kafka_worlds import KAFKA_CLIENT, NEWER_CLIENT, NEWER_GROUP, BrokerWorld
from tests.fakes.recording_listener import RecordingListener
from tests.kafka.real_kafka import RealKafka
from tests.waiting import until_async

WITHIN_S = 60

Join = Callable[[KafkaSource], RecordingListener]


@pytest.fixture(params=[pytest.param(KAFKA_CLIENT, id="classic"), pytest.param(NEWER_CLIENT, id="newer")])
def world(real_kafka: RealKafka, request: pytest.FixtureRequest) -> Iterator[BrokerWorld]:
    """A topic with four partitions and a group that reads it."""
    world = BrokerWorld(real_kafka.bootstrap_servers, real_kafka.new_topic(partitions=4), request.param)
    real_kafka.configure_group(world.config.group_id, NEWER_GROUP)
    yield world
    world.close()


@pytest_asyncio.fixture
async def join() -> AsyncIterator[Join]:
    """Starts a member; all are stopped at the end."""
    members: list[RecordingListener] = []

    def start(source: KafkaSource) -> RecordingListener:
        member = RecordingListener(source)
        members.append(member)
        source.start(member)
        return member

    yield start
    for member in members:
        member.source.stop()
    await until_async(lambda: all(member.closed for member in members), WITHIN_S, "every member closed")


async def test_transactions_leave_gaps_that_hold_nothing_up(world: BrokerWorld, join: Join) -> None:
    """A marker takes an offset after each transaction: runs of received offsets are told, and breaks are counted."""
    first = TopicPartition(world.topic, 0)
    producer = Producer({"bootstrap.servers": world.config.bootstrap_servers, "transactional.id": world.topic})
    producer.init_transactions(WITHIN_S)
    for _ in range(3):
        producer.begin_transaction()
        producer.produce(world.topic, b"x", partition=0)
        producer.produce(world.topic, b"x", partition=0)
        producer.commit_transaction(WITHIN_S)
    source = world.source()

    member = join(source)
    await until_async(lambda: member.received() == 6, WITHIN_S, "six records")

    assert [0, 1, 3, 4, 6, 7] == member.offsets[first]
    await until_async(lambda: source.status().counts.jumps == 2, WITHIN_S, "two breaks")
    source.commit({first: Committable(8)})
    await until_async(lambda: member.told("committed"), WITHIN_S, "the commit")


async def test_what_comes_while_a_partition_is_paused_is_seen(world: BrokerWorld, join: Join) -> None:
    """The end grows, of each such partition, and nothing of them is read."""
    source = world.source()
    member = join(source)
    paused = [TopicPartition(world.topic, number) for number in (0, 3)]
    for tp in paused:
        world.produce(tp.partition, 3, b"want")
    await until_async(lambda: member.received() == 6, WITHIN_S, "six records")
    for tp in paused:
        source.pause(tp)
    await until_async(lambda: all(source.status().partitions[tp].paused for tp in paused), WITHIN_S, "the pauses")
    for tp in paused:
        world.produce(tp.partition, 4 + tp.partition, b"want")

    def ends() -> list[int | None]:
        return [source.status().partitions[tp].high_watermark for tp in paused]

    await until_async(lambda: ends() == [7, 10], WITHIN_S, "the ends")
    assert 6 == member.received()


async def test_metadata_of_4096_bytes_fails_the_commit_by_name(world: BrokerWorld, join: Join) -> None:
    """And 4,095 bytes do not: the broker's bound is 4,096, and the client sends a NUL behind the text."""
    first = TopicPartition(world.topic, 0)
    member = join(world.source())
    await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")

    member.source.commit({first: Committable(0, "m" * 4_096)})
    await until_async(lambda: member.told("commit_failed"), WITHIN_S, "the failure")
    member.source.commit({first: Committable(0, "m" * 4_095)})
    await until_async(lambda: member.told("committed"), WITHIN_S, "the commit")

    assert "OFFSET_METADATA_TOO_LARGE" == member.told("commit_failed")[0][1]
    assert {first: Committable(0, "m" * 4_095)} == dict(world.commits())


async def test_full_metadata_of_every_partition_is_there_for_the_next_member(world: BrokerWorld, join: Join) -> None:
    """Four thousand bytes each, in one commit and in one answer."""
    full = {TopicPartition(world.topic, number): Committable(0, str(number) * 4_000) for number in range(4)}
    member = join(world.source())
    await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
    member.source.commit(full)
    await until_async(lambda: member.told("committed"), WITHIN_S, "the commit")
    member.source.stop()
    await until_async(lambda: member.closed, WITHIN_S, "closed")

    following = join(world.source())
    await until_async(lambda: len(following.owned) == 4, WITHIN_S, "four partitions")

    assert full == following.owned


async def test_partitions_that_are_added_are_read_from_their_beginning(
    real_kafka: RealKafka, world: BrokerWorld, join: Join
) -> None:
    """Under ``latest`` too; and they count in the total."""
    client = {**world.config.client, "topic.metadata.refresh.interval.ms": 500}
    member = join(world.source(world.config.model_copy(update={"start": "latest", "client": client})))
    await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
    admin = real_kafka.admin()
    admin.create_partitions([NewPartitions(world.topic, 5)])[world.topic].result(WITHIN_S)
    producer = Producer({"bootstrap.servers": real_kafka.bootstrap_servers, "topic.metadata.refresh.interval.ms": 100})
    added = TopicPartition(world.topic, 4)
    await until_async(lambda: len(producer.list_topics(world.topic).topics[world.topic].partitions) == 5, WITHIN_S, "5")
    producer.produce(world.topic, b"x", partition=4)
    assert 0 == producer.flush(WITHIN_S)

    await until_async(lambda: member.offsets[added] == [0], WITHIN_S, "the record of the new partition")

    assert added in member.total
    assert 5 == len(member.owned)


async def test_a_topic_that_is_made_anew_is_read_from_its_beginning(
    real_kafka: RealKafka, world: BrokerWorld, join: Join
) -> None:
    """It says what it waits for meanwhile, and stays a member."""
    client = {**world.config.client, "topic.metadata.refresh.interval.ms": 500}
    source = world.source(world.config.model_copy(update={"client": client}))
    world.produce(0, 5)
    member = join(source)
    first = TopicPartition(world.topic, 0)
    await until_async(lambda: member.received() == 5, WITHIN_S, "five records")
    source.commit({first: Committable(5)})
    await until_async(lambda: member.told("committed"), WITHIN_S, "the commit")
    admin = real_kafka.admin()
    admin.delete_topics([world.topic])[world.topic].result(WITHIN_S)
    await until_async(lambda: "does not exist" in source.status().waits_for, WITHIN_S, "what it waits for")

    real_kafka.create_topic(world.topic, 4)
    world.produce(0, 2, b"new")

    await until_async(lambda: member.offsets[first][5:] == [0, 1], WITHIN_S, "the new records")
    assert [] == member.told("failed")


async def test_latest_begins_at_the_end_for_every_member_of_a_new_group(world: BrokerWorld, join: Join) -> None:
    """The one that comes later finds what the first one wrote down."""
    for number in range(4):
        world.produce(number, 3)
    config = world.config.model_copy(update={"start": "latest"})
    one = join(world.source(config))
    await until_async(lambda: len(one.owned) == 4, WITHIN_S, "four partitions")
    other = join(world.source(config))
    await until_async(lambda: len(other.owned) == 2, WITHIN_S, "half of them")
    for number in range(4):
        world.produce(number, 1)

    await until_async(lambda: one.received() + other.received() == 4, WITHIN_S, "the records that came later")

    assert {3} == {offset for member in (one, other) for offsets in member.offsets.values() for offset in offsets}


async def test_a_member_without_a_partition_stands_by(world: BrokerWorld, join: Join) -> None:
    """The newer protocol's client calls nobody back for it."""
    sources = [world.source() for _ in range(5)]
    members = [join(source) for source in sources]

    def all_have_joined() -> bool:
        states = [source.status().state for source in sources]
        return states.count(SourceState.JOINED) == 4 and states.count(SourceState.STANDING_BY) == 1

    await until_async(all_have_joined, WITHIN_S, "four have a partition, and one stands by")

    assert all(len(member.total) == 4 for member in members)


async def test_moving_partitions_loses_no_record_and_brings_none_twice(world: BrokerWorld, join: Join) -> None:
    """A member joins and leaves while records come; each hands over where it stands."""
    members = [join(world.source())]
    await until_async(lambda: len(members[0].owned) == 4, WITHIN_S, "four partitions")

    def stands(member: RecordingListener) -> None:
        member.to_hand = {tp: Committable(offsets[-1] + 1) for tp, offsets in member.offsets.items() if offsets}

    def received() -> int:
        for member in members:
            stands(member)
        return sum(member.received() for member in members)

    produced = 0
    for step in range(3):
        for number in range(4):
            world.produce(number, 50)
        produced += 200
        if step == 0:
            members.append(join(world.source()))
            await until_async(lambda: received() >= 0 and len(members[1].owned) == 2, WITHIN_S, "half of them")
        if step == 1:
            await until_async(lambda: received() == 400, WITHIN_S, "all so far")
            members[1].source.stop()
            await until_async(lambda: len(members[0].owned) == 4, WITHIN_S, "all of them")
    await until_async(lambda: received() >= produced, WITHIN_S, "all records")

    for number in range(4):
        tp = TopicPartition(world.topic, number)
        assert list(range(150)) == sorted(offset for member in members for offset in member.offsets[tp])
