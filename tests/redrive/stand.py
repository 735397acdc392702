"""Letters on librdkafka's mock cluster, and a sandbox in Loops' place, for whole redrives."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import orjson
from confluent_kafka import Producer

from consumer.adapters.kafka_peek import Peek
from consumer.adapters.letter_headers import letter_headers
from consumer.adapters.letter_reading import StoredLetter
from consumer.core.record import Record, TopicPartition
from consumer.redrive.hand import Tally
from consumer.redrive.reading import surveyed
from consumer.redrive.run import Redrive
from consumer.redrive.survey import Survey
from consumer.sandbox.broker import MockBroker
from consumer.settings import DeliverySettings, HeldKey, KafkaSettings, LoopsSettings, Secret, Settings
from tests.kafka.job import sandbox_of
from tests.kafka.sandbox_thread import SandboxThread
from tests.mapping.making import TRIAL, mapping_of
from tests.redaction import API_KEY
from tests.redrive.making import LETTERS, refused

__all__ = ["KNOWN", "PARTITIONS", "RULE", "Stand", "standing"]

RULE = "when: Trial Started, send: trialStarted"
KNOWN = 5
"""Users that are contacts in Loops."""

PARTITIONS = [TopicPartition(LETTERS, 0), TopicPartition(LETTERS, 1)]


@dataclass
class Stand:
    """A topic of letters, a sandbox, and the settings that name both."""

    sandbox: SandboxThread
    settings: Settings

    @property
    def key(self) -> HeldKey:
        """The sandbox's."""
        return HeldKey(self.settings.loops.key_source)

    def add(self, count: int) -> None:
        """So many letters of rule ``r0``, each of a user of its own."""
        producer = Producer({"bootstrap.servers": self.settings.kafka.bootstrap_servers})
        for number in range(count):
            value = orjson.dumps({**TRIAL, "messageId": f"e{number}", "userId": f"u{number}", "context": {}})
            record = Record("events", 0, number, 0, f"u{number}".encode(), value)
            letter = refused(record=record, idempotency_key=f"key-{number}")
            producer.produce(LETTERS, value, partition=number % 2, headers=letter_headers(letter))
        assert producer.flush(20) == 0

    def open(self) -> list[StoredLetter]:
        """The letters that are not done."""
        survey = Survey(lambda _: True)
        with Peek(self.settings.kafka, topics=[LETTERS]) as peek:
            surveyed(peek, survey, lambda _: None)
        return survey.open()

    def redrive(self, per_s: int, *, asks: bool = True) -> tuple[bool, Tally]:
        """All of them, at any age."""
        tally = Tally()
        run = Redrive(self.settings, mapping_of(RULE), self.key, per_s, asks=asks, send_stale=True)
        return run.run(PARTITIONS, self.open(), tally, lambda: None), tally


@contextmanager
def standing() -> Iterator[Stand]:
    """A quick sandbox that knows the users 0 to 4, and nothing on the topic."""
    with MockBroker() as broker, SandboxThread(sandbox_of(500)) as sandbox:
        broker.create_topic(LETTERS, 2)
        kafka = KafkaSettings(bootstrap_servers=broker.bootstrap_servers, dead_letter_topic=LETTERS)
        loops = LoopsSettings(base_url=sandbox.base_url, rate_per_s=500).with_key(Secret(API_KEY))
        delivery = DeliverySettings(backoff_min_s=0.05, backoff_max_s=0.1)
        for number in range(KNOWN):
            add_contact(sandbox, number)
        yield Stand(sandbox, Settings(kafka=kafka, loops=loops, delivery=delivery))


def add_contact(sandbox: SandboxThread, number: int) -> None:
    """Makes a user a contact in Loops."""
    body = orjson.dumps({"userId": f"u{number}", "email": f"u{number}@example.com"})
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    asked = urllib.request.Request(sandbox.base_url + "/contacts/create", body, headers)  # noqa: S310 - the sandbox
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - as above
        assert answer.status == 200
