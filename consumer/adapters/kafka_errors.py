"""The client's errors in words: which are fatal, and what may be said of one."""

from __future__ import annotations

import re

from confluent_kafka import KafkaError

__all__ = ["NO_LOGIN", "detail_of", "is_fatal", "sentence_of", "without_addresses"]

NO_LOGIN = (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError._SSL)  # noqa: SLF001 - the client's names begin so
"""Errors of who is not let in: a wrong password, a certificate that is not trusted."""

_ADDRESS = re.compile(r"\S*@\S*")
_WHERE_AND_WHEN = re.compile(r"^(?:\S+://\S+: )+|\s*\(after .*\)$")
"""What differs from one broker and attempt to the next."""


def is_fatal(error: KafkaError) -> bool:
    """Whether the client can never go on after it."""
    return bool(error.fatal()) or error.code() == KafkaError._FATAL  # noqa: SLF001 - the client's names begin so


def sentence_of(error: KafkaError) -> str:
    """For people, with the client's name of the error."""
    return f"the Kafka client cannot go on: {error.name()}: {without_addresses(error.str())}"


def detail_of(error: KafkaError) -> str:
    """What the client says of it, the same for each broker and attempt."""
    return without_addresses(_WHERE_AND_WHEN.sub("", error.str()))


def without_addresses(text: str) -> str:
    """The same text with each e-mail address (or ``name@host``) replaced."""
    return _ADDRESS.sub("…@…", text)
