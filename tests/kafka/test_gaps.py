"""Offsets that hold no record: markers of transactions, and what compaction took away."""

from __future__ import annotations

import json
from typing import Final

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType

from tests.kafka import product
from tests.kafka.job import Job, MakeJob, numbers_of
from tests.waiting import until

TRANSACTIONS: Final = 5
KEYS: Final = 20

COMPACTED: Final = {
    "cleanup.policy": "compact",
    "segment.ms": "100",
    "min.cleanable.dirty.ratio": "0.01",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "100",
}


def test_markers_of_transactions_do_not_stop_commits(make_job: MakeJob) -> None:
    """Each transaction leaves one offset without a record, and an aborted one never shows its records."""
    job = make_job()
    producer = Producer({"bootstrap.servers": job.kafka.bootstrap_servers, "transactional.id": job.group})
    producer.init_transactions(30)
    for number in range(TRANSACTIONS):
        transact(producer, job, number, commit=True)
        transact(producer, job, 1000 + number, commit=False)
    consumer = job.start().until_ready()
    job.sandbox.until_events(product.PARTITIONS * TRANSACTIONS, 60)
    job.until_committed(dict.fromkeys(range(product.PARTITIONS), 4 * TRANSACTIONS - 3))

    job.produce(product.make(product.PARTITIONS, users=product.PARTITIONS, first=2000))
    job.sandbox.until_events(product.PARTITIONS * (TRANSACTIONS + 1), 60)
    job.until_committed()

    expected = sorted([*list(range(TRANSACTIONS)) * product.PARTITIONS, *range(2000, 2000 + product.PARTITIONS)])
    assert expected == sorted(numbers_of(job.sandbox.events()))
    assert consumer.metric("loops_consumer_in_flight_records") == 0


def test_what_compaction_took_away_does_not_stop_commits(make_job: MakeJob) -> None:
    """The older record of each key is gone; the others arrive, and the commit stands at the end."""
    job = make_job(topic_config=COMPACTED)
    clean_often(job)
    for number in range(2 * KEYS):
        write(job, number, f"key-{number % KEYS}")
    until(lambda: len(left_after_a_roll(job)) == KEYS, 60, "the log is cleaned")
    consumer = job.start().until_ready()

    job.sandbox.until_events(KEYS, 60)
    job.until_committed()

    assert list(range(KEYS, 2 * KEYS)) == sorted(numbers_of(job.sandbox.events()))
    assert sum(job.ends().values()) >= 2 * KEYS
    assert consumer.metric("loops_consumer_in_flight_records") == 0


def transact(producer: Producer, job: Job, number: int, *, commit: bool) -> None:
    """One record in each partition, in one transaction; offsets 0, 2, 4, … hold records, the others markers."""
    producer.begin_transaction()
    for partition in range(product.PARTITIONS):
        event = product.Made(partition, number)
        value = event.value().replace(b"event-", f"event-{partition}-".encode())
        producer.produce(job.topic, value, event.key, partition)
    assert producer.flush(60) == 0  # what is still queued would be dropped by an abort
    if commit:
        producer.commit_transaction(30)
    else:
        producer.abort_transaction(30)


def clean_often(job: Job) -> None:
    """Lets the broker look for logs to clean every 100 ms in place of 15 s."""
    entry = ConfigEntry("log.cleaner.backoff.ms", "100", incremental_operation=AlterConfigOpType.SET)
    admin = job.kafka.admin()
    broker = ConfigResource(ResourceType.BROKER, "1", incremental_configs=[entry])
    for changed in admin.incremental_alter_configs([broker]).values():
        changed.result(20)


def write(job: Job, number: int, key: str, name: str = product.WANTED) -> None:
    """One record; the key's partition is always the same."""
    producer = Producer({"bootstrap.servers": job.kafka.bootstrap_servers, "linger.ms": 0, "log_level": 0})
    producer.produce(job.topic, product.Made(number, number, name).value(), key, number % product.PARTITIONS)
    assert producer.flush(60) == 0


def left_after_a_roll(job: Job) -> list[int]:
    """The numbers of the wanted events that are still there; a segment is cleaned once the next record rolled it."""
    for partition in range(product.PARTITIONS):
        write(job, partition, "roll", "Page Viewed")
    ends = job.ends()
    client = Consumer({"bootstrap.servers": job.kafka.bootstrap_servers, "group.id": "looks", "log_level": 0})
    client.assign([TopicPartition(job.topic, partition, 0) for partition in ends])
    found: list[int] = []
    while ends:
        for message in client.consume(100, 0.05):
            document = json.loads(message.value() or b"")
            if document["event"] == product.WANTED:
                found.append(document["properties"]["number"])
            if (message.offset() or 0) + 1 == ends.get(message.partition() or 0):
                del ends[message.partition() or 0]
    client.close()
    return found
