"""A look at a topic from a time on, on a real Kafka, which knows offsets by time."""

from __future__ import annotations

from confluent_kafka import Producer

from consumer.adapters.kafka_peek import Peek
from consumer.adapters.kafka_span import Since
from consumer.settings import KafkaSettings
from tests.kafka.real_kafka import RealKafka

_FIRST_MS = 1_777_629_600_000


def test_since_a_time_nothing_before_it_is_read(real_kafka: RealKafka) -> None:
    """Of each partition from its own first record of that time on; of one that ended before, nothing."""
    topic = real_kafka.new_topic(3, {"retention.ms": "-1"})  # the times are long past
    producer = Producer({"bootstrap.servers": real_kafka.bootstrap_servers})
    for number in range(3_000):
        producer.produce(topic, str(number), partition=number // 1_000, timestamp=_FIRST_MS + number)
    assert 0 == producer.flush(60)
    kafka = KafkaSettings(bootstrap_servers=real_kafka.bootstrap_servers, topics=(topic,), group_id="peeking")

    with Peek(kafka, begin=Since(_FIRST_MS + 1_900)) as peek:
        values = [int(message.value() or b"") for messages in peek for message in messages]
        assert (1_100, 1_100, True) == (peek.records, peek.done, peek.by_time)
    assert list(range(1_900, 3_000)) == sorted(values)

    with Peek(kafka, begin=Since(_FIRST_MS + 3_000)) as peek:
        assert ([], True) == ([message for messages in peek for message in messages], peek.by_time)
