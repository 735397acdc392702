"""Where a new group begins, on librdkafka's mock cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_begins import commit_begins
from consumer.adapters.kafka_peek import PeekFailed
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import MockBroker
from consumer.settings import KafkaSettings


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """One with a topic of two partitions."""
    with MockBroker() as broker:
        broker.create_topic("events", 2)
        yield broker


def test_only_a_partition_without_a_commit_begins_anew(broker: MockBroker) -> None:
    """A second one changes nothing: the group's progress is its own."""
    settings = KafkaSettings(bootstrap_servers=broker.bootstrap_servers, topics=("events",), group_id="past")

    commit_begins(settings, {TopicPartition("events", 0): 7})
    commit_begins(settings, {TopicPartition("events", 0): 3, TopicPartition("events", 1): 4})

    client = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "past", "log_level": 0})
    found = client.committed([ClientPartition("events", number) for number in range(2)], timeout=10)
    client.close()
    assert [7, 4] == [at.offset for at in found]


def test_brokers_that_do_not_answer_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the client's name of the error."""
    monkeypatch.setattr("consumer.adapters.kafka_begins._WITHIN_S", 0.2)
    settings = KafkaSettings(bootstrap_servers="127.0.0.1:9", topics=("events",), group_id="past")

    with pytest.raises(PeekFailed, match="cannot go on: "):
        commit_begins(settings, {TopicPartition("events", 0): 7})


def test_certificates_that_cannot_be_read_are_a_sentence_too() -> None:
    """No client can be made of them."""
    client = {"security.protocol": "SSL", "ssl.ca.location": "/nowhere/ca.pem"}
    settings = KafkaSettings(bootstrap_servers="127.0.0.1:9", topics=("events",), group_id="past", client=client)

    with pytest.raises(PeekFailed, match=r"cannot go on: _INVALID_ARG: .*ssl\.ca\.location"):
        commit_begins(settings, {TopicPartition("events", 0): 7})
