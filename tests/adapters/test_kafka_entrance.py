"""What the group says to a process that it does not take in, or puts out, and what the process then does and says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from confluent_kafka import Consumer, KafkaError

from consumer.adapters.kafka_entrance import AGAIN_AFTER_S, BROKEN_CLIENTS_MAX, Entrance, is_member
from consumer.adapters.kafka_status import Waits
from consumer.sandbox.broker import MockBroker
from tests.conformance.kafka_worlds import TestConfig
from tests.waiting import until

WITHIN_S = 10


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """An embedded broker with one partition."""
    with MockBroker() as broker:
        broker.create_topic("events", 1)
        yield broker


def config(protocol: str = "consumer") -> TestConfig:
    """A member with a name of its own."""
    return TestConfig(
        bootstrap_servers="kafka:9092",
        topics=("events",),
        group_id="orders",
        group_instance_id="pod-0",
        client={"group.protocol": protocol},
    )


def fatal(code: int) -> KafkaError:
    """As the client tells it: by a number that stands for every fatal error, and the real one's text."""
    return KafkaError(KafkaError._FATAL, f"Fatal error: {KafkaError(code).str()}: ConsumerGroupHeartbeat fatal error")


class Stuck:
    """Stands for a client that takes as long to be destroyed as a test wants."""

    def __init__(self, may_end: threading.Event, threads: list[str]) -> None:
        """Notes the thread that destroys it."""
        self._may_end = may_end
        self._threads = threads

    def __del__(self) -> None:
        """Waits."""
        self._threads.append(threading.current_thread().name)
        self._may_end.wait(WITHIN_S)


def test_a_place_that_is_still_held_is_waited_for_and_said() -> None:
    """A pod that was killed holds up its successor; what the brokers call the time is named."""
    waits = Waits()
    entrance, before = Entrance(config(), waits), time.monotonic()

    assert entrance.keeps_out(fatal(KafkaError.UNRELEASED_INSTANCE_ID))

    assert entrance.kept_out
    waits_s = entrance.waits_s
    assert AGAIN_AFTER_S - (time.monotonic() - before) <= waits_s <= AGAIN_AFTER_S
    for part in ('"pod-0"', "group.consumer.session.timeout.ms", "UNRELEASED_INSTANCE_ID"):
        assert part in str(waits)
    waits.reading()
    assert "" == str(waits)


def test_a_group_that_is_not_allowed_is_waited_for_under_the_new_protocol_too() -> None:
    """The classic one's client goes on by itself; this one's is broken by it."""
    waits = Waits()

    assert Entrance(config(), waits).keeps_out(fatal(KafkaError.GROUP_AUTHORIZATION_FAILED))
    assert "the consumer group is not allowed: GROUP_AUTHORIZATION_FAILED" == str(waits)


@pytest.mark.parametrize(
    "error",
    (
        fatal(KafkaError.FENCED_INSTANCE_ID),
        fatal(KafkaError.UNSUPPORTED_VERSION),
        KafkaError(KafkaError.UNRELEASED_INSTANCE_ID),
    ),
)
def test_what_another_client_would_meet_too_is_not_waited_for(error: KafkaError) -> None:
    """Nor an error after which the client goes on."""
    waits = Waits()
    entrance = Entrance(config(), waits)

    assert not entrance.keeps_out(error)
    assert not entrance.kept_out
    assert not waits


@pytest.mark.parametrize("code", (KafkaError.FENCED_INSTANCE_ID, KafkaError.UNRELEASED_INSTANCE_ID))
def test_who_is_put_out_says_by_whom_and_what_to_do(code: int) -> None:
    """With group, name and key of the settings."""
    sentence = Entrance(config(), Waits()).why_ended(fatal(code))

    assert sentence.startswith(
        'another process joined the group "orders" with the same kafka.group_instance_id, "pod-0", and has this one\'s '
        "place now; each replica needs a name of its own, as its pod's: "
    )
    assert KafkaError(code).str() in sentence


def test_brokers_that_do_not_know_the_protocol_are_named_with_the_way_out() -> None:
    """Only where it was asked for."""
    error = fatal(KafkaError.UNSUPPORTED_VERSION)

    said = Entrance(config(), Waits()).why_ended(error)
    of_classic = Entrance(config("classic"), Waits()).why_ended(error)

    assert said.startswith(
        "the brokers do not take group.protocol=consumer, which came with Kafka 4.0; leave it out of"
    )
    assert of_classic.startswith("the Kafka client cannot go on: _FATAL: ")


def test_a_broken_client_is_destroyed_on_another_thread() -> None:
    """It may never end, and nothing waits for it."""
    may_end, threads = threading.Event(), list[str]()
    entrance = Entrance(config(), Waits())
    entrance.keeps_out(fatal(KafkaError.UNRELEASED_INSTANCE_ID))

    assert entrance.give_up([cast("Consumer", Stuck(may_end, threads))])

    assert not entrance.kept_out
    until(lambda: threads, WITHIN_S, "it is being destroyed")
    assert ["kafka-destroy"] == threads
    may_end.set()


def test_clients_that_cannot_be_destroyed_are_bounded() -> None:
    """Those that were destroyed do not count."""
    stuck, gone, threads = threading.Event(), threading.Event(), list[str]()
    gone.set()
    entrance = Entrance(config(), Waits())

    def give_up(may_end: threading.Event) -> bool:
        return entrance.give_up([cast("Consumer", Stuck(may_end, threads))])

    for _ in range(BROKEN_CLIENTS_MAX + 1):
        assert give_up(gone)
        until(lambda: "kafka-destroy" not in {thread.name for thread in threading.enumerate()}, WITHIN_S, "it is gone")
    assert [True] * (BROKEN_CLIENTS_MAX - 1) + [False] == [give_up(stuck) for _ in range(BROKEN_CLIENTS_MAX)]
    stuck.set()


def test_a_member_is_told_from_one_that_is_not_taken_in_yet(broker: MockBroker) -> None:
    """Though it may have no partition, of which the client says nothing."""
    properties: dict[str, Any] = {
        "bootstrap.servers": broker.bootstrap_servers,
        "group.id": "orders",
        "group.protocol": "consumer",
        "log_level": 0,
    }
    client = Consumer(properties)
    assert not is_member(client)
    client.subscribe(["events"])

    until(lambda: client.poll(0.05) is not None or is_member(client), WITHIN_S, "it is taken in")

    client.close()
    assert not is_member(cast("Consumer", Nameless()))


class Nameless:
    """A client whose metadata is of another form."""

    def consumer_group_metadata(self) -> bytes:
        """Too short."""
        return b"CGMD"
