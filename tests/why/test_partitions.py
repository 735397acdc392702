"""Where producers put a key."""

from __future__ import annotations

import pytest
from confluent_kafka import Message, Producer

from consumer.sandbox.broker import MockBroker
from consumer.why.partitions import partitions_of

KEYS = (b"u1", b"usr_42", b"someone@example.com", b"a", b"abcd", "Zo\u00eb".encode())


def test_murmur2_is_kafka_s() -> None:
    """Of the keys in Kafka's own tests (UtilsTest), whose hashes are signed there."""
    hashes = {
        b"21": -973932308,
        b"foobar": -790332482,
        b"a-little-bit-long-string": -985981536,
        b"a-little-bit-longer-string": -1486304829,
        b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
        b"abc": 479470107,
    }

    many = 2**31
    assert all(hashed & 0x7FFFFFFF in partitions_of(key, many) for key, hashed in hashes.items())


@pytest.mark.parametrize("partitioner", ("consistent_random", "murmur2_random"))
def test_a_producer_s_own_choice_is_among_them(partitioner: str) -> None:
    """Of librdkafka's default, and of the one that does as Java's clients do."""
    found: dict[bytes, int] = {}

    def told(_: object, message: Message) -> None:
        key, partition = message.key(), message.partition()
        assert isinstance(key, bytes)
        assert partition is not None
        found[key] = partition

    with MockBroker() as broker:
        broker.create_topic("events", 12)
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "partitioner": partitioner})
        for key in KEYS:
            producer.produce("events", b"x", key, on_delivery=told)
        assert 0 == producer.flush(20)

    assert [] == [key for key in KEYS if found[key] not in partitions_of(key, 12)]
