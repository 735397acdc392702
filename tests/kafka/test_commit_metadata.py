"""What stands beside the committed offsets, as another version of the program left it."""

from __future__ import annotations

from confluent_kafka import Consumer, TopicPartition

from consumer.core.completions import Completions, decode
from tests.kafka import product
from tests.kafka.job import MakeJob, numbers_of

OFFSET = 7
OF_VERSION_1 = "lc1:GDijO0000000992-~"
"""Written by version 1 beside offset 7: that 8 is finished."""
RECORDS = 12


def test_what_version_1_called_finished_is_not_sent_again(make_job: MakeJob) -> None:
    """An upgrade in the middle of a backlog sends nothing twice, and its own commits take the old one's place."""
    assert Completions(((8, 8),)) == decode(OF_VERSION_1, offset=OFFSET)
    job = make_job()
    job.produce(product.Made(number * product.PARTITIONS, number) for number in range(RECORDS))
    client = Consumer({"bootstrap.servers": job.kafka.bootstrap_servers, "group.id": job.group})
    client.commit(offsets=[TopicPartition(job.topic, 0, OFFSET, OF_VERSION_1)], asynchronous=False)
    client.close()

    consumer = job.start().until_ready()
    job.sandbox.until_events(4, 60)
    job.until_committed({0: RECORDS})

    assert [7, 9, 10, 11] == sorted(numbers_of(job.sandbox.events()))
    assert 0 == consumer.metric("loops_consumer_ignored_metadata_total")
    assert 1 == consumer.metric("loops_consumer_finished_records_total", fate="already_finished")
    assert not job.commits()[0].metadata.startswith("lc1:")
