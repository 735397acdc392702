"""Asking a group without joining it, on librdkafka's mock cluster; tests/kafka asks a real one."""

from __future__ import annotations

import pytest
from confluent_kafka import Consumer, KafkaError
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_group import GroupUnknown, committed, members
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import Api, MockBroker
from consumer.settings import KafkaSettings


def settings(broker: MockBroker) -> KafkaSettings:
    """A group that reads there."""
    return KafkaSettings(bootstrap_servers=broker.bootstrap_servers, topics=("events",), group_id="asked")


def test_what_is_committed_comes_with_its_metadata(broker: MockBroker) -> None:
    """And nothing where the group has no commit."""
    client = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "asked"})
    client.commit(offsets=[ClientPartition("events", 1, 7, "lc1:x")], asynchronous=False)
    client.close()

    found = committed(settings(broker), [TopicPartition("events", 0), TopicPartition("events", 1)])

    assert {("events", 0): None, ("events", 1): Committable(7, "lc1:x")} == found


def test_a_group_that_may_not_be_seen_is_told(broker: MockBroker) -> None:
    """With the client's name of the error."""
    broker.fail_next(Api.OFFSET_FETCH, [KafkaError.GROUP_AUTHORIZATION_FAILED])

    with pytest.raises(GroupUnknown, match="GROUP_AUTHORIZATION_FAILED"):
        committed(settings(broker), [TopicPartition("events", 0)])


def test_a_broker_that_does_not_tell_members_is_no_failure(broker: MockBroker) -> None:
    """As this one does not."""
    assert members(settings(broker)) is None


def test_certificates_that_cannot_be_read_keep_the_group_unknown(broker: MockBroker) -> None:
    """No client can be made of them; whoever asked goes on without."""
    client = {"security.protocol": "SSL", "ssl.ca.location": "/nowhere/ca.pem"}
    without = settings(broker).model_copy(update={"client": client})

    with pytest.raises(GroupUnknown, match=r"cannot go on: _INVALID_ARG: .*ssl\.ca\.location"):
        committed(without, [TopicPartition("events", 0)])
    assert members(without) is None
