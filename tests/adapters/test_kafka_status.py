"""What the source says that it waits for."""

from __future__ import annotations

import structlog
from confluent_kafka import KafkaError

from consumer.adapters.kafka_status import Waits


def test_what_passes_by_itself_is_noted_until_the_good_news_comes() -> None:
    """Each kind ends with its own news."""
    waits = Waits()
    waits.note(KafkaError(KafkaError._ALL_BROKERS_DOWN))
    waits.note(KafkaError(KafkaError._UNKNOWN_TOPIC), "events")
    assert "no broker answers: _ALL_BROKERS_DOWN; a topic does not exist (events): _UNKNOWN_TOPIC" == str(waits)

    waits.brokers_answer()
    assert "a topic does not exist (events): _UNKNOWN_TOPIC" == str(waits)

    waits.topics_exist()
    assert not waits


def test_wrong_credentials_are_loud_and_waited_for() -> None:
    """Someone may set them right: it goes on by itself then."""
    waits = Waits()
    with structlog.testing.capture_logs() as lines:
        assert waits.note(KafkaError(KafkaError._AUTHENTICATION))
        assert waits.note(KafkaError(KafkaError._AUTHENTICATION))

    assert ["error"] == [line["log_level"] for line in lines]
    assert "the brokers refuse the credentials: _AUTHENTICATION" == str(waits)


def test_another_error_is_not_waited_for() -> None:
    """Whoever asked has to do something about it."""
    waits = Waits()

    assert not waits.note(KafkaError(KafkaError._BAD_MSG))
    assert not waits


def test_a_question_without_an_answer_is_about_the_brokers() -> None:
    """Whatever the client calls it."""
    waits = Waits()
    waits.no_answer(KafkaError(KafkaError._TRANSPORT))

    assert "no broker answers: _TRANSPORT" == str(waits)
    waits.reading()
    assert not waits
