"""How long a topic keeps its records, as the brokers say."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
import structlog.testing

from consumer.adapters import kafka_retention
from consumer.adapters.kafka_retention import Retention, retention_s_of
from tests.conformance.kafka_worlds import TestConfig
from tests.waiting import until, until_async

if TYPE_CHECKING:
    from tests.kafka.real_kafka import RealKafka


async def told(bootstrap_servers: str, topics: Iterable[str], *, within_s: float) -> dict[str, float]:
    """What is known after the first question, or when the time is over."""
    config = TestConfig(bootstrap_servers=bootstrap_servers, topics=tuple(topics))
    retention = Retention(config, lambda: topics)
    running = asyncio.create_task(retention.run())
    try:
        await asyncio.to_thread(until, retention, within_s, "the brokers have told")
    except TimeoutError:
        """Nothing is known."""
    running.cancel()
    return dict(retention())


@pytest.mark.parametrize(
    ("settings", "seconds"),
    (
        ({"retention.ms": "604800000", "cleanup.policy": "delete"}, 604_800.0),
        ({"retention.ms": "60000", "cleanup.policy": "compact,delete"}, 60.0),
        ({"retention.ms": "-1", "cleanup.policy": "delete"}, None),
        ({"retention.ms": "604800000", "cleanup.policy": "compact"}, None),
        ({"retention.ms": None}, None),
        ({}, None),
    ),
)
def test_what_settings_say(settings: dict[str, str | None], seconds: float | None) -> None:
    """-1 is for ever, and so is compaction alone."""
    assert seconds == retention_s_of(settings)


async def test_kafka_tells_it_of_each_topic(real_kafka: RealKafka) -> None:
    """One is for ever, and one is not there: nothing is known of either."""
    day, ever = real_kafka.new_topic(1, {"retention.ms": "86400000"}), real_kafka.new_topic(1, {"retention.ms": "-1"})

    assert {day: 86_400.0} == await told(real_kafka.bootstrap_servers, [day, ever, "absent"], within_s=30)


async def test_brokers_that_do_not_answer_tell_nothing() -> None:
    """And nothing is raised."""
    assert {} == await told("127.0.0.1:1", ["events"], within_s=0.5)


async def test_where_no_client_can_be_made_what_is_known_stays_and_it_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As while a certificate is replaced; one line says why, however often it is asked."""
    away = {"security.protocol": "ssl", "ssl.ca.location": "/nowhere/ca.pem"}
    config = TestConfig(bootstrap_servers="127.0.0.1:1", topics=("events",), client=away)
    answers: list[dict[str, float]] = [{"events": 60.0}, {}, {}, {"events": 90.0}]
    ask = kafka_retention._asked
    monkeypatch.setattr(kafka_retention, "_asked", lambda *of: answers.pop(0) or ask(*of))
    monkeypatch.setattr(kafka_retention, "ASK_EVERY_S", 0.0)
    monkeypatch.setattr(kafka_retention, "_AGAIN_AFTER_S", 0.1)
    retention = Retention(config, lambda: ["events"])
    with structlog.testing.capture_logs() as lines:
        running = asyncio.create_task(retention.run())
        await until_async(lambda: len(answers) == 1, 10, "it is refused twice")
        assert {"events": 60.0} == retention()
        monkeypatch.setattr(kafka_retention, "ASK_EVERY_S", 60.0)
        await until_async(lambda: retention() == {"events": 90.0}, 10, "it is asked again")
        running.cancel()

    assert ["kafka_retention_not_asked"] == [line["event"] for line in lines]
