"""Marks on the dead-letter topic, on librdkafka's mock cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, KafkaError, Message
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_config import letters_properties
from consumer.adapters.letter_marks import KafkaMarks
from consumer.adapters.letter_reading import Mark, read_letter
from consumer.sandbox.broker import Api, MockBroker
from tests.conformance.kafka_worlds import TestConfig
from tests.redrive.making import LETTERS, at
from tests.waiting import until

NOW_MS = 1_777_629_600_000


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """One with a dead-letter topic of two partitions."""
    with MockBroker() as broker:
        broker.create_topic(LETTERS, 2)
        yield broker


def config_of(broker: MockBroker) -> TestConfig:
    """Settings with this topic."""
    return TestConfig(
        bootstrap_servers=broker.bootstrap_servers, topics=("events",), dead_letter_topic=LETTERS, client={}
    )


def read(broker: MockBroker, partition: int, count: int) -> list[Message]:
    """The first records of a partition."""
    reader = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "reader", "log_level": 0})
    reader.assign([ClientPartition(LETTERS, partition, 0)])
    found: list[Message] = []

    def all_there() -> bool:
        found.extend(reader.consume(count - len(found), 0.1))
        return len(found) >= count

    until(all_there, 20, f"{count} marks")
    reader.close()
    return found


async def test_a_mark_lies_behind_its_letter_without_key_and_value(broker: MockBroker) -> None:
    """In the same partition, so that it lives as long; where a topic is compacted it takes no letter's place."""
    marks = [Mark(at(3, 1), "delivered", NOW_MS), Mark(at(0, 0), "dead_lettered", NOW_MS), Mark(at(9, 1), "", 0)]

    written = await KafkaMarks(config_of(broker)).write(marks)

    assert ({mark.of for mark in marks}, None) == (written.confirmed, written.error)
    lying = {partition: read(broker, partition, count) for partition, count in ((0, 1), (1, 2))}
    assert [marks[1]] == [read_letter(message) for message in lying[0]]
    assert [marks[0].of, marks[2].of] == [
        found.of for message in lying[1] if isinstance(found := read_letter(message), Mark)
    ]
    assert {(None, None)} == {(message.key(), message.value()) for found in lying.values() for message in found}


async def test_those_that_the_broker_does_not_take_are_told_and_can_be_written_again(broker: MockBroker) -> None:
    """Each is judged alone."""
    marks = KafkaMarks(config_of(broker))
    broker.fail_next(Api.PRODUCE, [KafkaError.TOPIC_AUTHORIZATION_FAILED])

    first = await marks.write([Mark(at(0), "delivered", NOW_MS)])
    second = await marks.write([Mark(at(0), "delivered", NOW_MS)])

    assert (set(), "TOPIC_AUTHORIZATION_FAILED") == (first.confirmed, first.error)
    assert ({at(0)}, None) == (second.confirmed, second.error)


async def test_after_a_fatal_error_another_client_takes_over(broker: MockBroker) -> None:
    """It is told with the client's name of the error."""
    marks = KafkaMarks(config_of(broker))
    broker.fail_next(Api.INIT_PRODUCER_ID, [KafkaError.CLUSTER_AUTHORIZATION_FAILED])

    first = await marks.write([Mark(at(0), "delivered", NOW_MS)])
    second = await marks.write([Mark(at(0), "delivered", NOW_MS)])

    assert set() == first.confirmed
    assert first.error
    assert ({at(0)}, None) == (second.confirmed, second.error)


async def test_brokers_that_are_gone_are_waited_for_no_longer_than_the_client_does(
    broker: MockBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the marks are owed still."""
    monkeypatch.setattr(
        "consumer.adapters.letter_marks.letters_properties",
        lambda config: {**letters_properties(config), "message.timeout.ms": 300},
    )
    broker.take_down()

    written = await KafkaMarks(config_of(broker)).write([Mark(at(0), "delivered", NOW_MS)])

    assert (set(), "_MSG_TIMED_OUT") == (written.confirmed, written.error)


async def test_no_marks_need_no_broker() -> None:
    """Nothing is waited for."""
    nobody = TestConfig(bootstrap_servers="127.0.0.1:1", topics=("events",), dead_letter_topic=LETTERS, client={})

    written = await KafkaMarks(nobody).write([])

    assert (set(), None) == (written.confirmed, written.error)
