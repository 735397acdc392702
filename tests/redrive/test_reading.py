"""The dead-letter topic, read twice: what lies there, and what was chosen of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from consumer.adapters.kafka_peek import Peek, PeekFailed
from consumer.adapters.letter_headers import letter_headers
from consumer.adapters.letter_marks import mark_headers
from consumer.adapters.letter_reading import Mark
from consumer.redrive.reading import surveyed, with_values
from consumer.redrive.survey import Survey
from consumer.sandbox.broker import MockBroker
from tests.conformance.kafka_worlds import TestConfig
from tests.redrive.making import LETTERS, at, refused


@pytest.fixture
def config() -> Iterator[TestConfig]:
    """A dead-letter topic of two partitions: 1,500 letters in the first and three in the other; two are marked."""
    with MockBroker() as broker:
        broker.create_topic(LETTERS, 2)
        producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "linger.ms": 5})
        headers = letter_headers(refused())
        for number in range(1_503):
            producer.produce(LETTERS, str(number), partition=int(number >= 1_500), headers=headers)
        for mark in (Mark(at(700), "delivered", 0), Mark(at(1, 1), "delivered", 0)):
            producer.produce(LETTERS, partition=mark.of.partition, headers=mark_headers(mark))
        producer.produce(LETTERS, "of another", partition=1)
        assert producer.flush(20) == 0
        yield TestConfig(
            bootstrap_servers=broker.bootstrap_servers,
            topics=("events",),
            group_id="g",
            dead_letter_topic=LETTERS,
            client={},
        )


def test_all_that_lies_there_is_taken_in(config: TestConfig) -> None:
    """And told how far it has come."""
    survey, read = Survey(lambda letter: letter.at.partition == 1), list[int]()
    with Peek(config, topics=[LETTERS]) as peek:
        surveyed(peek, survey, read.append)

    assert ([at(0, 1), at(2, 1)], {"no dead letter": 1}) == ([letter.at for letter in survey.open()], survey.others)
    assert (1_506, sorted(read)) == (peek.done, read)


def test_chosen_letters_come_with_all_they_hold_in_each_partition_s_order(config: TestConfig) -> None:
    """Whatever the order in which they were chosen; nothing else comes, and then it ends."""
    chosen = [at(1_400), at(2, 1), at(3), at(0, 1), at(1_499)]

    found = [letter for letters in with_values(config, chosen) for letter in letters]

    assert {letter.at: letter.record.value for letter in found} == {
        at(3): b"3",
        at(1_400): b"1400",
        at(1_499): b"1499",
        at(0, 1): b"1500",
        at(2, 1): b"1502",
    }
    for partition in (0, 1):
        offsets = [letter.at.offset for letter in found if letter.at.partition == partition]
        assert sorted(offsets) == offsets


def test_what_is_gone_or_no_letter_does_not_come(config: TestConfig) -> None:
    """And nobody waits for it."""
    found = [letter for letters in with_values(config, [at(9_999), at(1_500), at(7)]) for letter in letters]

    assert [at(7)] == [letter.at for letter in found]


def test_where_nothing_is_chosen_nobody_is_asked() -> None:
    """Not even whether brokers are there."""
    nobody = TestConfig(
        bootstrap_servers="127.0.0.1:1", topics=("events",), group_id="g", dead_letter_topic=LETTERS, client={}
    )

    assert [] == list(with_values(nobody, []))


def test_a_topic_that_is_not_there_is_said(config: TestConfig) -> None:
    """With its name."""
    with pytest.raises(PeekFailed, match="nowhere"):
        next(with_values(config.model_copy(update={"dead_letter_topic": "nowhere"}), [at(0)]))
