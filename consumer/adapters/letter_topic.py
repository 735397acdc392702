"""Whether dead letters can be written, as far as the brokers can be asked without writing one."""

from __future__ import annotations

from enum import Enum

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from consumer.adapters.kafka_config import KafkaConfig, shared_properties

__all__ = ["LetterTopic", "check_topic", "what_is_wrong"]

_DESCRIBE_WITHIN_S = 1.0


class LetterTopic(Enum):
    """What the brokers say of the topic."""

    GOOD = "good"
    MISSING = "missing"
    NOT_ALLOWED = "not_allowed"
    NO_ANSWER = "no_answer"
    """Nobody could be asked: this passes, and says nothing of the topic."""


def check_topic(config: KafkaConfig, *, within_s: float) -> LetterTopic:
    """Asks, and waits for the answer; never makes the topic. To be called off the event loop."""
    client = AdminClient({**shared_properties(config), "log_level": 0})
    name = config.dead_letter_topic
    try:
        # All topics: asking for one by its name makes it where the brokers are set so.
        if name not in client.list_topics(timeout=within_s).topics:
            return LetterTopic.MISSING
    except KafkaException:
        return LetterTopic.NO_ANSWER
    return LetterTopic.GOOD if _may_be_written(client, name) else LetterTopic.NOT_ALLOWED


def what_is_wrong(found: LetterTopic, topic: str) -> str | None:
    """A sentence for people; None where nothing is, or nobody could be asked."""
    match found:
        case LetterTopic.MISSING:
            return (
                f'the dead-letter topic "{topic}" does not exist, or may not be seen; create it, '
                "name another as kafka.dead_letter_topic, or grant DESCRIBE and WRITE on it"
            )
        case LetterTopic.NOT_ALLOWED:
            return f'writing to the dead-letter topic "{topic}" is not allowed; grant WRITE on it'
        case _:
            return None


def _may_be_written(client: AdminClient, name: str) -> bool:
    """As far as the brokers say; some cannot, and then a letter that fails is told when it fails."""
    asked = client.describe_topics(
        TopicCollection([name]), include_authorized_operations=True, request_timeout=_DESCRIBE_WITHIN_S
    )
    try:
        allowed = asked[name].result(_DESCRIBE_WITHIN_S).authorized_operations
    except KafkaException as error:
        return bool(error.args[0].code() != KafkaError.TOPIC_AUTHORIZATION_FAILED)
    except TimeoutError:
        return True
    return not allowed or bool({"WRITE", "ALL"} & {operation.name for operation in allowed})
