"""The broker has not what the group stood on, or has more: loud, counted, and the process goes on by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.cimpl import NewPartitions

from tests.kafka import product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import CLIENT, Job, MakeJob, numbers_of
from tests.waiting import until

WITHIN_S: Final = 60

EACH: Final = 10
"""Records of one partition that are written at once."""

SEES_SOON: Final[Mapping[str, Any]] = {**CLIENT, "topic.metadata.refresh.interval.ms": 500}
"""A client that notices changes of a topic soon; a minute is the default."""

SKIPPED: Final = "loops_consumer_records_skipped_by_retention_total"


@pytest.mark.parametrize("start", ("earliest", "latest"))
def test_retention_that_passed_the_commit_while_it_was_stopped_is_loud(make_job: MakeJob, start: str) -> None:
    """Six of ten records of each partition are gone: counted, and the other four arrive, under ``latest`` too."""
    job = make_job()
    job.configure(kafka={"start": start})
    first = job.start().until_ready()
    write(job, 0)
    job.sandbox.until_events(4 * EACH, WITHIN_S)
    job.until_committed()
    first.terminate()
    assert first.exit_code() == 0
    write(job, 100)
    delete(job, EACH + 6)

    consumer = job.start().until_ready()
    job.sandbox.until_events(4 * EACH + 4 * 4, WITHIN_S)
    job.until_committed()

    until(lambda: consumer.metric(SKIPPED) == 4 * 6, WITHIN_S, "the count")
    assert 4 == consumer.output().count('"kafka_records_skipped_by_retention"')
    assert consumer.status()["source"]["records_skipped_by_retention"] == 4 * 6
    assert [*range(4 * EACH), *range(100 + 4 * 6, 100 + 4 * EACH)] == sorted(numbers_of(job.sandbox.events()))


@pytest.mark.parametrize("start", ("earliest", "latest"))
def test_retention_that_passes_the_position_while_it_runs_is_loud(make_job: MakeJob, start: str) -> None:
    """Nothing is read in an outage once enough is in flight. What was read before arrives, and what is left."""
    job = make_job()
    job.configure(kafka={"start": start}, delivery={"in_flight_records_max": 1}, loops={"outage_probe_max_s": 0.5})
    consumer = job.start().until_ready()
    job.sandbox.inject(status=503)
    job.produce(of_one_partition(0))
    until(lambda: is_full(consumer.status()["partitions"][0]), WITHIN_S, "the pause")
    read = consumer.status()["partitions"][0]["position"]
    job.produce(of_one_partition(100))
    delete(job, EACH + 6, partitions=1)

    job.sandbox.heal()
    job.sandbox.until_events(read + 4, WITHIN_S)
    job.until_committed()

    until(lambda: consumer.metric(SKIPPED) == EACH + 6 - read, WITHIN_S, "the count")
    assert [*range(read), *range(106, 110)] == sorted(numbers_of(job.sandbox.events()))
    assert consumer.running


@pytest.mark.parametrize("start", ("earliest", "latest"))
def test_a_topic_that_is_deleted_and_made_anew_is_read_from_its_beginning(make_job: MakeJob, start: str) -> None:
    """It says what it waits for, and under ``latest`` too it leaves out nothing of what was written meanwhile."""
    job = make_job()
    job.configure(kafka={"start": start, "client": SEES_SOON})
    consumer = job.start().until_ready()
    write(job, 0)
    job.sandbox.until_events(4 * EACH, WITHIN_S)
    job.until_committed()
    admin = job.kafka.admin()
    admin.delete_topics([job.topic])[job.topic].result(WITHIN_S)
    until(lambda: "a topic does not exist" in waits_for(consumer), WITHIN_S, "what it waits for")

    job.kafka.create_topic(job.topic, product.PARTITIONS)
    write(job, 100)
    job.sandbox.until_events(8 * EACH, WITHIN_S)
    job.until_committed()

    assert sorted(numbers_of(job.sandbox.events())) == [*range(4 * EACH), *range(100, 100 + 4 * EACH)]
    until(lambda: not waits_for(consumer), WITHIN_S, "that it waits for nothing")
    assert consumer.running


def test_partitions_that_are_added_are_read_from_their_beginning(make_job: MakeJob) -> None:
    """By the same process, under ``latest`` too."""
    job = make_job()
    job.configure(kafka={"start": "latest", "client": SEES_SOON})
    consumer = job.start().until_ready()
    admin = job.kafka.admin()
    admin.create_partitions([NewPartitions(job.topic, product.PARTITIONS + 1)])[job.topic].result(WITHIN_S)
    until(lambda: len(admin.list_topics(job.topic).topics[job.topic].partitions) == 5, WITHIN_S, "five partitions")
    producer = Producer({"bootstrap.servers": job.kafka.bootstrap_servers, "linger.ms": 0, "log_level": 0})
    for event in product.make(EACH, users=4):
        producer.produce(job.topic, event.value(), event.key, product.PARTITIONS)
    assert 0 == producer.flush(WITHIN_S)

    job.sandbox.until_events(EACH, WITHIN_S)
    job.until_committed({4: EACH})

    assert list(range(EACH)) == sorted(numbers_of(job.sandbox.events()))
    assert 5 == len(consumer.status()["partitions"])


def is_full(partition: Mapping[str, Any]) -> bool:
    """Whether a partition of ``/status`` is not read because enough of it is in flight: all that was read."""
    read = partition["position"]
    return bool(partition["paused"] == ["full"] and read and read == partition["in_flight_records"])


def waits_for(consumer: ConsumerProcess) -> str:
    """What the consumer says that it waits for."""
    found: str = consumer.status()["source"]["waits_for"]
    return found


def write(job: Job, first: int) -> None:
    """Ten events in each of the four partitions, numbered from ``first``."""
    job.produce(product.make(4 * EACH, users=4, first=first))


def of_one_partition(first: int) -> list[product.Made]:
    """Ten events of five users in the first partition, numbered from ``first``."""
    return [product.Made(product.PARTITIONS * (number % 5), number) for number in range(first, first + EACH)]


def delete(job: Job, before_offset: int, partitions: int = product.PARTITIONS) -> None:
    """Does what retention does, in the first so many partitions."""
    admin = job.kafka.admin()
    wanted = [TopicPartition(job.topic, number, before_offset) for number in range(partitions)]
    for deleted in admin.delete_records(wanted).values():
        deleted.result(WITHIN_S)
