"""Reading what the group has committed, on librdkafka's mock cluster; the conformance suite asks a real one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, KafkaError
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_committed import QUEUE_MAX, CommittedReader, Found
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import Api, MockBroker
from tests.conformance.kafka_worlds import BrokerWorld
from tests.waiting import until

WITHIN_S = 20
ROUND_TRIP_MS = 4_000
"""Longer than a busy machine stands still."""

FIRST, SECOND = TopicPartition("events", 0), TopicPartition("events", 1)


@pytest.fixture
def answers() -> list[Found]:
    """What was told."""
    return []


@pytest.fixture
def reader(world: BrokerWorld, answers: list[Found]) -> Iterator[CommittedReader]:
    """One that nobody has asked yet."""
    reader = CommittedReader(world.config, answers.append, answer_within_s=WITHIN_S)
    yield reader
    reader.stop()


def ask(reader: CommittedReader, answers: list[Found]) -> Found:
    """Asks of both, and waits for the answer."""
    before = len(answers)
    reader.ask([FIRST, SECOND])
    until(lambda: len(answers) > before, WITHIN_S, "the answer")
    return answers[-1]


def test_what_is_committed_comes_with_its_metadata(
    world: BrokerWorld, reader: CommittedReader, answers: list[Found]
) -> None:
    """And None for a partition without a commit; the reader is no member and needs none."""
    client = Consumer({"bootstrap.servers": world.config.bootstrap_servers, "group.id": world.config.group_id})
    client.commit(offsets=[ClientPartition("events", 1, 7, "lc1:x")], asynchronous=False)
    client.close()

    assert {FIRST: None, SECOND: Committable(7, "lc1:x")} == ask(reader, answers)


@pytest.mark.parametrize(
    "error",
    (
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.STALE_MEMBER_EPOCH,
    ),
)
def test_an_error_is_an_answer_and_the_next_question_is_a_new_one(
    broker: MockBroker, reader: CommittedReader, answers: list[Found], error: int
) -> None:
    """With an ``AdminClient`` the first two would end the process."""
    assert {FIRST: None, SECOND: None} == ask(reader, answers)

    broker.fail_next(Api.OFFSET_FETCH, [error])

    assert ask(reader, answers) is None
    assert {FIRST: None, SECOND: None} == ask(reader, answers)


def test_a_coordinator_that_does_not_answer_is_waited_for_in_vain_and_bounded(
    broker: MockBroker, world: BrokerWorld, answers: list[Found]
) -> None:
    """As it is when it is down; nobody but its own thread waits meanwhile."""
    broker.take_down()
    threads: list[str] = []

    def noted(found: Found) -> None:
        threads.append(threading.current_thread().name)
        answers.append(found)

    reader = CommittedReader(world.config, noted, answer_within_s=0.5)
    reader.ask([FIRST])
    until(lambda: len(answers) == 1, WITHIN_S, "the answer")
    assert ["kafka-committed"] == threads

    assert [None] == answers
    broker.bring_up()
    until(lambda: ask(reader, answers) is not None, WITHIN_S, "it answers again")
    reader.stop()


def test_what_is_asked_while_it_waits_is_bounded_and_answered_at_once(world: BrokerWorld, answers: list[Found]) -> None:
    """Each question has its answer; its own thread is held up here for as long as the test asks."""
    told, asked = threading.Event(), threading.Event()

    def held_up(found: Found) -> None:
        if threading.current_thread().name == "kafka-committed":
            told.set()
            asked.wait(WITHIN_S)
        answers.append(found)

    reader = CommittedReader(world.config, held_up, answer_within_s=WITHIN_S)
    reader.ask([FIRST])
    assert told.wait(WITHIN_S)

    for _ in range(QUEUE_MAX + 4):
        reader.ask([FIRST])
    assert [None] * 4 == answers
    asked.set()
    until(lambda: len(answers) == QUEUE_MAX + 5, WITHIN_S, "all answers")
    reader.stop()

    assert [{FIRST: None}] * (QUEUE_MAX + 1) == answers[4:]


def test_nothing_is_told_once_it_is_stopped(broker: MockBroker, reader: CommittedReader, answers: list[Found]) -> None:
    """Not even what is under way; stopped before it was ever asked, it never begins."""
    assert ask(reader, answers) is not None
    broker.set_round_trip(ROUND_TRIP_MS)
    reader.ask([FIRST])
    reader.stop()
    reader.stop()
    thread = reader._thread
    assert thread is not None

    thread.join(WITHIN_S)

    assert not thread.is_alive()
    assert 1 == len(answers)


def test_no_partitions_need_no_broker(broker: MockBroker, reader: CommittedReader, answers: list[Found]) -> None:
    """There is nothing to be known of them."""
    broker.take_down()

    reader.ask([])
    until(lambda: len(answers) == 1, WITHIN_S, "the answer")

    assert [{}] == answers
