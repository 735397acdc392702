"""Letters that the broker does not take as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, cast

import pytest
import structlog.testing
from confluent_kafka import Consumer, KafkaError, Message
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.dead_letters import KafkaLetters
from consumer.adapters.kafka_config import letters_properties
from consumer.core.effect import Letter
from consumer.core.record import Record
from consumer.sandbox.broker import Api, MockBroker
from tests.conformance.kafka_worlds import TestConfig
from tests.fakes.letters import RecordingLettersListener
from tests.kafka.real_kafka import RealKafka
from tests.waiting import until, until_async

WITHIN_S = 20


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """An embedded broker with a dead-letter topic."""
    with MockBroker() as broker:
        broker.create_topic("letters", 1)
        yield broker


def config_of(bootstrap_servers: str, topic: str = "letters", **client: str | int) -> TestConfig:
    """Settings with this topic."""
    return TestConfig(bootstrap_servers=bootstrap_servers, topics=("events",), dead_letter_topic=topic, client=client)


def letter(number: int, value: bytes | None, *, key: bytes = b"key", header: bytes = b"t1") -> Letter:
    """One that Loops refused."""
    record = Record("events", 2, 41, 0, key, value, (("trace", header), ("none", None)))
    return Letter(number, record, "deliver", "refused", "Invalid plan", "trial-started", 0, "k" * 64, 1, 1, 0, "abc")


def started(config: TestConfig) -> tuple[KafkaLetters, RecordingLettersListener]:
    """A sink and its listener."""
    sink, listener = KafkaLetters(config, asyncio.get_running_loop()), RecordingLettersListener()
    sink.start(listener)
    return sink, listener


def read(config: TestConfig, count: int) -> list[Message]:
    """The first letters of the topic."""
    reader = Consumer({"bootstrap.servers": config.bootstrap_servers, "group.id": "reader", "log_level": 0})
    reader.assign([ClientPartition(config.dead_letter_topic, 0, 0)])
    found: list[Message] = []

    def all_there() -> bool:
        found.extend(reader.consume(count - len(found), 0.1))
        return len(found) >= count

    until(all_there, WITHIN_S, f"{count} letters")
    reader.close()
    return found


def started_and_broken(broker: MockBroker) -> tuple[KafkaLetters, RecordingLettersListener]:
    """A sink whose client is about to meet a fatal error."""
    broker.fail_next(Api.INIT_PRODUCER_ID, [KafkaError.CLUSTER_AUTHORIZATION_FAILED])
    return started(config_of(broker.bootstrap_servers))


async def written_at_last(sink: KafkaLetters, listener: RecordingLettersListener) -> list[int]:
    """Writes two, which fail, then one after the other until one is confirmed; returns all that were written."""
    wrote = [1, 2]
    for number in wrote:
        sink.write(letter(number, b"value"))
    await until_async(lambda: len(listener.failed) == 2, WITHIN_S, "both have failed")

    def one_is_written() -> bool:
        ended = len(listener.failed) + len(listener.confirmed)
        if not listener.confirmed and ended == len(wrote):
            wrote.append(len(wrote) + 1)
            sink.write(letter(wrote[-1], b"value"))
        return bool(listener.confirmed)

    await until_async(one_is_written, WITHIN_S, "one that comes later")
    return wrote


@pytest.mark.parametrize("value", (b'{"bad": \xff}', b"", None))
async def test_the_record_is_untouched(broker: MockBroker, value: bytes | None) -> None:
    """Key, value and headers, whatever they are."""
    config = config_of(broker.bootstrap_servers)
    sink, listener = started(config)

    sink.write(letter(1, value))
    await until_async(lambda: listener.confirmed == [1], WITHIN_S, "the confirmation")
    sink.stop()

    (found,) = read(config, 1)
    assert (b"key", value) == (found.key(), found.value())
    assert [("trace", b"t1"), ("none", None)] == list(found.headers() or [])[:2]
    assert ("loops-consumer-mapping", b"abc") in (found.headers() or [])


async def test_a_letter_that_is_too_large_goes_without_its_value(real_kafka: RealKafka) -> None:
    """Then without the rest of the record: else its partition would wait for ever. Its neighbours go whole."""
    config = config_of(real_kafka.bootstrap_servers, real_kafka.new_topic(config={"max.message.bytes": "2000"}))
    sink, listener = started(config)

    sink.write(letter(1, b"small"))
    sink.write(letter(2, b"v" * 5_000))
    sink.write(letter(3, b"v" * 5_000, header=b"h" * 5_000))
    sink.write(letter(4, b"v" * 5_000, key=b"k" * 5_000))
    sink.write(letter(5, b"small"))
    await until_async(lambda: sorted(listener.confirmed) == [1, 2, 3, 4, 5], WITHIN_S, "five confirmations")
    sink.stop()

    assert [] == listener.failed
    found = read(config, 5)
    headers = [dict(cast("list[tuple[str, bytes]]", one.headers())) for one in found]
    assert 2 == len([one for one in found if one.value() == b"small"])
    omitted = [one.get("loops-consumer-value-omitted") for one in headers]
    assert [b"5000"] * 3 == [one for one in omitted if one is not None]
    assert {b"41"} == {one["__connect.errors.offset"] for one in headers}
    assert 1 == len([one for one in found if one.value() is None and one.key() == b"key"])


async def test_only_a_refused_size_makes_a_letter_go_without_its_value(broker: MockBroker) -> None:
    """Any other refusal is a failure at once, and the whole letter is owed still."""
    config = config_of(broker.bootstrap_servers)
    sink, listener = started(config)
    broker.fail_next(Api.PRODUCE, [KafkaError.MSG_SIZE_TOO_LARGE])
    sink.write(letter(1, b"value"))
    await until_async(lambda: listener.confirmed == [1], WITHIN_S, "the confirmation")
    broker.fail_next(Api.PRODUCE, [KafkaError.TOPIC_AUTHORIZATION_FAILED])
    sink.write(letter(2, b"value"))
    await until_async(lambda: listener.failed == [(2, "TOPIC_AUTHORIZATION_FAILED")], WITHIN_S, "the failure")
    sink.stop()

    (found,) = read(config, 1)
    assert (b"key", None) == (found.key(), found.value())


async def test_a_letter_that_even_then_is_too_large_has_failed(broker: MockBroker) -> None:
    """It is told with the client's name of the error, once."""
    sink, listener = started(config_of(broker.bootstrap_servers))
    broker.fail_next(Api.PRODUCE, [KafkaError.MSG_SIZE_TOO_LARGE] * 3)

    sink.write(letter(1, b"value"))
    await until_async(lambda: listener.failed, WITHIN_S, "the failure")
    sink.stop()

    assert [(1, "MSG_SIZE_TOO_LARGE")] == listener.failed
    assert [] == listener.confirmed


async def test_brokers_that_do_not_take_it_in_time_have_not_got_it(
    broker: MockBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, and the next one is tried anew."""
    monkeypatch.setattr(
        "consumer.adapters.dead_letters.letters_properties",
        lambda config: {**letters_properties(config), "message.timeout.ms": 300},
    )
    sink, listener = started(config_of(broker.bootstrap_servers))
    broker.take_down()
    sink.write(letter(1, b"value"))
    await until_async(lambda: listener.failed, WITHIN_S, "the failure")
    broker.bring_up()
    sink.write(letter(2, b"value"))
    await until_async(lambda: listener.confirmed or len(listener.failed) > 1, WITHIN_S, "the second one's end")
    sink.stop()

    assert (1, "_MSG_TIMED_OUT") == listener.failed[0]


async def test_a_full_queue_is_a_failure_and_not_a_wait(broker: MockBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop never blocks on it."""
    monkeypatch.setattr(
        "consumer.adapters.dead_letters.letters_properties",
        lambda config: {**letters_properties(config), "queue.buffering.max.messages": 2},
    )
    sink, listener = started(config_of(broker.bootstrap_servers))
    broker.take_down()

    for number in range(3):
        sink.write(letter(number, b"value"))
    await until_async(lambda: listener.failed, WITHIN_S, "the failure")
    sink.stop()

    assert [(2, "_QUEUE_FULL")] == listener.failed


async def test_after_a_fatal_error_another_client_takes_over(broker: MockBroker) -> None:
    """What the broken one had is told to have failed, each once; what comes later is written."""
    sink, listener = started_and_broken(broker)
    wrote = await written_at_last(sink, listener)
    sink.stop()

    assert wrote == [*sorted(number for number, _ in listener.failed), *listener.confirmed]


async def test_where_no_other_client_can_be_made_it_is_tried_again(
    broker: MockBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while a certificate is replaced. Every letter is told once, one line says why, and what comes later goes."""
    made: list[dict[str, Any]] = []

    def properties(config: TestConfig) -> dict[str, Any]:
        away = {"security.protocol": "ssl", "ssl.ca.location": "/nowhere/ca.pem"} if len(made) in {1, 2} else {}
        made.append({**letters_properties(config), **away})
        return made[-1]

    monkeypatch.setattr("consumer.adapters.dead_letters.letters_properties", properties)
    monkeypatch.setattr("consumer.adapters.dead_letters.RETRY_S", 0.05)
    with structlog.testing.capture_logs() as lines:
        sink, listener = started_and_broken(broker)
        wrote = await written_at_last(sink, listener)
        sink.stop()

    assert wrote == [*sorted(number for number, _ in listener.failed), *listener.confirmed]
    assert 4 == len(made)
    (said,) = [line["error"] for line in lines if line["event"] == "dead_letters_client_not_made"]
    assert "ssl.ca.location" in said


async def test_a_failure_of_many_letters_is_some_lines_of_the_log() -> None:
    """They are all tried again every two seconds."""
    sink = KafkaLetters(config_of("127.0.0.1:1"), asyncio.get_running_loop())
    with structlog.testing.capture_logs() as lines:
        for number in range(500):
            sink.write(letter(number, b"value"))

    assert (20, {"dead_letter_not_written"}) == (len(lines), {line["event"] for line in lines})
