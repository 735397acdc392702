"""What :class:`consumer.ports.DeadLetterSink` promises, on the fake, on the embedded broker, and on Kafka itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import pytest
from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.dead_letters import KafkaLetters
from consumer.core.effect import Letter
from consumer.core.record import Record
from consumer.ports import DeadLetterSink
from consumer.sandbox.broker import MockBroker
from tests.conformance.kafka_worlds import TestConfig
from tests.fakes.letters import FakeDeadLetterSink, RecordingLettersListener
from tests.waiting import until, until_async

WITHIN_S = 60


class LettersWorld(Protocol):
    """A dead-letter topic."""

    def sink(self) -> DeadLetterSink:
        """Not started."""

    def values(self, count: int) -> list[bytes | None]:
        """The values that are there, once there are so many."""


class FakeLetters:
    """In memory."""

    def __init__(self) -> None:
        """Empty."""
        self._sink = FakeDeadLetterSink()

    def sink(self) -> DeadLetterSink:
        """Not started."""
        return self._sink

    def values(self, count: int) -> list[bytes | None]:
        """What is confirmed."""
        assert count == len(self._sink.letters)
        return [letter.record.value for letter in self._sink.letters]


class BrokerLetters:
    """On a broker; the topic has one partition."""

    def __init__(self, bootstrap_servers: str, topic: str) -> None:
        """Nothing is written yet."""
        self.config = TestConfig(bootstrap_servers=bootstrap_servers, topics=("events",), dead_letter_topic=topic)

    def sink(self) -> DeadLetterSink:
        """Not started."""
        return KafkaLetters(self.config, asyncio.get_running_loop())

    def values(self, count: int) -> list[bytes | None]:
        """Reads the topic."""
        with consumer_of(self.config) as reader:
            found: list[bytes | None] = []

            def all_there() -> bool:
                message = reader.poll(0.1)
                if message is not None:
                    assert message.error() is None
                    found.append(message.value())
                return len(found) >= count

            until(all_there, WITHIN_S, f"{count} letters")
            return found


@contextmanager
def consumer_of(config: TestConfig) -> Iterator[Consumer]:
    """Reads the dead-letter topic from its beginning."""
    reader = Consumer(
        {"bootstrap.servers": config.bootstrap_servers, "group.id": "reader", "enable.auto.commit": False}
    )
    reader.assign([ClientPartition(config.dead_letter_topic, 0, 0)])
    yield reader
    reader.close()


@pytest.fixture(params=["fake", "embedded", pytest.param("kafka", marks=pytest.mark.real_kafka)])
def world(request: pytest.FixtureRequest) -> Iterator[LettersWorld]:
    """An empty dead-letter topic."""
    if request.param == "fake":
        yield FakeLetters()
    elif request.param == "embedded":
        with MockBroker() as broker:
            broker.create_topic("letters", 1)
            yield BrokerLetters(broker.bootstrap_servers, "letters")
    else:
        kafka = request.getfixturevalue("real_kafka")
        yield BrokerLetters(kafka.bootstrap_servers, kafka.new_topic())


def letter(number: int, value: bytes | None = b"{}") -> Letter:
    """One that Loops refused."""
    record = Record("events", 2, 40 + number, 1_777_629_600_000, b"key", value, (("trace", b"t1"),))
    return Letter(
        number, record, "deliver", "refused", "Invalid plan", "trial-started", 0, "k" * 64, 1, 1, 1_777_629_600_000
    )


async def test_each_letter_is_confirmed_once_and_is_there(world: LettersWorld) -> None:
    """In the order in which they were written."""
    listener = RecordingLettersListener()
    sink = world.sink()
    sink.start(listener)

    for number in range(20):
        sink.write(letter(number, str(number).encode()))
    await until_async(lambda: len(listener.confirmed) == 20, WITHIN_S, "20 confirmations")
    sink.stop()

    assert [] == listener.failed
    assert list(range(20)) == listener.confirmed
    assert [str(number).encode() for number in range(20)] == world.values(20)


async def test_after_stop_nothing_is_told(world: LettersWorld) -> None:
    """A stop may come twice, and before anything was written or started."""
    listener = RecordingLettersListener()
    unstarted = world.sink()
    unstarted.stop()
    sink = world.sink()
    sink.start(listener)
    sink.stop()
    sink.stop()

    sink.write(letter(1))
    await turns(asyncio.get_running_loop().call_soon)

    assert [] == listener.confirmed
    assert [] == listener.failed


async def turns(call_soon: Callable[..., object]) -> None:
    """Lets the loop do what is due."""
    for _ in range(3):
        done = asyncio.Event()
        call_soon(done.set)
        await done.wait()
