"""What stands on the broker in the end: the group's commits, and the dead letters. All methods wait for its answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from confluent_kafka import Consumer, Message, TopicPartition

from consumer.sandbox.product import Place

__all__ = ["Inspection"]

_WITHIN_S: Final = 10.0
_PARTITION: Final = "__connect.errors.partition"
_OFFSET: Final = "__connect.errors.offset"


class Inspection:
    """Asks as the group ``group_id`` without joining it. Raises ``KafkaException`` where the broker does not answer."""

    def __init__(self, bootstrap_servers: str, group_id: str) -> None:
        """Connects."""
        self._client = Consumer(
            {
                "bootstrap.servers": bootstrap_servers,
                "group.id": group_id,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "log_level": 0,
            }
        )

    def committed(self, topic: str, partitions: Iterable[int]) -> dict[int, int]:
        """The group's next offset of each partition; those without a commit are left out."""
        asked = [TopicPartition(topic, partition) for partition in partitions]
        found = self._client.committed(asked, timeout=_WITHIN_S) if asked else []
        return {each.partition: each.offset for each in found if each.offset >= 0}

    def letters(self, topic: str) -> list[Place]:
        """Where the records of the dead letters lie, by the letters' headers, in no order."""
        whole = [
            TopicPartition(topic, partition, 0)
            for partition in self._client.list_topics(topic, timeout=_WITHIN_S).topics[topic].partitions
        ]
        left = sum(self._client.get_watermark_offsets(each, timeout=_WITHIN_S)[1] for each in whole)
        self._client.assign(whole)
        found: list[Place] = []
        while left > 0:
            messages = self._client.consume(left, timeout=_WITHIN_S)
            if not messages:
                break
            left -= len(messages)
            found += [_place(message) for message in messages if message.error() is None]
        self._client.unassign()
        return found

    def close(self) -> None:
        """Disconnects."""
        self._client.close()


def _place(letter: Message) -> Place:
    """The record's place; one that is nowhere where a header is missing."""
    headers = dict(letter.headers() or ())
    return Place(int(headers.get(_PARTITION) or -1), int(headers.get(_OFFSET) or -1))
