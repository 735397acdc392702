"""Where partitions end, those that are not read among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from confluent_kafka import OFFSET_END, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_ends import ASK_EVERY_S, Ends
from consumer.adapters.kafka_rebalance import Owned
from consumer.core.record import TopicPartition
from tests.conformance.kafka_worlds import BrokerWorld, joined
from tests.fakes.scripted_client import ScriptedClient
from tests.waiting import until_async

WITHIN_S = 20

READ, PAUSED = TopicPartition("events", 0), TopicPartition("events", 1)
OWNED = {READ: Owned(epoch=1, start=0), PAUSED: Owned(epoch=1, start=0, paused=True)}


class EndingClient(ScriptedClient):
    """Its last fetches said ``fetched``; the brokers say ``ends``."""

    def __init__(self, fetched: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]) -> None:
        """As said; of a partition that has no end the brokers know nothing."""
        super().__init__()
        self.fetched = fetched
        self.ends = ends
        self.silent = False

    def get_watermark_offsets(self, partition: ClientPartition, *, cached: bool) -> tuple[int, int]:
        """Without asking the broker."""
        assert cached
        return 0, self.fetched.get(TopicPartition(partition.topic, partition.partition), -1001)

    def offsets_for_times(self, partitions: Sequence[ClientPartition], timeout: float) -> list[ClientPartition]:
        """The ends, where that is the time that is asked for."""
        asked = [TopicPartition(at.topic, at.partition) for at in partitions]
        self.calls.append(("offsets_for_times", asked))
        assert timeout < 1
        assert {OFFSET_END} == {at.offset for at in partitions}
        if self.silent:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return [ClientPartition(*tp, self.ends.get(tp, -1001)) for tp in asked]


def asked(client: EndingClient) -> list[object]:
    """Of which partitions the brokers were asked, each time."""
    return [what for _, what in client.named("offsets_for_times")]


def test_the_brokers_are_asked_for_the_ends_of_what_is_paused() -> None:
    """What is read needs no question."""
    client = EndingClient({READ: 7, PAUSED: 20}, {PAUSED: 900})
    assert {READ: 7, PAUSED: 900} == Ends().of(client.as_client, OWNED, answers=True)
    assert [[PAUSED]] == asked(client)


def test_the_brokers_are_asked_for_an_end_that_no_fetch_has_told() -> None:
    """A partition that is assigned and full of waiting from the start may not be fetched for long."""
    client = EndingClient({}, {READ: 900})
    assert {READ: 900} == Ends().of(client.as_client, {READ: OWNED[READ]}, answers=True)
    assert [[READ]] == asked(client)


def test_they_are_asked_every_few_seconds_and_not_while_none_answers() -> None:
    """In between the last answer holds, or what a fetch has said since."""
    now = [100.0]
    ends, client = Ends(lambda: now[0]), EndingClient({READ: 7, PAUSED: 20}, {PAUSED: 900})
    ends.of(client.as_client, OWNED, answers=True)
    now[0] += ASK_EVERY_S - 0.1
    client.fetched = {READ: 7, PAUSED: 950}
    assert {READ: 7, PAUSED: 950} == ends.of(client.as_client, OWNED, answers=True)
    now[0] += ASK_EVERY_S
    ends.of(client.as_client, OWNED, answers=False)
    assert [[PAUSED]] == asked(client)
    ends.of(client.as_client, OWNED, answers=True)
    assert [[PAUSED], [PAUSED]] == asked(client)


def test_what_the_brokers_do_not_say_is_what_the_last_fetch_said() -> None:
    """None where there was none."""
    client = EndingClient({PAUSED: 20}, {})
    assert {READ: None, PAUSED: 20} == Ends().of(client.as_client, OWNED, answers=True)
    client.silent = True
    assert {READ: None, PAUSED: 20} == Ends().of(client.as_client, OWNED, answers=True)


def test_where_nothing_is_paused_nobody_is_asked() -> None:
    """The usual case."""
    client = EndingClient({READ: 7}, {})
    assert {READ: 7} == Ends().of(client.as_client, {READ: OWNED[READ]}, answers=True)
    assert [] == asked(client)


async def test_what_comes_while_a_partition_is_paused_is_seen(world: BrokerWorld) -> None:
    """On a broker: the end grows, and nothing of it is read."""
    world.produce(0, 3, b"want")
    source = world.source()
    async with joined(source) as member:
        await until_async(lambda: member.received() == 3, WITHIN_S, "three records")
        source.pause(READ)
        await until_async(lambda: source.status().partitions[READ].paused, WITHIN_S, "the pause")
        world.produce(0, 4, b"want")
        await until_async(lambda: source.status().partitions[READ].high_watermark == 7, WITHIN_S, "the end")
        assert 3 == member.received()
