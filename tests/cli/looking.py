"""A topic of product events on an embedded broker, for the commands that look at one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from confluent_kafka import Producer

from consumer.cli.main import main
from consumer.sandbox.broker import MockBroker

TOPIC = "events"
MAPPING = """\
format: segment
rules:
  - name: trial-started
    when: Trial Started
    where: properties.plan != "free"
    send: trialStarted
    event: {plan: properties.plan}
  - name: profile
    when: {type: identify}
    update: true
    contact: {plan: traits.plan}
"""


def track(event: str, user: str | None = "u1", **properties: Any) -> dict[str, Any]:
    """A track call."""
    return {"type": "track", "event": event, "userId": user, "properties": properties}


@contextmanager
def topic_of(*events: dict[str, Any] | bytes, ago_s: float = 60) -> Iterator[MockBroker]:
    """A broker whose topic holds these; the records came so long ago."""
    with MockBroker() as broker:
        broker.create_topic(TOPIC, 2)
        produce(broker, *events, ago_s=ago_s)
        yield broker


def produce(broker: MockBroker, *events: dict[str, Any] | bytes, ago_s: float = 0) -> None:
    """Writes them in turn to both partitions; they are there when it returns."""
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "log_level": 0})
    at_ms = round((time.time() - ago_s) * 1_000)
    for number, event in enumerate(events):
        value = event if isinstance(event, bytes) else orjson.dumps(event)
        producer.produce(TOPIC, value, partition=number % 2, timestamp=at_ms)
    assert 0 == producer.flush(10)


def run(words: Sequence[str], broker: MockBroker, directory: Path, mapping: str = MAPPING) -> int:
    """One command with settings and a mapping of its own; returns its exit code."""
    (directory / "mapping.yaml").write_text(mapping)
    settings = directory / "consumer.yaml"
    kafka = f"{{bootstrap_servers: '{broker.bootstrap_servers}', topics: [{TOPIC}]}}"
    settings.write_text(f"kafka: {kafka}\nmapping: mapping.yaml\n")
    return main([*words, "--config", str(settings)])
