"""From the settings to librdkafka's properties: what this program sets, and what of the user's goes to which client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

__all__ = ["KafkaConfig", "consumer_properties", "letters_properties", "shared_properties"]

PropertyValue = str | int | float | bool

_SHARED_PREFIXES = (
    "api.version.",
    "broker.",
    "client.",
    "connections.",
    "debug",
    "enable.sasl.",
    "enable.ssl.",
    "https.",
    "log",
    "metadata.",
    "reconnect.",
    "resolve.",
    "retry.",
    "sasl.",
    "security.",
    "socket.",
    "ssl.",
)
"""Properties about reaching the brokers, which producers and admin clients understand too."""

_EVERYWHERE: Mapping[str, PropertyValue] = {
    "client.id": "loops-consumer",
    "log.connection.close": False,
    # librdkafka's default is 10 s: so long may a broker be back before the client sees it.
    "reconnect.backoff.max.ms": 2_000,
    # librdkafka's default is 60 s: so long may a commit block a rebalance, or the end of the process.
    "socket.timeout.ms": 10_000,
}

_READING: Mapping[str, PropertyValue] = {
    "partition.assignment.strategy": "cooperative-sticky",
    # The prefetch is most of the process' memory: 148 MB with librdkafka's 65,536 kB, 92 MB with this.
    "queued.max.messages.kbytes": 8_192,
    # How long a full prefetch is left alone. With the default of 1,000 ms a queue of 8 MB runs dry: 1.46 instead of
    # 0.94 µs of CPU a record.
    "fetch.queue.backoff.ms": 20,
    # The broker collects up to 64 kB for up to 10 ms before it answers. Measured at 1,000 records a second on four
    # partitions: 12 m of CPU and a median of 6 ms from produced to read; 75 m and 1 ms with a fetch for each record,
    # 9 m and 11 ms with 20 ms.
    "fetch.min.bytes": 65_536,
    "fetch.wait.max.ms": 10,
    "topic.metadata.refresh.interval.ms": 60_000,
    "allow.auto.create.topics": False,
}

_WRITING: Mapping[str, PropertyValue] = {
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 0,
    # A batch that is too large is refused as a whole: each letter is judged alone.
    "batch.num.messages": 1,
    "queue.buffering.max.messages": 10_000,
    "queue.buffering.max.kbytes": 65_536,
    "message.timeout.ms": 30_000,
    # The broker's bound decides, not the client's.
    "message.max.bytes": 200_000_000,
}


class KafkaConfig(Protocol):
    """The part of the settings that says where Kafka is and how it is read."""

    @property
    def bootstrap_servers(self) -> str:
        """``host:port``, comma separated."""

    @property
    def group_id(self) -> str:
        """The consumer group."""

    @property
    def topics(self) -> Sequence[str]:
        """Names, or one regular expression that starts with ``^``."""

    @property
    def start(self) -> Literal["earliest", "latest"]:
        """Where to begin where the group has no commit at all."""

    @property
    def dead_letter_topic(self) -> str:
        """Where letters go."""

    @property
    def client(self) -> Mapping[str, PropertyValue]:
        """Properties of librdkafka."""


def consumer_properties(config: KafkaConfig) -> dict[str, Any]:
    """Properties of the one client that reads. The user's win over defaults, never over what delivery rests on."""
    return {
        **_EVERYWHERE,
        **_READING,
        **config.client,
        "bootstrap.servers": config.bootstrap_servers,
        "group.id": config.group_id,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": False,
        # A lost position is told to us and never skipped over silently.
        "auto.offset.reset": "error",
    }


def letters_properties(config: KafkaConfig) -> dict[str, Any]:
    """Properties of the client that writes dead letters."""
    return {**shared_properties(config), **_WRITING}


def shared_properties(config: KafkaConfig) -> dict[str, Any]:
    """How the brokers are reached: for any kind of client."""
    shared = {name: value for name, value in config.client.items() if name.startswith(_SHARED_PREFIXES)}
    return {**_EVERYWHERE, **shared, "bootstrap.servers": config.bootstrap_servers}
