"""No callback that a client of ours gets may raise: each kind is broken in turn, and no record is thrown away.

Without the guard, five that raise in a bare client lose five records and more, and its ``close`` may not return.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, Producer

from consumer.adapters import dead_letters, kafka_gap_check, kafka_guard, kafka_thread
from consumer.adapters.dead_letters import KafkaLetters
from consumer.adapters.kafka_gap_check import Gap, GapChecker
from consumer.adapters.kafka_guard import ClientLog, Guard
from consumer.adapters.kafka_rebalance import Assignments
from consumer.adapters.kafka_thread import KafkaThread
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import Api, MockBroker
from consumer.status import SourceState
from tests.adapters.test_dead_letters import letter
from tests.conformance.kafka_worlds import BrokerWorld, TestConfig, joined
from tests.fakes.letters import RecordingLettersListener
from tests.fakes.recording_listener import RecordingListener
from tests.waiting import until_async

WITHIN_S = 20
RECORDS = 50

FIRST = TopicPartition("events", 0)


class Given:
    """Everything callable that the clients of a test were given, by name; and what they were made of."""

    found: dict[str, Callable[..., object]]

    @classmethod
    def note(cls, given: Mapping[str, Any]) -> None:
        """Keeps what can be called."""
        cls.found |= {name: value for name, value in given.items() if callable(value) or hasattr(value, "log")}


class NotingConsumer(Consumer):
    """A real client."""

    def __init__(self, properties: dict[str, Any]) -> None:
        """Notes its properties."""
        Given.note(properties)
        super().__init__(properties)

    def subscribe(self, topics: list[str], **callbacks: Any) -> None:  # type: ignore[override]  # keywords are all we use
        """Notes the callbacks."""
        Given.note(callbacks)
        super().subscribe(topics, **callbacks)


class NotingProducer(Producer):
    """A real client."""

    def __init__(self, properties: dict[str, Any]) -> None:
        """Notes its properties."""
        Given.note(properties)
        super().__init__(properties)

    def produce(self, *arguments: Any, **more: Any) -> None:
        """Notes the callback."""
        Given.note({name: value for name, value in more.items() if name != "headers"})
        super().produce(*arguments, **more)


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """An embedded broker with a topic of four partitions, and one for letters."""
    with MockBroker() as broker:
        broker.create_topic("events", 4)
        broker.create_topic("letters", 1)
        yield broker


async def test_every_callback_that_a_client_gets_is_wrapped(
    world: BrokerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that they are ever given is known here; there is none for statistics, throttling or tokens."""
    Given.found = {}
    for module in (kafka_thread, kafka_gap_check):
        monkeypatch.setattr(module, "Consumer", NotingConsumer)
    monkeypatch.setattr(dead_letters, "Producer", NotingProducer)
    world.produce(0, 1)
    checker = GapChecker(world.config)
    sink, listener = KafkaLetters(world.config, asyncio.get_running_loop()), RecordingLettersListener()
    sink.start(listener)
    async with joined(world.source()) as member:
        await until_async(lambda: len(member.owned) == 4, WITHIN_S, "four partitions")
        sink.write(letter(1, b"x"))
        await until_async(lambda: listener.confirmed == [1], WITHIN_S, "the letter")
        checker.ask(Gap(FIRST, 1, 0, 1))
        await until_async(lambda: list(checker.answers()), WITHIN_S, "the check")
    sink.stop()
    checker.stop()

    callbacks = {"on_assign", "on_revoke", "on_lost", "on_commit", "error_cb", "on_delivery", "logger"}
    assert callbacks == set(Given.found)
    assert [] == [name for name, value in Given.found.items() if not is_wrapped(value)]


@pytest.mark.parametrize("kind", ("assign", "revoke", "lost", "commit", "error"))
async def test_a_callback_that_raises_throws_no_record_away_and_is_loud(
    broker: MockBroker, world: BrokerWorld, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """It ends the source, with what was read told without a gap; the next one reads what is not committed."""
    places = {"commit": (KafkaThread, "_committed"), "error": (KafkaThread, "_error"), "lost": (Assignments, "_lose")}
    owner, name = places.get(kind, (Assignments, f"_{kind}"))
    monkeypatch.setattr(owner, name, raising)
    world.produce(0, RECORDS)
    source = world.source()

    async with joined(source) as member:
        if kind != "assign":
            await until_async(lambda: member.received() > 0, WITHIN_S, "records")
            world.produce(0, RECORDS)
            provoke(kind, broker, member)
        await until_async(lambda: member.closed, WITHIN_S, "closed by itself")
    broker.bring_up()

    (sentence,) = member.told("failed")
    assert "a callback of the Kafka client failed: ValueError at " in sentence
    assert "example.com" not in sentence
    assert source.status().state is SourceState.FAILED
    assert source.status().counts.callback_errors >= 1
    assert list(range(len(member.offsets[FIRST]))) == member.offsets[FIRST]
    assert {} == dict(world.commits()) or kind == "commit"


async def test_a_log_line_that_raises_throws_no_record_away(
    broker: MockBroker, world: BrokerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no place to tell it, and reading goes on."""
    tried: list[str] = []

    def broken(text: str) -> str:
        tried.append(text)
        raise SystemExit(text)

    monkeypatch.setattr(kafka_guard, "without_addresses", broken)
    world.produce(0, RECORDS)

    async with joined(world.source()) as member:
        await until_async(lambda: member.received() == RECORDS, WITHIN_S, "records")
        broker.take_down()
        await until_async(lambda: tried, WITHIN_S, "a line of the client")
        broker.bring_up()
        world.produce(0, RECORDS)
        await until_async(lambda: member.received() == 2 * RECORDS, WITHIN_S, "all records")

        assert list(range(2 * RECORDS)) == member.offsets[FIRST]
        assert [] == member.told("failed")


async def test_a_delivery_callback_that_raises_keeps_the_others(
    broker: MockBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three letters one fails to be taken note of; the others are confirmed."""
    config = TestConfig(bootstrap_servers=broker.bootstrap_servers, topics=("events",), dead_letter_topic="letters")
    sink, listener = KafkaLetters(config, asyncio.get_running_loop()), RecordingLettersListener()
    delivered = KafkaLetters._delivered

    def broken(self: KafkaLetters, found: Any, form: int, error: KafkaError | None) -> None:
        if found.number == 2:
            raise ValueError
        delivered(self, found, form, error)

    monkeypatch.setattr(KafkaLetters, "_delivered", broken)
    sink.start(listener)

    for number in (1, 2, 3):
        sink.write(letter(number, b"x"))

    await until_async(lambda: listener.confirmed == [1, 3], WITHIN_S, "the others")
    sink.stop()


def provoke(kind: str, broker: MockBroker, member: RecordingListener) -> None:
    """Has the client call back."""
    match kind:
        case "revoke":
            member.source.stop()
        case "lost":
            broker.fail_next(Api.HEARTBEAT, [KafkaError.UNKNOWN_MEMBER_ID])
        case "commit":
            member.source.commit({FIRST: Committable(1)})
        case _:
            broker.take_down()


def raising(*_: object) -> None:
    """What a defect does; its text may quote a record."""
    raise ValueError("someone@example.com")


def is_wrapped(callback: object) -> bool:
    """Whether it is the guard's, or the one object that cannot raise."""
    if isinstance(callback, ClientLog):
        return True
    return inspect.isfunction(callback) and callback.__qualname__.startswith(f"{Guard.__name__}.__call__.")
