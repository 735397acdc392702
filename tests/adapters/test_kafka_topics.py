"""Which partitions there are."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import Consumer

from consumer.adapters import kafka_topics
from consumer.adapters.kafka_status import Waits
from consumer.adapters.kafka_topics import Topics
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import MockBroker
from tests.waiting import until

WITHIN_S = 20


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """An embedded broker with three topics."""
    with MockBroker() as broker:
        broker.create_topic("events-a", 2)
        broker.create_topic("events-b", 1)
        broker.create_topic("other", 3)
        yield broker


@pytest.fixture
def client(broker: MockBroker) -> Iterator[Consumer]:
    """Asks it."""
    client = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "group", "log_level": 0})
    yield client
    client.close()


def test_every_partition_of_the_named_topics_sorted(client: Consumer) -> None:
    """A second answer that is the same is no news."""
    topics = Topics(("other", "events-b"), Waits())

    assert topics.ask(client, within_s=10)
    assert (
        TopicPartition("events-b", 0),
        *(TopicPartition("other", number) for number in range(3)),
    ) == topics.partitions
    assert not topics.ask(client, within_s=10)


def test_a_pattern_names_every_topic_that_it_matches(broker: MockBroker, client: Consumer) -> None:
    """And those that come later."""
    topics = Topics(("^events-.*",), Waits())
    topics.ask(client, within_s=10)
    assert {"events-a", "events-b"} == {tp.topic for tp in topics.partitions}
    broker.create_topic("events-c", 1)

    assert topics.ask(client, within_s=10)
    assert 4 == len(topics.partitions)


def test_a_topic_that_does_not_exist_is_waited_for_and_not_made(client: Consumer) -> None:
    """The others are known all the same."""
    waits = Waits()
    topics = Topics(("other", "absent"), waits)

    topics.ask(client, within_s=10)

    assert 3 == len(topics.partitions)
    assert "a topic does not exist (absent): UNKNOWN_TOPIC_OR_PART" == str(waits)
    assert "absent" not in client.list_topics(timeout=10).topics


def test_a_pattern_that_matches_nothing_says_so(client: Consumer) -> None:
    """There is nothing to read yet."""
    waits = Waits()

    Topics(("^absent-",), waits).ask(client, within_s=10)

    assert "no topic matches ^absent-" == str(waits)


def test_brokers_that_do_not_answer_change_nothing(broker: MockBroker, client: Consumer) -> None:
    """What was known stays known."""
    waits = Waits()
    topics = Topics(("other",), waits)
    topics.ask(client, within_s=10)
    broker.take_down()

    assert not topics.ask(client, within_s=0.5)
    assert 3 == len(topics.partitions)
    assert "no broker answers" in str(waits)


def test_before_joining_the_clients_callbacks_say_why_nobody_answers(broker: MockBroker) -> None:
    """Nothing is subscribed to, so no record can be lost by it."""
    told: list[str] = []
    properties: dict[str, Any] = {
        "bootstrap.servers": broker.bootstrap_servers,
        "group.id": "group",
        "log_level": 0,
        "error_cb": lambda error: told.append(error.name()),
    }
    asking = Consumer(properties)
    broker.take_down()
    topics = Topics(("other",), Waits())
    topics.ask(asking, within_s=0.3)
    assert [] == told

    def said() -> bool:
        topics.ask(asking, within_s=0.3, serving=True)
        return "_ALL_BROKERS_DOWN" in told

    until(said, WITHIN_S, "that all brokers are down")
    asking.close()


def test_before_joining_they_are_asked_for_often_and_rarely_while_all_is_well(
    client: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first assignment waits for the answer."""
    now = [100.0]
    monkeypatch.setattr(kafka_topics, "time", SimpleNamespace(monotonic=lambda: now[0]))
    topics = Topics(("other",), Waits())
    assert topics.is_due(joining=False, wanting=False)
    topics.ask(client, within_s=10)

    due = []
    for seconds in (0.1, 0.2, 4.9, 5.1, 59.0, 61.0):
        now[0] = 100.0 + seconds
        due.append(
            (
                topics.is_due(joining=True, wanting=True),
                topics.is_due(joining=False, wanting=True),
                topics.is_due(joining=False, wanting=False),
            )
        )
    often, sometimes, rarely = zip(*due, strict=True)
    assert (False, True, True, True, True, True) == often
    assert (False, False, False, True, True, True) == sometimes
    assert (False, False, False, False, False, True) == rarely
