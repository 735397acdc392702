"""A position that is not there: what is told, counted and read instead."""

from __future__ import annotations

from typing import Literal

import pytest
import structlog.testing
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters import kafka_reset
from consumer.adapters.kafka_rebalance import Assignments, Owned
from consumer.adapters.kafka_reset import FoundAgain, LostPositions, _judge
from consumer.adapters.kafka_status import Counts, Waits
from consumer.adapters.kafka_topics import Topics
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import MockBroker
from tests.conformance.kafka_worlds import BrokerWorld, joined
from tests.fakes.scripted_client import ScriptedClient
from tests.waiting import until_async

WITHIN_S = 20

FIRST = TopicPartition("events", 0)
ALL = [TopicPartition("events", number) for number in range(4)]
HUNDREDS = [TopicPartition("events", number) for number in range(300)]


def commit(world: BrokerWorld, offset: int, *more: TopicPartition) -> None:
    """What the group had before, without a member."""
    client = Consumer({"bootstrap.servers": world.config.bootstrap_servers, "group.id": world.config.group_id})
    client.commit(offsets=[ClientPartition(*tp, offset) for tp in (FIRST, *more)], asynchronous=False)
    client.close()


class AskedClient(ScriptedClient):
    """Each answer takes so many seconds; where that is as long as who asks waits, there is none."""

    def __init__(self, answer_s: float) -> None:
        """It is 0 o'clock."""
        super().__init__()
        self.answer_s, self.now = answer_s, 0.0

    def get_watermark_offsets(self, partition: ClientPartition, *, timeout: float) -> tuple[int, int]:
        """From 3 to 9."""
        self.calls.append(("asked", partition.partition))
        self.now += min(timeout, self.answer_s)
        if self.answer_s >= timeout:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return 3, 9


def all_lost(client: AskedClient) -> tuple[LostPositions, Assignments, Counts]:
    """Hundreds of partitions at offset 2."""
    waits, counts = Waits(), Counts()
    assignments = Assignments(Topics(["events"], waits), waits, "earliest")
    assignments.owned = {tp: Owned(1, 2, 2) for tp in HUNDREDS}
    return LostPositions(assignments, counts, now=lambda: client.now), assignments, counts


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
        await until_async(lambda: source.status().counts.records_skipped_by_retention == 4, WITHIN_S, "the count")

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
        await until_async(lambda: source.status().counts.positions_lost == 1, WITHIN_S, "the count")


def test_where_no_broker_answers_nothing_is_taken_for_gone() -> None:
    """It is asked again when reading fails again; to begin anew would drop what is known and skip in silence."""
    assert [FoundAgain(5_000), FoundAgain(5_000), FoundAgain(OFFSET_BEGINNING)] == [
        _judge(5_000, None, None),
        _judge(5_000, 0, None),
        _judge(None, None, None),
    ]


@pytest.mark.parametrize(("answer_s", "asked"), ((60.0, 1), (0.3, 4), (0.001, 300)))
def test_the_client_is_polled_soon_however_many_positions_are_lost(answer_s: float, asked: int) -> None:
    """After one silence, or a second of asking, the others wait for the next turn, read from where they were."""
    client = AskedClient(answer_s)
    lost, assignments, counts = all_lost(client)
    with structlog.testing.capture_logs() as lines:
        found = [lost.find_again(client.as_client, tp) for tp in HUNDREDS]

    assert asked == len(client.named("asked"))
    assert client.now <= 5.0
    assert asked == counts.positions_lost == len(lines)
    answered = 0 if answer_s > 5 else asked
    assert [FoundAgain(3, skipped=1)] * answered + [FoundAgain(2)] * (300 - answered) == found
    assert [3] * answered + [2] * (300 - answered) == [owned.position for owned in assignments.owned.values()]


def test_silence_in_hundreds_of_partitions_is_some_lines_of_the_log() -> None:
    """In one turn after the other."""
    client = AskedClient(60.0)
    lost, _, counts = all_lost(client)
    with structlog.testing.capture_logs() as lines:
        for tp in HUNDREDS:
            client.now = 0.0
            lost.begin_turn()
            lost.find_again(client.as_client, tp)

    assert 300 == counts.positions_lost
    assert 20 == len(lines)


async def test_what_is_left_of_a_turn_is_found_again_in_the_next(
    broker: MockBroker, world: BrokerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is skipped, and nothing counted twice."""
    monkeypatch.setattr(kafka_reset, "_ASKS_FOR_S", 1e-6)
    for tp in ALL:
        world.produce(tp.partition, 10)
        broker.delete_records("events", tp.partition, 6)
    commit(world, 2, *ALL[1:])
    source = world.source()

    async with joined(source) as member:
        await until_async(lambda: member.received() == 16, WITHIN_S, "what is left")
        await until_async(lambda: source.status().counts.records_skipped_by_retention == 16, WITHIN_S, "the count")

        assert {tp: [6, 7, 8, 9] for tp in ALL} == dict(member.offsets)
        assert 4 == source.status().counts.positions_lost
