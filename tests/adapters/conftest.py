"""What several of these tests read from; one that needs another broker says so itself, by the same name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from consumer.sandbox.broker import MockBroker
from tests.conformance.kafka_worlds import EMBEDDED_CLIENT, BrokerWorld
from tests.kafka.real_kafka import RealKafka


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """An embedded broker with a topic of four partitions."""
    with MockBroker() as broker:
        broker.create_topic("events", 4)
        yield broker


@pytest.fixture
def world(broker: MockBroker) -> Iterator[BrokerWorld]:
    """A group that reads it."""
    world = BrokerWorld(broker.bootstrap_servers, "events", EMBEDDED_CLIENT)
    yield world
    world.close()


@pytest.fixture
def world_of_kafka(real_kafka: RealKafka) -> Iterator[BrokerWorld]:
    """The same on Kafka itself, which takes a member in again that stood still while partitions moved."""
    world = BrokerWorld(real_kafka.bootstrap_servers, real_kafka.new_topic(partitions=4))
    yield world
    world.close()
