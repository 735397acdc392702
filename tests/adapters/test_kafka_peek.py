"""Looking at a topic without a group, on librdkafka's mock cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_peek import Peek, PeekFailed
from consumer.adapters.kafka_span import Begin, Since
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import MockBroker
from consumer.settings import KafkaSettings

WITHOUT_CA = {"security.protocol": "SSL", "ssl.ca.location": "/nowhere/ca.pem"}


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """One with a topic of three partitions, the last of them empty."""
    with MockBroker() as broker:
        broker.create_topic("events", 3)
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
        for number in range(2_500):
            producer.produce("events", str(number), partition=number % 2, timestamp=1_000 + number)
        assert 0 == producer.flush(10)
        yield broker


def _settings(broker: MockBroker, topic: str) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=broker.bootstrap_servers, topics=(topic,), group_id="peeking")


def test_all_that_lies_there_is_read_once_and_then_it_ends(broker: MockBroker) -> None:
    """From the beginning of each partition to where it ended at first."""
    with Peek(_settings(broker, "events")) as peek:
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
        values = [int(message.value() or b"") for messages in peek for message in messages]
        producer.produce("events", "later")
        producer.flush(10)
        assert (2_500, 2_500) == (peek.records, peek.done)
    assert list(range(2_500)) == sorted(values)


def test_some_partitions_are_read_from_where_it_is_asked(broker: MockBroker) -> None:
    """And no others; the topic need not be one of the settings'. Past the end there is nothing."""
    begin = {TopicPartition("events", 1): 1_200, TopicPartition("events", 0): 9_999, TopicPartition("events", 7): 0}
    with Peek(_settings(broker, "others"), topics=["events"], begin=begin) as peek:
        found = [(message.partition(), message.offset()) for messages in peek for message in messages]
        assert ([(1, offset) for offset in range(1_200, 1_250)], 50) == (found, peek.records)
        assert [TopicPartition("events", number) for number in range(3)] == list(peek.partitions)


def test_without_an_end_what_comes_is_read_on(broker: MockBroker) -> None:
    """From the offsets that are given."""
    begin = {TopicPartition("events", 0): 1_249}
    with Peek(_settings(broker, "events"), begin=begin, endless=True) as peek:
        reading = iter(peek)
        values = [message.value() for message in next(batch for batch in reading if batch)]
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
        producer.produce("events", "later", partition=0)
        producer.flush(10)
        values += [message.value() for message in next(batch for batch in reading if batch)]
    assert [b"2498", b"later"] == values


def test_since_a_time_only_what_is_as_late_is_read(broker: MockBroker) -> None:
    """Such a broker knows no offsets by time, so it is read from the beginning, and that can be said."""
    with Peek(_settings(broker, "events"), begin=Since(3_400)) as peek:
        values = [int(message.value() or b"") for messages in peek for message in messages]
        assert (list(range(2_400, 2_500)), False) == (sorted(values), peek.by_time)


def test_from_now_on_what_comes_is_read_until_nobody_asks(broker: MockBroker) -> None:
    """Where nothing comes there is an empty batch, again and again, so that whoever asks may stop."""
    with Peek(_settings(broker, "events"), begin=Begin.NOW) as peek:
        batches = iter(peek)
        assert ([], []) == (next(batches), next(batches))
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
        producer.produce("events", "later")
        assert 0 == producer.flush(10)
        assert [b"later"] == [message.value() for message in next(batch for batch in batches if batch)]
        assert 0 == peek.records


def test_how_far_it_is_can_be_told_within_a_partition(broker: MockBroker) -> None:
    """What is done only grows, and is in the end what there was."""
    with Peek(_settings(broker, "events")) as peek:
        done = [peek.done for _ in peek]
    assert done == sorted(done)
    assert (2_500, True) == (done[-1], any(0 < each < 1_250 or 1_250 < each < 2_500 for each in done))


def test_some_partitions_may_be_read_before_the_others(broker: MockBroker) -> None:
    """What is done is that of all of them."""
    with Peek(_settings(broker, "events")) as peek:
        first = {message.partition() for messages in peek.read([TopicPartition("events", 1)]) for message in messages}
        half = peek.done
        rest = [TopicPartition("events", 0), TopicPartition("events", 2)]
        others = {message.partition() for messages in peek.read(rest) for message in messages}
        assert ({1}, 1_250, {0}, 2_500) == (first, half, others, peek.done)


def test_nothing_is_committed(broker: MockBroker) -> None:
    """The group has what it had."""
    with Peek(_settings(broker, "events")) as peek:
        read = sum(len(messages) for messages in peek)
    asking = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "peeking"})
    committed = asking.committed([ClientPartition("events", 0)], timeout=10)
    asking.close()
    assert (2_500, [True]) == (read, [at.offset < 0 for at in committed])


def test_where_no_broker_answers_it_is_said_where_and_what_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of the settings."""
    monkeypatch.setattr("consumer.adapters.kafka_peek._ASK_WITHIN_S", 0.5)
    with pytest.raises(PeekFailed, match=r"^no broker answers at 127\.0\.0\.1:1 within 0\.5 s; look at kafka\.boot"):
        Peek(KafkaSettings(bootstrap_servers="127.0.0.1:1", topics=("events",), group_id="peeking"))


def test_a_topic_that_is_not_there_is_said(broker: MockBroker) -> None:
    """With its name."""
    with pytest.raises(PeekFailed, match="nowhere"):
        Peek(_settings(broker, "nowhere"))


def test_certificates_that_cannot_be_read_are_a_sentence() -> None:
    """As in the moment in which they are replaced: who reads again makes another client."""
    with pytest.raises(PeekFailed, match=r"^the Kafka client cannot go on: _INVALID_ARG: .*ssl\.ca\.location"):
        Peek(KafkaSettings(bootstrap_servers="127.0.0.1:1", topics=("events",), group_id="peeking", client=WITHOUT_CA))
