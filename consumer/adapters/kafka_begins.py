"""Where a new group begins that reads neither from the first record nor from the end: commits before it is read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Final

from confluent_kafka import Consumer, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_commits import errors_in
from consumer.adapters.kafka_config import KafkaConfig, consumer_properties
from consumer.adapters.kafka_errors import sentence_of
from consumer.adapters.kafka_guard import ClientLog
from consumer.adapters.kafka_peek import PeekFailed
from consumer.core.record import TopicPartition

__all__ = ["commit_begins"]

_WITHIN_S: Final = 10.0


def commit_begins(config: KafkaConfig, begins: Mapping[TopicPartition, int]) -> None:
    """Commits these for the group, but where it has a commit. Raises :class:`PeekFailed`.

    Kafka takes such a commit while the group has no member.
    """
    properties = {**consumer_properties(config), "logger": ClientLog(), "log_level": 0}
    try:
        with closing(Consumer(properties)) as client:
            there = client.committed([ClientPartition(*tp) for tp in begins], timeout=_WITHIN_S)
            new = [ClientPartition(at.topic, at.partition, _begin(begins, at)) for at in there if at.offset < 0]
            wrong = errors_in(client.commit(offsets=new, asynchronous=False) or []) if new else []
    except KafkaException as error:
        raise PeekFailed(sentence_of(error.args[0])) from None
    if wrong:
        raise PeekFailed(f"the group {config.group_id} cannot begin there: {', '.join(wrong)}")


def _begin(begins: Mapping[TopicPartition, int], at: ClientPartition) -> int:
    return begins[TopicPartition(at.topic, at.partition)]
