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
        within_s = min(within_s, _DESCRIBE_WITHIN_S)
        asked = client.describe_topics(
            TopicCollection([name]), include_authorized_operations=True, request_timeout=within_s
        )
        allowed = asked[name].result(within_s).authorized_operations
    except KafkaException as error:
        return _judge(error.args[0])
    except TimeoutError:  # a broker that cannot describe topics
        return LetterTopic.GOOD
    writable = not allowed or {"WRITE", "ALL"} & {operation.name for operation in allowed}
    return LetterTopic.GOOD if writable else LetterTopic.NOT_ALLOWED


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


def _judge(error: KafkaError) -> LetterTopic:
    if error.code() in {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC}:  # noqa: SLF001 - the client's name
        return LetterTopic.MISSING
    if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        return LetterTopic.NOT_ALLOWED
    return LetterTopic.NO_ANSWER
