"""Whether dead letters can be written, as far as the brokers can be asked without writing one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from consumer.adapters.kafka_config import KafkaConfig, shared_properties
from consumer.adapters.kafka_errors import is_no_login

if TYPE_CHECKING:
    from confluent_kafka.admin._metadata import ClusterMetadata

__all__ = ["LetterTopic", "check_topic", "what_is_wrong"]

_DESCRIBE_WITHIN_S = 1.0
"""Of the time that is given, or a quarter of it where that is less."""

_LIST_FIRST_S = 0.5
"""How long the first question is waited for, then twice as long each time: in between it shows who is not let in."""

_LIST_AGAIN_AFTER_S = 0.1
"""A connection that breaks ends the question at once, though brokers are there."""


class LetterTopic(Enum):
    """What the brokers say of the topic."""

    GOOD = "good"
    MISSING = "missing"
    NOT_ALLOWED = "not_allowed"
    NO_ANSWER = "no_answer"
    """Nobody could be asked: this passes, and says nothing of the topic."""
    NOT_LET_IN = "not_let_in"
    """The same, because of the credentials, or of a certificate that is not trusted."""


def check_topic(config: KafkaConfig, *, within_s: float) -> LetterTopic:
    """Asks, waits ``within_s`` for the answer, and never makes the topic. To be called off the event loop."""
    describe_s = min(_DESCRIBE_WITHIN_S, within_s / 4)
    errors: list[KafkaError] = []
    properties: dict[str, Any] = {**shared_properties(config), "error_cb": errors.append, "log_level": 0}
    client = AdminClient(properties)
    name = config.dead_letter_topic
    cluster = _listed(client, errors, within_s=within_s - describe_s)
    if cluster is None:
        return LetterTopic.NOT_LET_IN if _is_kept_out(errors) else LetterTopic.NO_ANSWER
    if name not in cluster.topics:
        return LetterTopic.MISSING
    # Topics are described by the controller; the client would wait in vain for one that nobody knows.
    if cluster.controller_id not in cluster.brokers or _may_be_written(client, name, within_s=describe_s):
        return LetterTopic.GOOD
    return LetterTopic.NOT_ALLOWED


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


def _listed(client: AdminClient, errors: Sequence[KafkaError], *, within_s: float) -> ClusterMetadata | None:
    """All topics, as asking for one by its name makes it where the brokers are set so. None: nobody answers.

    ``errors`` are those that the client's callback has brought. Who is not let in does not wait until the time is over.
    """
    until = time.monotonic() + within_s
    wait_s = _LIST_FIRST_S
    while (left_s := until - time.monotonic()) > 0 and not _is_kept_out(errors):
        try:
            return client.list_topics(timeout=min(left_s, wait_s))
        except KafkaException:
            client.poll(min(_LIST_AGAIN_AFTER_S, max(0.0, until - time.monotonic())))
        wait_s *= 2
    return None


def _is_kept_out(errors: Sequence[KafkaError]) -> bool:
    return any(is_no_login(error) for error in errors)


def _may_be_written(client: AdminClient, name: str, *, within_s: float) -> bool:
    """As far as the brokers say; some cannot, and then a letter that fails is told when it fails."""
    try:
        asked = client.describe_topics(
            TopicCollection([name]), include_authorized_operations=True, request_timeout=within_s
        )
        allowed = asked[name].result(within_s).authorized_operations
    except KafkaException as error:
        return bool(error.args[0].code() != KafkaError.TOPIC_AUTHORIZATION_FAILED)
    except TimeoutError:
        return True
    return not allowed or bool({"WRITE", "ALL"} & {operation.name for operation in allowed})
