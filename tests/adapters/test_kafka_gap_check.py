"""What the broker has in a gap, asked on librdkafka's mock cluster."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError

from consumer.adapters import kafka_gap_check
from consumer.adapters.kafka_gap_check import QUEUE_MAX, Checked, Gap, GapChecker
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import Api, MockBroker
from tests.conformance.kafka_worlds import BrokerWorld, TestConfig
from tests.waiting import until

WITHIN_S = 20

FIRST, SECOND = TopicPartition("events", 0), TopicPartition("events", 1)


@pytest.fixture
def checker(world: BrokerWorld) -> Iterator[GapChecker]:
    """One that nobody has asked yet."""
    checker = GapChecker(world.config)
    yield checker
    checker.stop()


def gap(first: int, end: int, partition: TopicPartition = FIRST) -> Gap:
    """Under the first epoch."""
    return Gap(partition, 1, first, end)


def check(checker: GapChecker, *gaps: Gap) -> list[Checked]:
    """Asks, and waits for as many answers."""
    assert all(checker.ask(asked) for asked in gaps)
    answers: list[Checked] = []

    def answered() -> bool:
        answers.extend(checker.answers())
        return len(answers) == len(gaps)

    until(answered, WITHIN_S, "the answers")
    return answers


def test_the_first_record_in_a_gap_is_found(world: BrokerWorld, checker: GapChecker) -> None:
    """Partition by partition, in the order in which it was asked."""
    world.produce(0, 10)
    world.produce(1, 10)
    asked = [gap(3, 6), gap(5, 6, SECOND), gap(0, 1)]

    assert [Checked(asked[0], 3), Checked(asked[1], 5), Checked(asked[2], 0)] == check(checker, *asked)


def test_a_record_behind_the_gap_is_none_in_it(broker: MockBroker, world: BrokerWorld, checker: GapChecker) -> None:
    """What was there is gone: reading from the gap brings the record at which we went on."""
    world.produce(0, 10)
    broker.delete_records("events", 0, 6)

    assert [Checked(gap(3, 6))] == check(checker, gap(3, 6))
    assert [Checked(gap(3, 7), 6)] == check(checker, gap(3, 7))


def test_the_end_of_the_partition_is_an_answer(world: BrokerWorld, checker: GapChecker) -> None:
    """Nothing lies in the gap, nor behind it."""
    world.produce(0, 5)

    assert [Checked(gap(5, 7))] == check(checker, gap(5, 7))


def test_a_partition_that_ends_before_the_gap_is_another_one(world: BrokerWorld, checker: GapChecker) -> None:
    """The topic was made anew: its records are not those that are missed."""
    world.produce(0, 5)

    assert [Checked(gap(50, 70), error="the topic was made anew")] == check(checker, gap(50, 70))


def test_an_error_is_no_answer(broker: MockBroker, world: BrokerWorld, checker: GapChecker) -> None:
    """It says which."""
    world.produce(0, 5)
    broker.fail_next(Api.FETCH, [KafkaError.TOPIC_AUTHORIZATION_FAILED])

    assert [Checked(gap(3, 4), error="TOPIC_AUTHORIZATION_FAILED")] == check(checker, gap(3, 4))
    assert [Checked(gap(3, 4), 3)] == check(checker, gap(3, 4))


def test_brokers_that_do_not_answer_are_waited_for_within_bounds(world: BrokerWorld, broker: MockBroker) -> None:
    """And an end meanwhile is not held up."""
    world.produce(0, 5)
    broker.take_down()
    checker = GapChecker(world.config, answer_within_s=0.3)

    (answer,) = check(checker, gap(3, 4))
    assert answer.error

    checker.ask(gap(3, 4))
    checker.stop()
    until(lambda: not threads(), WITHIN_S, "the end of its thread")


def test_properties_that_the_client_refuses_are_no_answer() -> None:
    """The reading client had the same, so this cannot be; it must not end the thread all the same."""
    config = TestConfig(bootstrap_servers="127.0.0.1:1", topics=("events",), group_id="g", client={"ssl.nonsense": 1})
    checker = GapChecker(config)

    assert ["_INVALID_ARG", "_INVALID_ARG"] == [
        check(checker, gap(0, 1))[0].error,
        check(checker, gap(0, 1))[0].error,
    ]

    checker.stop()


def test_nothing_is_opened_before_the_first_gap_and_it_is_closed_when_not_needed(
    world: BrokerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And made again at the next gap."""
    made: list[Consumer] = []

    def noted(properties: dict[str, Any]) -> Consumer:
        made.append(Consumer(properties))
        return made[-1]

    monkeypatch.setattr(kafka_gap_check, "Consumer", noted)
    world.produce(0, 5)
    checker = GapChecker(world.config, idle_s=0.2)
    assert ([], []) == (threads(), made)

    for clients in (1, 2):
        assert [Checked(gap(3, 4), 3)] == check(checker, gap(3, 4))
        assert clients == len(made)
        until(lambda: not checker.connected, WITHIN_S, "closed")

    assert threads()
    checker.stop()
    until(lambda: not threads(), WITHIN_S, "the end of its thread")


def test_the_queue_is_bounded_and_asking_never_waits(world: BrokerWorld, broker: MockBroker) -> None:
    """What does not fit is refused; one more than the queue holds is in work."""
    world.produce(0, 5)
    broker.take_down()
    checker = GapChecker(world.config)

    taken = [checker.ask(gap(3, 4)) for _ in range(QUEUE_MAX + 5)]

    assert QUEUE_MAX <= taken.count(True) <= QUEUE_MAX + 1
    checker.stop()
    checker.stop()


def test_it_joins_no_group_and_commits_nothing(world: BrokerWorld, checker: GapChecker) -> None:
    """The group has what it had."""
    world.produce(0, 5)
    check(checker, gap(3, 4))
    checker.stop()

    assert {} == dict(world.commits())


def threads() -> list[threading.Thread]:
    """Those of checkers."""
    return [thread for thread in threading.enumerate() if thread.name == "kafka-gaps"]
