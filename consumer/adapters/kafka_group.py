"""What the consumer group has committed, and whether anybody is in it: asked without joining it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from typing import TYPE_CHECKING, Any

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition
from confluent_kafka.admin import AdminClient

from consumer.adapters.kafka_commits import found_positions
from consumer.adapters.kafka_config import KafkaConfig, checking_properties, shared_properties
from consumer.adapters.kafka_errors import sentence_of
from consumer.adapters.kafka_guard import ClientLog
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition

if TYPE_CHECKING:
    from confluent_kafka.admin._group import ConsumerGroupDescription

__all__ = ["GroupUnknown", "committed", "members"]

_WITHIN_S = 10.0


class GroupUnknown(Exception):  # noqa: N818 - it says what happened
    """The brokers do not tell; the text says why, with the client's name of the error."""


def committed(config: KafkaConfig, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, Committable | None]:
    """What the group has committed of each of these; ``None``: nothing. Raises :class:`GroupUnknown`."""
    properties = {**checking_properties(config), "logger": ClientLog(), "log_level": 0}
    try:
        with closing(Consumer(properties)) as client:
            found = client.committed([ClientPartition(*tp) for tp in partitions], timeout=_WITHIN_S)
    except KafkaException as error:
        raise GroupUnknown(sentence_of(error.args[0])) from None
    return found_positions(found)


def members(config: KafkaConfig) -> int | None:
    """How many consumers are in the group now; ``None``: the brokers do not tell."""
    properties: dict[str, Any] = {**shared_properties(config), "logger": ClientLog(), "log_level": 0}
    try:
        client = AdminClient(properties)
        asked: Future[ConsumerGroupDescription] = client.describe_consumer_groups(
            [config.group_id], request_timeout=_WITHIN_S
        )[config.group_id]
        return len(asked.result(_WITHIN_S).members)
    except KafkaException as error:
        return 0 if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND else None
    except TimeoutError:
        return None
