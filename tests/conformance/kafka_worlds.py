"""The worlds in which a source and a dead-letter sink are tried: in memory, on the embedded broker, on Kafka itself."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final, Literal, Protocol

from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as ClientPartition
from pydantic import BaseModel

from consumer.adapters.kafka import KafkaSource
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition
from consumer.ports import RecordSource
from tests.fakes.recording_listener import RecordingListener
from tests.fakes.selecting import select
from tests.fakes.source import FakeKafka, FakeSource
from tests.waiting import until_async

__all__ = [
    "EMBEDDED_CLIENT",
    "KAFKA_CLIENT",
    "NEWER_CLIENT",
    "NEWER_GROUP",
    "BrokerWorld",
    "FakeWorld",
    "SourceWorld",
    "TestConfig",
    "joined",
]


KAFKA_CLIENT: Final[dict[str, str | int | float | bool]] = {"heartbeat.interval.ms": 200, "session.timeout.ms": 6_000}
"""Six seconds are the least that Kafka takes."""

NEWER_CLIENT: Final[dict[str, str | int | float | bool]] = {"group.protocol": "consumer"}
"""The brokers decide who reads what, and how soon a group notices changes."""

NEWER_GROUP: Final[dict[str, str]] = {"consumer.heartbeat.interval.ms": "200", "consumer.session.timeout.ms": "6000"}
"""What the brokers then have to be told for it to be as soon as with the others."""

EMBEDDED_CLIENT: Final[dict[str, str | int | float | bool]] = {
    "heartbeat.interval.ms": 200,
    "session.timeout.ms": 5_000,
}
"""The embedded broker lets a rebalance wait for one second less than the session's time-out, so it is short; and longer
than a machine stands still."""


class TestConfig(BaseModel):
    """The settings of one source, with a group that notices changes soon."""

    __test__ = False

    bootstrap_servers: str
    topics: tuple[str, ...]
    group_id: str = ""
    group_instance_id: str | None = None
    start: Literal["earliest", "latest"] = "earliest"
    dead_letter_topic: str = "letters"
    client: dict[str, str | int | float | bool] = KAFKA_CLIENT

    def secrets(self) -> dict[str, str]:
        """None."""
        return {}


class SourceWorld(Protocol):
    """A topic with four partitions and a group that reads it."""

    topic: str

    def produce(self, partition: int, count: int, value: bytes = b"x") -> None:
        """Adds records; they are there when it returns."""

    def source(self) -> RecordSource:
        """A new member, not started."""

    def commits(self) -> Mapping[TopicPartition, Committable]:
        """What the group has."""


@asynccontextmanager
async def joined(source: RecordSource) -> AsyncIterator[RecordingListener]:
    """A listener to a started source, which is stopped at the end."""
    member = RecordingListener(source)
    source.start(member)
    try:
        yield member
    finally:
        member.takes = member.hands = True
        source.stop()
        await until_async(lambda: member.closed, 60, "closed")


class FakeWorld:
    """In memory."""

    topic = "events"

    def __init__(self) -> None:
        """Four empty partitions."""
        self.kafka = FakeKafka({self.topic: 4})

    def produce(self, partition: int, count: int, value: bytes = b"x") -> None:
        """Adds records."""
        for _ in range(count):
            self.kafka.produce(TopicPartition(self.topic, partition), value)

    def source(self) -> RecordSource:
        """A new member."""
        return FakeSource(self.kafka, select)

    def commits(self) -> Mapping[TopicPartition, Committable]:
        """What the group has."""
        return self.kafka.commits


class BrokerWorld:
    """On a broker that speaks Kafka's protocol; the topic must have four partitions."""

    def __init__(
        self, bootstrap_servers: str, topic: str, client: Mapping[str, str | int | float | bool] = KAFKA_CLIENT
    ) -> None:
        """A group of its own."""
        self.topic = topic
        self.config = TestConfig(
            bootstrap_servers=bootstrap_servers,
            topics=(topic,),
            group_id=f"group-{uuid.uuid4().hex[:12]}",
            client=dict(client),
        )
        self._producer = Producer({"bootstrap.servers": bootstrap_servers, "linger.ms": 0, "log_level": 0})
        self._asking = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": self.config.group_id})

    def produce(self, partition: int, count: int, value: bytes = b"x") -> None:
        """Adds records."""
        for _ in range(count):
            self._producer.produce(self.topic, value, partition=partition)
        assert self._producer.flush(60) == 0

    def source(self, config: TestConfig | None = None) -> KafkaSource:
        """A new member."""
        return KafkaSource(config or self.config, select, asyncio.get_running_loop(), handed_within_s=15.0)

    def commits(self) -> Mapping[TopicPartition, Committable]:
        """What the group has."""
        asked = [ClientPartition(self.topic, number) for number in range(4)]
        return {
            TopicPartition(at.topic, at.partition): Committable(at.offset, at.metadata or "")
            for at in self._asking.committed(asked, timeout=60)
            if at.offset >= 0
        }

    def close(self) -> None:
        """Ends its clients."""
        self._asking.close()
