"""From the settings to librdkafka's properties: what this program sets, and what of the user's goes to which client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

__all__ = [
    "KafkaConfig",
    "checking_properties",
    "consumer_properties",
    "is_new_protocol",
    "letters_properties",
    "shared_properties",
]

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

_CLASSIC: Mapping[str, PropertyValue] = {
    "partition.assignment.strategy": "cooperative-sticky",
    # librdkafka's default is 3,000: so long a member may not know of a rebalance, and a moved partition stands still.
    "heartbeat.interval.ms": 1_000,
}
"""Under ``group.protocol=consumer`` the brokers decide these, and the client refuses them."""

_NAMELESS: Mapping[str, PropertyValue] = {
    # librdkafka's default is 45,000. A member that was killed holds up every commit of the others, whose next join
    # waits for it, until its session is over; two replicas stood still for 43 s. The client's own thread sends
    # heartbeats, so a busy program is not taken for dead. One with a name, whose place is kept for it, has the longer
    # time to come back.
    "session.timeout.ms": 10_000,
}
"""Under the classic protocol, for a member without a ``group.instance.id``."""

_READING: Mapping[str, PropertyValue] = {
    # The prefetch is most of the process' memory: 148 MB with librdkafka's 65,536 kB, 92 MB with this.
    "queued.max.messages.kbytes": 8_192,
    # How long a full prefetch is left alone. With the default of 1,000 ms a queue of 8 MB runs dry: 1.46 instead of
    # 0.94 µs of CPU a record.
    "fetch.queue.backoff.ms": 20,
    # The broker collects up to 64 kB for up to 15 ms before it answers. Each answer wakes two threads, and at 1,000
    # records a second that is most of what the process costs: 45 m of CPU with 10 ms, 43 m with 15 ms, 38 m with 20 ms.
    # An event that comes alone waits for half of it at the median.
    "fetch.min.bytes": 65_536,
    "fetch.wait.max.ms": 15,
    # How soon a topic that grew, or was deleted, is noticed. One made anew before that, which by then holds as many
    # records as were read of the old one, is taken for the old one: the client tells neither.
    "topic.metadata.refresh.interval.ms": 10_000,
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


_CHECKING: Mapping[str, PropertyValue] = {
    # It warns of each offset that it does not find.
    "log_level": 3,
    # One record is all that it wants. The broker gives at least a whole batch.
    "queued.min.messages": 1,
    "queued.max.messages.kbytes": 16,
    "max.partition.fetch.bytes": 16_384,
    "fetch.wait.max.ms": 10,
    # Else a second passes between two partitions.
    "fetch.queue.backoff.ms": 20,
    "topic.metadata.refresh.interval.ms": 60_000,
    "allow.auto.create.topics": False,
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": True,
    # Where retention passed the offset, what is left of the gap counts.
    "auto.offset.reset": "earliest",
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
    def group_instance_id(self) -> str | None:
        """Static membership: the name that this process alone has in the group."""

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

    def secrets(self) -> Mapping[str, str]:
        """Further ones, whose values stand in files, as they are now. Raises nothing."""


def consumer_properties(config: KafkaConfig) -> dict[str, Any]:
    """Properties of the one client that reads. The user's win over defaults, never over what delivery rests on."""
    name = config.group_instance_id
    return {
        **_EVERYWHERE,
        **({} if is_new_protocol(config) else _CLASSIC),
        **({} if is_new_protocol(config) or name is not None else _NAMELESS),
        **_READING,
        **config.client,
        **config.secrets(),
        **({} if name is None else {"group.instance.id": name}),
        "bootstrap.servers": config.bootstrap_servers,
        "group.id": config.group_id,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": False,
        # A lost position is told to us and never skipped over silently.
        "auto.offset.reset": "error",
    }


def is_new_protocol(config: KafkaConfig) -> bool:
    """Whether the group speaks the protocol in which the brokers decide who reads what: KIP-848."""
    return config.client.get("group.protocol") == "consumer"


def letters_properties(config: KafkaConfig) -> dict[str, Any]:
    """Properties of the client that writes dead letters."""
    return {**shared_properties(config), **_WRITING}


def checking_properties(config: KafkaConfig) -> dict[str, Any]:
    """Properties of the client that looks at single offsets, and sees of transactions what the reading one sees.

    It has the group's name, which it may be allowed to use alone, and is never a member.
    """
    seen = {name: value for name, value in config.client.items() if name == "isolation.level"}
    return {**shared_properties(config), **_CHECKING, **seen, "group.id": config.group_id}


def shared_properties(config: KafkaConfig) -> dict[str, Any]:
    """How the brokers are reached: for any kind of client."""
    given = {**config.client, **config.secrets()}
    shared = {name: value for name, value in given.items() if name.startswith(_SHARED_PREFIXES)}
    return {**_EVERYWHERE, **shared, "bootstrap.servers": config.bootstrap_servers}
