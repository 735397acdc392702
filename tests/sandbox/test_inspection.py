"""What stands on the broker in the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from consumer.sandbox.broker import MockBroker
from consumer.sandbox.inspection import Inspection
from consumer.sandbox.product import Place


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """With events in four partitions and letters in two."""
    with MockBroker() as cluster:
        cluster.create_topic("events", 4)
        cluster.create_topic("letters", 2)
        yield cluster


@pytest.fixture
def inspection(broker: MockBroker) -> Iterator[Inspection]:
    """Of the group ``g``."""
    made = Inspection(broker.bootstrap_servers, "g")
    yield made
    made.close()


def test_commits_are_the_groups_and_none_is_left_out(broker: MockBroker, inspection: Inspection) -> None:
    """A partition without a commit has none; another group's are not ours."""
    for group, offset in (("g", 7), ("other", 9)):
        client = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": group, "log_level": 0})
        client.commit(offsets=[TopicPartition("events", 2, offset)], asynchronous=False)
        client.close()
    assert {2: 7} == inspection.committed("events", range(4))
    assert {} == inspection.committed("events", [])


def test_letters_are_found_by_their_headers(broker: MockBroker, inspection: Inspection) -> None:
    """In any partition; one without headers is nowhere."""
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "log_level": 0})
    for number in range(4):
        headers: list[tuple[str, str | bytes | None]] = [
            ("__connect.errors.partition", b"0"),
            ("__connect.errors.offset", str(number).encode()),
        ]
        producer.produce("letters", b"x", partition=number % 2, headers=headers)
    producer.produce("letters", b"x", partition=0)
    assert 0 == producer.flush(20)
    assert [Place(-1, -1), *(Place(0, number) for number in range(4))] == sorted(inspection.letters("letters"))


def test_no_letters_are_no_letters(inspection: Inspection) -> None:
    """At once."""
    assert [] == inspection.letters("letters")
