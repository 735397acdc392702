"""The client's errors in words: which are fatal, and what may be said of one."""

from __future__ import annotations

import re

from confluent_kafka import KafkaError

__all__ = ["is_fatal", "sentence_of", "without_addresses"]

_ADDRESS = re.compile(r"\S*@\S*")


def is_fatal(error: KafkaError) -> bool:
    """Whether the client can never go on after it."""
    return bool(error.fatal()) or error.code() == KafkaError._FATAL  # noqa: SLF001 - the client's names begin so


def sentence_of(error: KafkaError) -> str:
    """For people, with the client's name of the error."""
    return f"the Kafka client cannot go on: {error.name()}: {without_addresses(error.str())}"


def without_addresses(text: str) -> str:
    """The same text with each e-mail address (or ``name@host``) replaced."""
    return _ADDRESS.sub("…@…", text)
