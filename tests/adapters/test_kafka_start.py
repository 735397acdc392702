"""Where reading begins in a new partition."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import OFFSET_BEGINNING, OFFSET_STORED, Consumer, KafkaError
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_start import Start, find_starts
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import Api, MockBroker

EVERYWHERE = [TopicPartition("events", number) for number in range(4)]
FIRST, SECOND = EVERYWHERE[:2]


@pytest.fixture
def client(broker: MockBroker) -> Iterator[Consumer]:
    """A member's client."""
    client = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "group", "log_level": 0})
    yield client
    client.close()


def committed(client: Consumer) -> dict[int, int]:
    """The group's commits by partition."""
    found = client.committed([ClientPartition(*tp) for tp in EVERYWHERE], timeout=10)
    return {at.partition: at.offset for at in found if at.offset >= 0}


def test_nothing_new_asks_nothing(client: Consumer) -> None:
    """Cooperative rebalances often bring an empty list."""
    assert {} == find_starts(client, [], EVERYWHERE, "earliest")


def test_a_commit_wins_with_what_is_kept_beside_it(client: Consumer) -> None:
    """Under ``latest`` as well."""
    client.commit(offsets=[ClientPartition(*FIRST, 7, metadata="kept")], asynchronous=False)

    expected = Start(7, Committable(7, "kept"))
    assert {FIRST: expected} == find_starts(client, [FIRST], EVERYWHERE, "earliest")
    assert {FIRST: expected} == find_starts(client, [FIRST], EVERYWHERE, "latest")


def test_without_a_commit_it_begins_at_the_earliest(client: Consumer) -> None:
    """And commits nothing for it."""
    assert {FIRST: Start(OFFSET_BEGINNING)} == find_starts(client, [FIRST], EVERYWHERE, "earliest")
    assert {} == committed(client)


def test_latest_in_a_group_without_any_commit_begins_at_the_end_and_writes_that_down(client: Consumer) -> None:
    """For every partition, so that a member that comes later begins there too."""
    ends = find_starts(client, [FIRST], EVERYWHERE, "latest")

    assert {FIRST: Start(0, Committable(0))} == ends
    assert dict.fromkeys(range(4), 0) == committed(client)


def test_latest_in_a_group_with_a_commit_anywhere_begins_at_the_earliest(client: Consumer) -> None:
    """The partition was added later: nothing of it is skipped."""
    client.commit(offsets=[ClientPartition(*SECOND, 7)], asynchronous=False)

    assert {FIRST: Start(OFFSET_BEGINNING)} == find_starts(client, [FIRST], EVERYWHERE, "latest")
    assert {1: 7} == committed(client)


def test_commits_that_cannot_be_had_are_asked_for_again(broker: MockBroker, client: Consumer) -> None:
    """A passing error changes nothing."""
    client.commit(offsets=[ClientPartition(*FIRST, 7)], asynchronous=False)
    broker.fail_next(Api.OFFSET_FETCH, [KafkaError.GROUP_AUTHORIZATION_FAILED] * 2)

    assert {FIRST: Start(7, Committable(7))} == find_starts(client, [FIRST], EVERYWHERE, "earliest")


def test_commits_that_cannot_be_had_at_all_are_left_to_the_client(broker: MockBroker, client: Consumer) -> None:
    """The rebalance goes on, without deciding anything."""
    broker.fail_next(Api.OFFSET_FETCH, [KafkaError.GROUP_AUTHORIZATION_FAILED] * 3)

    assert {FIRST: Start(OFFSET_STORED)} == find_starts(client, [FIRST], EVERYWHERE, "latest")
