"""A topic with a past on librdkafka's mock cluster, and a sandbox in Loops' place, for whole backfills."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_span import Begin
from consumer.backfill.plans import Course
from consumer.backfill.progress import Progress
from consumer.backfill.run import Backfill, Ended
from consumer.backfill.survey import survey
from consumer.mapping.rules import CompiledMapping, load_mapping
from consumer.sandbox.broker import MockBroker
from consumer.settings import AdminSettings, DeliverySettings, HeldKey, KafkaSettings, LoopsSettings, Secret, Settings
from tests.backfill.making import event
from tests.kafka.job import sandbox_of
from tests.kafka.sandbox_thread import SandboxThread
from tests.redaction import API_KEY

__all__ = ["GROUP", "Stand", "standing"]

GROUP = "past"

TEXT = """
format: segment
rules:
  - {name: trial, when: Trial Started, send: trialStarted, contact: {seats: properties.seats}}
  - {name: gone, when: Gone, delete: true}
"""


@dataclass
class Stand:
    """The topic, a sandbox, and the settings that name both."""

    broker: MockBroker
    sandbox: SandboxThread
    settings: Settings
    seen: list[Progress] = field(default_factory=list)

    @property
    def mapping(self) -> CompiledMapping:
        """What lies in the mapping's file."""
        return load_mapping(self.settings.mapping.read_text(), "mapping.yaml")

    @property
    def key(self) -> HeldKey:
        """The sandbox's."""
        return HeldKey(self.settings.loops.key_source)

    def map(self, *rules: str) -> None:
        """Writes a mapping of these rules, each the inside of a YAML flow mapping."""
        self.settings.mapping.write_text("format: segment\nrules:\n" + "".join(f"  - {{{rule}}}\n" for rule in rules))

    def add(self, *values: bytes, partition: int = 0) -> None:
        """Writes these to a partition, now."""
        producer = Producer({"bootstrap.servers": self.broker.bootstrap_servers})
        for value in values:
            producer.produce("events", value, partition=partition)
        assert 0 == producer.flush(20)

    def trials(self, users: range, seats: int = 1) -> None:
        """An event of each of these users, on the two partitions in turn."""
        for user in users:
            self.add(event(user, seats=seats), partition=user % 2)

    def backfill(self, per_s: int = 400, progressed: Callable[[Progress], None] | None = None, **course: bool) -> Ended:
        """All that lies there."""
        found = survey(self.settings.kafka, self.mapping, Begin.BEGINNING)
        made = Backfill(self.settings, self.mapping, self.key, Course(GROUP, **course), per_s, found)
        return made.run(progressed or self.seen.append)

    def contacts(self) -> dict[str, Any]:
        """What Loops knows of seats, by userId."""
        return {str(contact["userId"]): contact.get("seats") for contact in self.sandbox.contacts()}

    def committed(self) -> list[int]:
        """Where the group stands in both partitions."""
        client = Consumer({"bootstrap.servers": self.broker.bootstrap_servers, "group.id": GROUP, "log_level": 0})
        try:
            found = client.committed([ClientPartition("events", number) for number in range(2)], timeout=10)
            return [at.offset for at in found]
        finally:
            client.close()


@contextmanager
def standing(directory: Path) -> Iterator[Stand]:
    """A quick sandbox, and nothing on the topic's two partitions."""
    with MockBroker() as broker, SandboxThread(sandbox_of(500)) as sandbox:
        broker.create_topic("events", 2)
        broker.create_topic("letters", 1)
        file = directory / "mapping.yaml"
        file.write_text(TEXT)
        kafka = KafkaSettings(
            bootstrap_servers=broker.bootstrap_servers,
            group_id=GROUP,
            topics=("events",),
            dead_letter_topic="letters",
        )
        loops = LoopsSettings(base_url=sandbox.base_url, rate_per_s=500).with_key(Secret(API_KEY))
        delivery = DeliverySettings(backoff_min_s=0.05, backoff_max_s=0.1)
        admin = AdminSettings(host="127.0.0.1", port=0)
        yield Stand(broker, sandbox, Settings(kafka=kafka, loops=loops, delivery=delivery, admin=admin, mapping=file))
