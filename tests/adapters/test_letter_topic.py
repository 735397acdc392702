"""What can be known of the dead-letter topic before a letter is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient

from consumer.adapters.letter_topic import LetterTopic, check_topic, what_is_wrong
from consumer.sandbox.broker import Api, MockBroker
from tests.conformance.kafka_worlds import TestConfig

if TYPE_CHECKING:
    from tests.kafka.real_kafka import RealKafka


def config(bootstrap_servers: str, topic: str) -> TestConfig:
    """Settings with this dead-letter topic."""
    return TestConfig(bootstrap_servers=bootstrap_servers, topics=("events",), dead_letter_topic=topic)


def test_a_topic_that_is_there_is_good_and_one_that_is_not_is_missing_and_not_made() -> None:
    """On a broker that cannot describe topics."""
    with MockBroker() as broker:
        broker.create_topic("letters", 1)

        assert check_topic(config(broker.bootstrap_servers, "letters"), within_s=10) is LetterTopic.GOOD
        assert check_topic(config(broker.bootstrap_servers, "absent"), within_s=10) is LetterTopic.MISSING
        admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers, "log_level": 0})
        assert "absent" not in admin.list_topics(timeout=10).topics


def test_brokers_that_break_the_connection_are_asked_again() -> None:
    """The client gives up on one question before the time is over."""
    with MockBroker() as broker:
        broker.create_topic("letters", 1)
        broker.fail_next(Api.METADATA, [KafkaError._TRANSPORT] * 7)

        assert check_topic(config(broker.bootstrap_servers, "letters"), within_s=30) is LetterTopic.GOOD


def test_kafka_says_the_same(real_kafka: RealKafka) -> None:
    """With the operations that are allowed."""
    topic = real_kafka.new_topic()

    assert check_topic(config(real_kafka.bootstrap_servers, topic), within_s=10) is LetterTopic.GOOD
    assert check_topic(config(real_kafka.bootstrap_servers, "absent"), within_s=10) is LetterTopic.MISSING
    assert "absent" not in real_kafka.admin().list_topics(timeout=10).topics


def test_brokers_that_do_not_answer_say_nothing_of_the_topic() -> None:
    """It passes by itself."""
    assert check_topic(config("127.0.0.1:1", "letters"), within_s=0.5) is LetterTopic.NO_ANSWER
    assert what_is_wrong(LetterTopic.NO_ANSWER, "letters") is None
    assert what_is_wrong(LetterTopic.NOT_LET_IN, "letters") is None


@pytest.mark.parametrize(
    ("found", "words"),
    ((LetterTopic.MISSING, '"letters" does not exist'), (LetterTopic.NOT_ALLOWED, '"letters" is not allowed')),
)
def test_what_is_wrong_names_the_topic_and_what_to_do(found: LetterTopic, words: str) -> None:
    """For whoever starts it."""
    assert words in (what_is_wrong(found, "letters") or "")


@pytest.mark.parametrize("found", (LetterTopic.GOOD, LetterTopic.NO_ANSWER))
def test_what_is_not_wrong_stops_nobody(found: LetterTopic) -> None:
    """Nobody to ask is no reason not to start."""
    assert what_is_wrong(found, "letters") is None
