"""A topic on librdkafka's mock cluster, a group that read some of it, dead letters, and a sandbox in Loops' place."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson
from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_span import Begin
from consumer.adapters.letter_headers import letter_headers
from consumer.cli.why_topics import Search
from consumer.core.record import Record
from consumer.mapping.rules import CompiledMapping
from consumer.sandbox.broker import MockBroker
from consumer.settings import KafkaSettings, LoopsSettings, Secret, Settings
from consumer.why.whom import Whom
from tests.kafka.job import sandbox_of
from tests.kafka.sandbox_thread import SandboxThread
from tests.mapping.making import mapping_of
from tests.redaction import API_KEY
from tests.redrive.making import LETTERS, refused

__all__ = ["EMAIL", "LIVE_RULES", "NOW_MS", "PARTITIONS", "RULES", "TOPIC", "WhyStand", "event", "why_stand"]

TOPIC: Final = "events"
PARTITIONS: Final = 4
EMAIL: Final = "someone@example.com"
GROUP: Final = "readers"
NOW_MS: Final = 1_777_629_600_000
"""2026-05-01T10:00:00Z: when the records are of."""
RULES: Final = ("when: Trial Started, send: trialStarted, max_age: null", "when: Paid, update: true")


LIVE_RULES: Final = """\
format: segment
rules:
  - {name: r0, when: Trial Started, send: trialStarted, max_age: null}
  - {name: r1, when: Paid, update: true}
"""
"""The same, as a file."""


def event(name: str = "Trial Started", email: str | None = EMAIL, user_id: str | None = "u1", **more: Any) -> bytes:
    """A value in Segment's form, of then."""
    traits = {} if email is None else {"email": email}
    members = {"type": "track", "event": name, "userId": user_id, "timestamp": "2026-05-01T10:00:00Z"}
    return orjson.dumps({**members, "context": {"traits": traits}, **more})


@dataclass(frozen=True)
class WhyStand:
    """All of it; nothing lies there, and the group has committed nothing."""

    settings: Settings
    sandbox: SandboxThread
    mapping: CompiledMapping

    @property
    def servers(self) -> str:
        """Where clients find the broker."""
        return self.settings.kafka.bootstrap_servers

    def produce(self, *values: bytes, partition: int = 0, at_ms: int = NOW_MS) -> None:
        """Records of that time."""
        producer = Producer({"bootstrap.servers": self.servers})
        for value in values:
            producer.produce(TOPIC, value, partition=partition, timestamp=at_ms)
        assert producer.flush(20) == 0

    def commit(self, offset: int, partition: int = 0) -> None:
        """The group has read up to there."""
        client = Consumer({"bootstrap.servers": self.servers, "group.id": GROUP})
        client.commit(offsets=[ClientPartition(TOPIC, partition, offset)], asynchronous=False)
        client.close()

    def add_letter(self, offset: int, value: bytes, partition: int = 0, **more: Any) -> None:
        """A dead letter of rule ``r0`` of the record that lies there."""
        letter = refused(record=Record(TOPIC, partition, offset, NOW_MS, None, value), mapping="3f2a", **more)
        producer = Producer({"bootstrap.servers": self.servers})
        producer.produce(LETTERS, value, partition=0, headers=letter_headers(letter))
        assert producer.flush(20) == 0

    def add_contact(self, **members: Any) -> None:
        """One in Loops."""
        headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
        address = f"{self.sandbox.base_url}/contacts/create"
        asked = urllib.request.Request(address, json.dumps(members).encode(), headers)  # noqa: S310 - the sandbox
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - as above
            assert answer.status == 200

    def search(self, whom: Whom, **other: Any) -> Search:
        """A search from the beginning."""
        search: Mapping[str, Any] = {"keys": (), "begin": Begin.BEGINNING, "quick": False, **other}
        return Search(self.settings.kafka, self.mapping, whom, **search)


@contextmanager
def why_stand() -> Iterator[WhyStand]:
    """A stand of its own."""
    with MockBroker() as broker, SandboxThread(sandbox_of(500)) as sandbox:
        broker.create_topic(TOPIC, PARTITIONS)
        broker.create_topic(LETTERS, 1)
        kafka = KafkaSettings(
            bootstrap_servers=broker.bootstrap_servers, topics=(TOPIC,), group_id=GROUP, dead_letter_topic=LETTERS
        )
        loops = LoopsSettings(base_url=sandbox.base_url).with_key(Secret(API_KEY))
        yield WhyStand(Settings(kafka=kafka, loops=loops), sandbox, mapping_of(*RULES))
