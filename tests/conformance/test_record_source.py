"""What :class:`consumer.ports.RecordSource` promises, on the fake, on the embedded broker, and on Kafka itself.

On Kafka with both protocols of its groups.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence

import pytest
import pytest_asyncio

from consumer.core.effect import Committable
from consumer.core.record import Batch, TopicPartition
from consumer.mapping.message import Message
from consumer.ports import RecordSource
from consumer.sandbox.broker import MockBroker
from tests.conformance.kafka_worlds import (
    EMBEDDED_CLIENT,
    KAFKA_CLIENT,
    NEWER_CLIENT,
    NEWER_GROUP,
    BrokerWorld,
    FakeWorld,
    SourceWorld,
)
from tests.fakes.recording_listener import RecordingListener
from tests.fakes.selecting import select
from tests.waiting import until_async

WITHIN_S = 60

Join = Callable[[], RecordingListener]


REAL = (
    pytest.param("kafka", marks=pytest.mark.real_kafka),
    pytest.param("kafka_newer", marks=pytest.mark.real_kafka),
)

WITH_TWO_MEMBERS = ("fake", *REAL)
"""Not the embedded broker. Where the leader's answer overtakes the other member, it lets that one join again, and
takes no commit meanwhile, as Kafka would; and one that stands still for some seconds while partitions move is never
taken in again."""


@pytest.fixture(params=("fake", "embedded", *REAL))
def world(request: pytest.FixtureRequest) -> Iterator[SourceWorld]:
    """A topic with four partitions and a group that reads it."""
    if request.param == "fake":
        yield FakeWorld()
    elif request.param == "embedded":
        with MockBroker() as broker:
            broker.create_topic("events", 4)
            on_broker = BrokerWorld(broker.bootstrap_servers, "events", EMBEDDED_CLIENT)
            yield on_broker
            on_broker.close()
    else:
        kafka = request.getfixturevalue("real_kafka")
        client = NEWER_CLIENT if request.param == "kafka_newer" else KAFKA_CLIENT
        on_kafka = BrokerWorld(kafka.bootstrap_servers, kafka.new_topic(partitions=4), client)
        kafka.configure_group(on_kafka.config.group_id, NEWER_GROUP)
        yield on_kafka
        on_kafka.close()


@pytest_asyncio.fixture
async def join(world: SourceWorld) -> AsyncIterator[Join]:
    """Starts a member of the group; all are stopped at the end."""
    members: list[RecordingListener] = []

    def start(source: RecordSource | None = None) -> RecordingListener:
        member = RecordingListener(source or world.source())
        members.append(member)
        member.source.start(member)
        return member

    yield start
    for member in members:
        member.takes = member.hands = True
        member.source.stop()
    await until_async(lambda: all(member.closed for member in members), WITHIN_S, "every member closed")


def partition(world: SourceWorld, number: int) -> TopicPartition:
    """One of the topic."""
    return TopicPartition(world.topic, number)


async def owns(member: RecordingListener, count: int) -> None:
    """Waits until a member has so many partitions."""
    await until_async(lambda: len(member.owned) == count, WITHIN_S, f"{count} partitions")


async def test_a_single_member_gets_all_partitions_and_knows_how_many_there_are(world: SourceWorld, join: Join) -> None:
    """``total`` is every partition, sorted; nothing was committed yet."""
    member = join()

    await owns(member, 4)

    everything = [partition(world, number) for number in range(4)]
    assert everything == list(member.total)
    assert dict.fromkeys(everything) == member.owned


async def test_records_come_in_order_once_each(world: SourceWorld, join: Join) -> None:
    """What was there before and what is added later."""
    world.produce(0, 1500)
    member = join()
    await until_async(lambda: member.received() == 1500, WITHIN_S, "1,500 records")
    world.produce(0, 10)
    world.produce(3, 5)

    await until_async(lambda: member.received() == 1515, WITHIN_S, "all records")

    assert list(range(1510)) == member.offsets[partition(world, 0)]
    assert list(range(5)) == member.offsets[partition(world, 3)]


async def test_at_most_two_batches_are_under_way(world: SourceWorld, join: Join) -> None:
    """The third comes when the first is taken in."""
    member = join()
    await owns(member, 4)
    member.takes = False
    for expected in (1, 2):
        world.produce(0, 1)
        await until_async(lambda count=expected: member.batches == count, WITHIN_S, f"batch {expected}")  # type: ignore[misc]  # mypy infers no default in a lambda
    world.produce(0, 1)
    member.source.commit({partition(world, 0): Committable(1)})
    await until_async(lambda: member.told("committed") or member.batches > 2, WITHIN_S, "the commit")
    assert member.batches == 2

    member.source.took()

    await until_async(lambda: member.batches == 3, WITHIN_S, "the third batch")
    member.source.took()
    member.source.took()


async def test_a_commit_is_there_for_the_next_owner(world: SourceWorld, join: Join) -> None:
    """Offset and what is kept beside it."""
    world.produce(1, 5)
    first = join()
    await until_async(lambda: first.received() == 5, WITHIN_S, "five records")
    position = {partition(world, 1): Committable(3, "beside it")}
    first.source.commit(position)
    await until_async(lambda: first.told("committed"), WITHIN_S, "the commit")
    first.source.stop()
    await until_async(lambda: first.closed, WITHIN_S, "closed")

    second = join()
    await until_async(lambda: second.received() == 2, WITHIN_S, "two records")

    assert [position] == first.told("committed")
    assert position[partition(world, 1)] == second.owned[partition(world, 1)]
    assert second.offsets[partition(world, 1)] == [3, 4]


async def test_a_paused_partition_is_silent_and_the_others_are_not(world: SourceWorld, join: Join) -> None:
    """After resume nothing is missing."""
    member = join()
    await owns(member, 4)
    member.source.pause(partition(world, 0))
    world.produce(1, 1)
    await until_async(lambda: member.received() == 1, WITHIN_S, "the pause has passed")
    world.produce(0, 3)
    world.produce(1, 1)
    await until_async(lambda: len(member.offsets[partition(world, 1)]) == 2, WITHIN_S, "the other partition")
    assert member.offsets[partition(world, 0)] == []

    member.source.resume(partition(world, 0))

    await until_async(lambda: member.received() == 5, WITHIN_S, "the paused records")
    assert member.offsets[partition(world, 0)] == [0, 1, 2]


async def test_a_partition_is_read_again_and_the_listener_knows_when(world: SourceWorld, join: Join) -> None:
    """Even while it is paused. What came before is told before; nothing is passed over, wherever it is asked from."""
    first = partition(world, 0)
    world.produce(0, 5)
    member = join()
    await until_async(lambda: member.received() == 5, WITHIN_S, "five records")
    member.source.pause(first)
    member.source.read_again(first, 2)
    await until_async(lambda: member.told("rewound"), WITHIN_S, "it has gone back")
    world.produce(1, 1)
    await until_async(lambda: member.received() == 6, WITHIN_S, "the other partition")
    assert list(range(5)) == member.offsets[first]

    member.source.read_again(first, 4)
    member.source.read_again(partition(world, 1), 9)
    member.source.resume(first)
    await until_async(lambda: member.received() == 9, WITHIN_S, "the records again")

    assert [(first, 2), (first, 2), (partition(world, 1), 1)] == member.told("rewound")
    assert [*range(5), 2, 3, 4] == member.offsets[first]


async def test_another_selection_is_used_from_the_next_read_on(world: SourceWorld, join: Join) -> None:
    """What was told before stays as it was."""
    world.produce(0, 1, b"want this")
    member = join()
    await until_async(lambda: member.received() == 1, WITHIN_S, "the first")
    by_another: list[int] = []

    def another(messages: Sequence[Message]) -> Batch:
        by_another.extend(message.offset() or 0 for message in messages)
        return select(messages)

    member.source.select_with(another)
    world.produce(0, 1)
    await until_async(lambda: member.received() == 2, WITHIN_S, "the second")

    assert [1] == by_another


@pytest.mark.parametrize("world", WITH_TWO_MEMBERS, indirect=True)
async def test_a_revoke_waits_for_its_answer_and_commits_it(world: SourceWorld, join: Join) -> None:
    """The new owner begins where the old one handed over."""
    for number in range(4):
        world.produce(number, 5)
    first = join()
    await until_async(lambda: first.received() == 20, WITHIN_S, "all records")
    first.hands = False
    first.to_hand = {partition(world, number): Committable(4, f"of {number}") for number in range(4)}
    second = join()
    await until_async(lambda: first.told("revoked"), WITHIN_S, "the revoke")
    going = first.told("revoked")[0]
    assert not set(going) & set(second.owned)

    first.hands = True
    first.hand(going)
    await until_async(lambda: set(going) <= set(second.owned), WITHIN_S, "the new owner")

    assert {tp: first.to_hand[tp] for tp in going} == {tp: second.owned[tp] for tp in going}
    await until_async(lambda: second.received() == len(going), WITHIN_S, "the last record of each")
    assert {tp: [4] for tp in going} == dict(second.offsets)


@pytest.mark.parametrize("world", WITH_TWO_MEMBERS, indirect=True)
async def test_a_commit_for_a_partition_of_another_member_is_not_sent(world: SourceWorld, join: Join) -> None:
    """It is told to have failed, and the rest of the same commit succeeds."""
    first = join()
    await owns(first, 4)
    second = join()
    await owns(second, 2)
    theirs, ours = min(second.owned), min(first.owned)

    first.source.commit({theirs: Committable(7), ours: Committable(1)})
    await until_async(lambda: first.told("committed"), WITHIN_S, "the answer")

    assert [({theirs: Committable(7)}, "revoked")] == first.told("commit_failed")
    assert [{ours: Committable(1)}] == first.told("committed")
    assert {ours: Committable(1)} == dict(world.commits())


@pytest.mark.parametrize("world", WITH_TWO_MEMBERS, indirect=True)
async def test_what_the_group_has_committed_is_read_whoever_owns_it(world: SourceWorld, join: Join) -> None:
    """By an owner of half the partitions, and by a member that owns none of them; each question has one answer."""
    first, second = join(), join()
    await until_async(lambda: len(first.owned) == len(second.owned) == 2, WITHIN_S, "each has half of them")
    theirs, ours = min(second.owned), min(first.owned)
    second.source.commit({theirs: Committable(0, "of the second")})
    first.source.commit({ours: Committable(0, "of the first")})
    await until_async(lambda: first.told("committed") and second.told("committed"), WITHIN_S, "the commits")

    everything = [partition(world, number) for number in range(4)]
    first.source.read_committed(everything)
    second.source.read_committed([ours])
    await until_async(lambda: first.told("committed_read") and second.told("committed_read"), WITHIN_S, "the answers")

    of_both = {ours: Committable(0, "of the first"), theirs: Committable(0, "of the second")}
    assert [dict.fromkeys(everything) | of_both] == first.told("committed_read")
    assert [{ours: Committable(0, "of the first")}] == second.told("committed_read")


@pytest.mark.parametrize("world", WITH_TWO_MEMBERS, indirect=True)
async def test_what_the_group_has_committed_is_read_while_a_revoke_waits(world: SourceWorld, join: Join) -> None:
    """It takes seconds at times, and the rate is shared meanwhile too."""
    first = join()
    await owns(first, 4)
    first.hands = False
    join()
    await until_async(lambda: first.told("revoked"), WITHIN_S, "the revoke")

    first.source.read_committed([partition(world, 0)])
    await until_async(lambda: first.told("committed_read"), WITHIN_S, "the answer")

    assert [{partition(world, 0): None}] == first.told("committed_read")
    first.hand(first.told("revoked")[0])


async def test_nothing_is_read_before_the_start_and_after_the_stop(
    world: SourceWorld, join: Callable[[RecordSource], RecordingListener]
) -> None:
    """It may be asked for all the same."""
    source = world.source()
    source.read_committed([partition(world, 0)])
    member = join(source)
    await owns(member, 4)
    source.stop()
    source.read_committed([partition(world, 0)])
    await until_async(lambda: member.closed, WITHIN_S, "closed")

    assert [] == member.told("committed_read")


@pytest.mark.parametrize("world", WITH_TWO_MEMBERS, indirect=True)
async def test_a_pause_is_forgotten_at_revoke(world: SourceWorld, join: Join) -> None:
    """Whoever gets the partition next reads it, be it the same process."""
    first = join()
    await owns(first, 4)
    for number in range(4):
        first.source.pause(partition(world, number))
    second = join()
    await owns(second, 2)
    moved = sorted(second.owned)
    second.source.stop()
    await owns(first, 4)
    for tp in moved:
        world.produce(tp.partition, 2)

    await until_async(lambda: first.received() == 4, WITHIN_S, "the records of what moved")

    assert {tp: [0, 1] for tp in moved} == dict(first.offsets)


async def test_stop_leaves_the_group_and_closed_comes_last(world: SourceWorld, join: Join) -> None:
    """What is handed over at the end is committed; a second stop changes nothing."""
    member = join()
    await owns(member, 4)
    world.produce(2, 3)
    await until_async(lambda: member.received() == 3, WITHIN_S, "the records")
    member.to_hand = {partition(world, 2): Committable(3)}

    member.source.stop()
    member.source.stop()
    await until_async(lambda: member.closed, WITHIN_S, "closed")

    assert [name for name, _ in member.events[-2:]] == ["revoked", "closed"]
    assert {partition(world, 2): Committable(3)} == dict(world.commits())
    member.source.commit({partition(world, 2): Committable(1)})
    assert member.closed


async def test_stop_before_start_closes_at_once(
    world: SourceWorld, join: Callable[[RecordSource], RecordingListener]
) -> None:
    """Nobody joins the group."""
    source = world.source()
    source.stop()

    member = join(source)
    await until_async(lambda: member.closed, WITHIN_S, "closed")

    assert [("closed", None)] == member.events
