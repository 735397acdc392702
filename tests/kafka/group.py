"""What a consumer group has committed, who is in it, and where its topic ends: asked without joining it."""

from __future__ import annotations

from typing import Final

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from consumer.core.effect import Committable

__all__ = ["commits", "committed", "ends", "members"]

_WITHIN_S: Final = 60


def commits(bootstrap_servers: str, group: str, topic: str) -> dict[int, Committable]:
    """The commit of each partition that has one, with its metadata."""
    # An ``AdminClient`` that is told of a moved coordinator ends the process: librdkafka's issue 5040.
    client = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": group, "log_level": 0})
    try:
        partitions = client.list_topics(topic, timeout=_WITHIN_S).topics[topic].partitions
        found = client.committed([TopicPartition(topic, number) for number in partitions], timeout=_WITHIN_S)
    finally:
        client.close()
    return {at.partition: Committable(at.offset, at.metadata or "") for at in found if at.offset >= 0}


def committed(bootstrap_servers: str, group: str, topic: str) -> dict[int, int]:
    """The next offset to read of each partition that has a commit."""
    return {number: commit.offset for number, commit in commits(bootstrap_servers, group, topic).items()}


def ends(bootstrap_servers: str, topic: str) -> dict[int, int]:
    """Where each partition ends, of those that are not empty."""
    client = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "asks-for-ends", "log_level": 0})
    try:
        partitions = client.list_topics(topic, timeout=_WITHIN_S).topics[topic].partitions
        found = {
            number: client.get_watermark_offsets(TopicPartition(topic, number), timeout=_WITHIN_S)
            for number in partitions
        }
    finally:
        client.close()
    return {number: at[1] for number, at in found.items() if at[1] > 0}


def members(bootstrap_servers: str, group: str) -> int:
    """How many members the group has."""
    admin = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})
    return len(admin.describe_consumer_groups([group])[group].result(_WITHIN_S).members)
