"""Jumps in the offsets on Kafka itself: those of transactions cost a look a minute, and a loss is read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from confluent_kafka import Producer

from consumer.adapters import kafka_thread
from consumer.core.record import TopicPartition
from tests.conformance.kafka_worlds import KAFKA_CLIENT, BrokerWorld, joined
from tests.kafka import group, oracles, product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import MakeJob
from tests.kafka.losing_client import Losing
from tests.kafka.real_kafka import RealKafka
from tests.waiting import until, until_async

WITHIN_S: Final = 60
PARTITIONS: Final = 4
TRANSACTIONS: Final = 20
BURST: Final = 300


@pytest.fixture
def world(real_kafka: RealKafka) -> Iterator[BrokerWorld]:
    """A topic with four partitions and a group that reads it."""
    world = BrokerWorld(real_kafka.bootstrap_servers, real_kafka.new_topic(PARTITIONS))
    yield world
    world.close()


async def test_gaps_of_transactions_are_looked_at_once_a_minute_and_hold_nothing_up(world: BrokerWorld) -> None:
    """A gap at each commit and at each abort: everything arrives, nothing is read again, no other member is there."""
    transact(world)
    source = world.source()

    async with joined(source) as member:
        expected = 2 * TRANSACTIONS
        await until_async(lambda: member.received() == PARTITIONS * expected, WITHIN_S, "every record")
        await until_async(lambda: source.status().counts.jumps_checked == PARTITIONS, WITHIN_S, "one check a partition")
        transact(world)
        await until_async(lambda: member.received() == 2 * PARTITIONS * expected, WITHIN_S, "every record")
        jumps = PARTITIONS * (2 * TRANSACTIONS - 1)
        await until_async(lambda: source.status().counts.jumps >= jumps, WITHIN_S, "the count")

        found = source.status().counts
        assert (PARTITIONS, 0, 0) == (found.jumps_checked, found.jumps_unanswered, found.records_missed)
        assert [] == member.told("rewound")
        assert 1 == group.members(world.config.bootstrap_servers, world.config.group_id)


@pytest.mark.parametrize("client", (KAFKA_CLIENT, {"group.protocol": "consumer"}), ids=("classic", "consumer"))
async def test_records_that_were_not_delivered_are_read_again(
    world: BrokerWorld, monkeypatch: pytest.MonkeyPatch, client: dict[str, str | int | float | bool]
) -> None:
    """From the first of them on, under the assignment that there is."""
    monkeypatch.setattr(kafka_thread, "Consumer", Losing)
    source = world.source(world.config.model_copy(update={"client": client}))
    first = TopicPartition(world.topic, 0)

    async with joined(source) as member:
        await until_async(lambda: len(member.owned) == PARTITIONS, WITHIN_S, "four partitions")
        produced, Losing.loses = 0, True

        def lost_or_read() -> bool:
            return not Losing.loses or member.received() == produced

        while Losing.loses:
            world.produce(0, BURST)
            produced += BURST
            await until_async(lost_or_read, WITHIN_S, "a burst")
        world.produce(0, 1)
        produced += 1
        await until_async(lambda: len(set(member.offsets[first])) == produced, WITHIN_S, "every record")
        await until_async(lambda: source.status().counts.records_missed == 1, WITHIN_S, "the count")

        ((partition, offset),) = member.told("rewound")
        again = member.offsets[first].index(offset)
        assert (first, offset) == (partition, min(missing(member.offsets[first][:again])))
        assert list(range(offset, produced)) == member.offsets[first][again:]
        assert ([], []) == (member.told("revoked"), member.told("lost"))
        world.produce(0, 1)
        await until_async(lambda: member.offsets[first][-1] == produced, WITHIN_S, "what comes later")


def test_the_whole_program_sends_what_its_client_had_lost(make_job: MakeJob, run_logs: Path) -> None:
    """Once in effect, like all that it reads again; commits stand at the end, and it says what happened."""
    job = make_job()
    first, later = product.make(BURST, users=40), product.make(40, users=40, first=BURST)
    job.produce(first)
    log = run_logs / "losing-client.log"

    with ConsumerProcess(job.config, log, job.environment, module="tests.kafka.losing_client") as consumer:
        consumer.until_ready()
        until(lambda: consumer.metric("loops_consumer_received_records_total") > 0, WITHIN_S, "what it did not lose")
        job.produce(later)
        job.sandbox.until_events(BURST + 40, WITHIN_S)
        job.until_committed()

        seen = oracles.sightings(job.sandbox.received())
        assert ([], []) == (oracles.lost([*first, *later], seen), oracles.twice_in_effect(seen))
        until(lambda: consumer.metric("loops_consumer_missed_records_total") >= 1, WITHIN_S, "the count")
        assert '"kafka_record_not_delivered"' in consumer.output()


def missing(offsets: list[int]) -> set[int]:
    """What lies between the lowest and the highest, and is not there."""
    return set(range(min(offsets), max(offsets))) - set(offsets)


def transact(world: BrokerWorld) -> None:
    """Transactions with two records in each partition; every other one is aborted, and none of it is seen."""
    producer = Producer({"bootstrap.servers": world.config.bootstrap_servers, "transactional.id": world.topic})
    producer.init_transactions(WITHIN_S)
    for number in range(2 * TRANSACTIONS):
        producer.begin_transaction()
        for partition in range(PARTITIONS):
            producer.produce(world.topic, b"x", partition=partition)
            producer.produce(world.topic, b"x", partition=partition)
        assert producer.flush(WITHIN_S) == 0  # what is still queued would be dropped by an abort
        if number % 2:
            producer.abort_transaction(WITHIN_S)
        else:
            producer.commit_transaction(WITHIN_S)
