"""The broker that the tests stand on does what they take for granted."""

from __future__ import annotations

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from tests.kafka.real_kafka import RealKafka
from tests.waiting import until

METADATA_LENGTH_MAX = (
    4095  # the broker's offset.metadata.max.bytes is 4,096, and the client sends a NUL behind the text
)


def test_a_thousand_records_come_back_from_four_partitions(real_kafka: RealKafka) -> None:
    """What is produced is consumed, each once, in the order of its partition."""
    topic = real_kafka.new_topic(partitions=4)
    producer = Producer({"bootstrap.servers": real_kafka.bootstrap_servers})
    for number in range(1000):
        producer.produce(topic, str(number).encode(), partition=number % 4)
    assert producer.flush(60) == 0

    read: list[tuple[int, int]] = []
    consumer = _consumer(real_kafka, "thousand")
    consumer.subscribe([topic])

    def all_read() -> bool:
        for message in consumer.consume(1000, 0.1):
            assert message.error() is None
            read.append((message.partition() or 0, int(message.value() or b"")))
        return len(read) >= 1000

    until(all_read, 30, "1,000 records")
    consumer.close()

    produced = [[number for number in range(1000) if number % 4 == partition] for partition in range(4)]
    assert produced == [[number for found, number in read if found == partition] for partition in range(4)]


def test_a_commit_takes_4095_bytes_of_metadata_and_no_more(real_kafka: RealKafka) -> None:
    """The codec of the commit's metadata has one byte less than the broker's 4,096: the client's NUL takes it."""
    topic = real_kafka.new_topic()
    consumer = _consumer(real_kafka, "metadata")
    longest = "m" * METADATA_LENGTH_MAX
    consumer.commit(offsets=[TopicPartition(topic, 0, 1, metadata=longest)], asynchronous=False)

    with pytest.raises(KafkaException) as refused:
        consumer.commit(offsets=[TopicPartition(topic, 0, 2, metadata=f"{longest}m")], asynchronous=False)
    committed = consumer.committed([TopicPartition(topic, 0)], timeout=10)[0]
    consumer.close()

    assert refused.value.args[0].code() == KafkaError.OFFSET_METADATA_TOO_LARGE
    assert (committed.offset, committed.metadata) == (1, longest)


def test_a_restart_keeps_address_and_records(real_kafka: RealKafka) -> None:
    """Tests may restart the broker under a running client."""
    topic = real_kafka.new_topic()
    address = real_kafka.bootstrap_servers
    producer = Producer({"bootstrap.servers": address, "log_level": 0})
    producer.produce(topic, b"kept")
    assert producer.flush(60) == 0

    real_kafka.restart()

    consumer = _consumer(real_kafka, "restart")
    assert address == real_kafka.bootstrap_servers
    until(lambda: _ends(consumer, topic) == (0, 1), 60, "the record of before")
    consumer.close()


def _ends(consumer: Consumer, topic: str) -> tuple[int, int] | None:
    """Where the topic begins and ends; None while the broker does not lead it yet."""
    try:
        return consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)
    except KafkaException:
        return None


def _consumer(kafka: RealKafka, group: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": kafka.bootstrap_servers,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
