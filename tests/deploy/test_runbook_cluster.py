"""Moving to another cluster as the runbook says, with two real ones: nothing lost, nothing twice in effect."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from tests.deploy.desk import Desk
from tests.kafka import group, oracles, product
from tests.kafka.real_kafka import RealKafka
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)

BEFORE: Final = 1_500
"""Events that lie on the old cluster when the move begins, of which some are sent."""
AFTER: Final = 200
SHIFT: Final = 37
"""Records that lie only on the new cluster's topic, so that no offset means the same on both."""


@pytest.fixture
def new_kafka(tmp_path: Path, run_logs: Path, desk: Desk) -> Iterator[RealKafka]:
    """The other cluster, with both topics."""
    with RealKafka(tmp_path / "new-kafka", log=run_logs / "new-kafka.log") as kafka:
        kafka.create_topic(desk.job.topic, product.PARTITIONS)
        kafka.create_topic(desk.job.letters_topic)
        desk.shell.words = {r"new-kafka\.example\.com:9092": kafka.bootstrap_servers, **desk.shell.words}
        yield kafka


def test_when_the_producers_move_the_old_one_is_read_to_its_end_first(desk: Desk, new_kafka: RealKafka) -> None:
    """Each contact's events stay in order, and none is refused as a repeat."""
    job = desk.job
    made = product.make(BEFORE + AFTER, users=40)
    job.produce(made[:BEFORE])
    consumer = desk.start()
    product.produce(new_kafka.bootstrap_servers, job.topic, made[BEFORE:])
    until(lambda: lag_of(desk) == 0, 60, "the old one is read to its end")
    desk.run('kill -TERM "$(pid)"')
    assert 0 == consumer.exit_code()
    with on_the_new_one(desk):
        job.sandbox.until_events(len(made), 60)
    assert_all_once(desk, made)
    assert 0 == repeats(desk)


def test_when_the_topic_is_copied_it_is_read_from_before_the_stop(desk: Desk, new_kafka: RealKafka) -> None:
    """Offsets are others there; what was sent is refused by its key, and takes effect no second time."""
    job = desk.job
    made = product.make(BEFORE, users=40)
    job.produce(made)
    consumer = desk.start()
    job.sandbox.until_events(300, 60)
    stopped = datetime.now(UTC)
    desk.run('kill -TERM "$(pid)"')
    assert 0 == consumer.exit_code()
    sent = len(job.sandbox.events())
    assert 300 <= sent < BEFORE

    copied(desk, new_kafka)
    before = stopped - timedelta(minutes=11)
    desk.shell.words = {r"2026-05-01T10:00:00\.000": before.strftime("%Y-%m-%dT%H:%M:%S.000"), **desk.shell.words}
    desk.run(
        "kafka-consumer-groups.sh --bootstrap-server new-kafka.example.com:9092 --group loops-consumer "
        "--topic product-events --reset-offsets --to-datetime 2026-05-01T10:00:00.000 --execute"
    )
    begins = group.committed(new_kafka.bootstrap_servers, job.group, job.topic)
    assert {SHIFT} == set(begins.values()), "behind what is older, before all that is to be read again"
    with on_the_new_one(desk):
        job.sandbox.until_events(BEFORE, 60)
    assert_all_once(desk, made)
    assert sent == repeats(desk)


@contextmanager
def on_the_new_one(desk: Desk) -> Iterator[subprocess.Popen[str]]:
    """The consumer there, until the end, which has to be a good one."""
    desk.shell.variables["LOOPS_CONSUMER__ADMIN__PORT"] = str(desk.port)
    with desk.shell.begin("KAFKA_BOOTSTRAP_SERVERS=new-kafka.example.com:9092 loops-consumer run") as running:
        try:
            yield running
        finally:
            running.terminate()
            said, _ = running.communicate(timeout=45)
    assert 0 == running.returncode, said


def lag_of(desk: Desk) -> int | None:
    """What Kafka calls the group's lag, over all partitions; ``None`` while some have no commit."""
    said = desk.run(
        'kafka-consumer-groups.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --describe --group loops-consumer'
    )
    lags = [line.split()[5] for line in said.splitlines() if line.startswith(desk.job.group)]
    return sum(map(int, lags)) if lags and "-" not in lags else None


def copied(desk: Desk, new_kafka: RealKafka) -> None:
    """The old topic on the new cluster, each record with its partition, its key and its time, behind older ones."""
    job, ends = desk.job, desk.job.ends()
    old = round((datetime.now(UTC) - timedelta(days=2)).timestamp() * 1000)
    writer = Producer({"bootstrap.servers": new_kafka.bootstrap_servers, "log_level": 0})
    for partition in ends:
        for _ in range(SHIFT):
            writer.produce(job.topic, b"{}", partition=partition, timestamp=old)
    reader = Consumer({"bootstrap.servers": job.kafka.bootstrap_servers, "group.id": "copies", "log_level": 0})
    reader.assign([TopicPartition(job.topic, partition, 0) for partition in ends])
    left = sum(ends.values())
    while left:
        for message in reader.consume(500, 1.0):
            assert message.error() is None
            at = message.timestamp()[1]
            writer.produce(job.topic, message.value(), message.key(), partition=message.partition() or 0, timestamp=at)
            left -= 1
    reader.close()
    assert 0 == writer.flush(60)


def repeats(desk: Desk) -> int:
    """How many events Loops refused as known."""
    return sum(each.status == 409 for each in oracles.sightings(desk.job.sandbox.received()))


def assert_all_once(desk: Desk, made: list[product.Made]) -> None:
    """Nothing lost, nothing twice in effect, and what took effect did so in order."""
    seen = oracles.sightings(desk.job.sandbox.received())
    assert [] == oracles.lost(made, seen)
    assert [] == oracles.twice_in_effect(seen)
    assert [] == oracles.out_of_order([each for each in seen if each.took_effect])
