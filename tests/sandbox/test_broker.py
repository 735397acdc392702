"""The embedded broker: an ordinary client works with it, and every fault that it can make is seen by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from consumer.sandbox.broker import Api, MockBroker
from tests.waiting import until


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """A cluster of two brokers with the topic ``events`` of three partitions."""
    with MockBroker(brokers=2) as cluster:
        cluster.create_topic("events", 3)
        yield cluster


@pytest.fixture
def consumer(broker: MockBroker) -> Iterator[Consumer]:
    """A client of the group ``g`` that commits by hand."""
    client = Consumer(
        {
            "bootstrap.servers": broker.bootstrap_servers,
            "group.id": "g",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "log_level": 0,
        }
    )
    yield client
    client.close()


def test_a_topic_has_the_partitions_it_was_made_with(consumer: Consumer) -> None:
    """Clients see the topic as it was made."""
    assert set(consumer.list_topics("events", timeout=10).topics["events"].partitions) == {0, 1, 2}


def test_a_group_reads_what_was_produced(broker: MockBroker, consumer: Consumer) -> None:
    """Records of every partition reach a member, which waits for no other to join."""
    produce(broker, 30)
    consumer.subscribe(["events"])
    read: list[bytes | None] = []

    def all_read() -> bool:
        read.extend(message.value() for message in consumer.consume(100, 0.05))
        return len(read) >= 30

    until(all_read, 20, "30 records")

    assert {str(number).encode() for number in range(30)} == set(read)


def test_the_next_commit_fails_as_told_and_the_one_after_does_not(broker: MockBroker, consumer: Consumer) -> None:
    """An error is used up by one request."""
    broker.fail_next(Api.OFFSET_COMMIT, [KafkaError.ILLEGAL_GENERATION])

    with pytest.raises(KafkaException) as refused:
        commit(consumer, 1)
    commit(consumer, 2)

    assert refused.value.args[0].code() == KafkaError.ILLEGAL_GENERATION
    assert consumer.committed([TopicPartition("events", 0)], timeout=10)[0].offset == 2


def test_errors_that_are_to_come_can_be_taken_back(broker: MockBroker, consumer: Consumer) -> None:
    """A test that is done with a fault leaves none behind."""
    broker.fail_next(Api.OFFSET_COMMIT, [KafkaError.ILLEGAL_GENERATION] * 9)
    broker.stop_failing(Api.OFFSET_COMMIT)

    commit(consumer, 3)

    assert consumer.committed([TopicPartition("events", 0)], timeout=10)[0].offset == 3


def test_deleted_records_are_gone_from_the_front(broker: MockBroker, consumer: Consumer) -> None:
    """Retention can be had at once."""
    produce(broker, 30)

    broker.delete_records("events", 1, 4)

    assert consumer.get_watermark_offsets(TopicPartition("events", 1), timeout=10) == (4, 10)
    assert consumer.get_watermark_offsets(TopicPartition("events", 2), timeout=10) == (0, 10)


def test_a_cluster_that_is_down_answers_nobody_until_it_is_up(broker: MockBroker, consumer: Consumer) -> None:
    """A broker can go away and come back with what it held."""
    produce(broker, 3)
    broker.take_down()
    with pytest.raises(KafkaException):
        consumer.get_watermark_offsets(TopicPartition("events", 0), timeout=0.2)

    broker.bring_up()

    assert consumer.get_watermark_offsets(TopicPartition("events", 0), timeout=20) == (0, 1)


def test_answers_can_be_delayed(broker: MockBroker, consumer: Consumer) -> None:
    """A round trip longer than the client's patience is a time-out, a shorter one an answer."""
    consumer.get_watermark_offsets(TopicPartition("events", 0), timeout=10)
    broker.set_round_trip(30_000)
    with pytest.raises(KafkaException) as late:
        consumer.get_watermark_offsets(TopicPartition("events", 0), timeout=0.2)

    assert late.value.args[0].code() == KafkaError._TIMED_OUT


def test_coordinator_and_leader_can_move(broker: MockBroker, consumer: Consumer) -> None:
    """Clients follow to the broker that is named."""
    for number in (2, 1):
        broker.move_coordinator("g", number)
        broker.move_leader("events", 0, number)
        leader = consumer.list_topics("events", timeout=10).topics["events"].partitions[0].leader
        commit(consumer, number)

        assert number == leader
        assert consumer.committed([TopicPartition("events", 0)], timeout=10)[0].offset == number


def test_what_the_cluster_does_not_know_is_refused(broker: MockBroker) -> None:
    """A fault that would hit nothing is an error of the test."""
    with pytest.raises(ValueError, match="TOPIC_ALREADY_EXISTS"):
        broker.create_topic("events", 3)
    with pytest.raises(ValueError, match="UNKNOWN_TOPIC_OR_PART"):
        broker.delete_records("events", 9, 1)
    with pytest.raises(ValueError, match="BROKER_NOT_AVAILABLE"):
        broker.take_down(9)


def test_a_closed_broker_says_so() -> None:
    """Closing twice is nothing; asking later is an error, not a crash of the process."""
    broker = MockBroker()
    broker.close()
    broker.close()

    with pytest.raises(RuntimeError, match="closed"):
        broker.create_topic("events", 1)


def produce(broker: MockBroker, records: int) -> None:
    """Writes so many records, in turn to the three partitions."""
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "log_level": 0})
    for number in range(records):
        producer.produce("events", str(number).encode(), partition=number % 3)
    assert producer.flush(20) == 0


def commit(consumer: Consumer, offset: int) -> None:
    """Commits partition 0, and waits for the answer."""
    consumer.commit(offsets=[TopicPartition("events", 0, offset)], asynchronous=False)
