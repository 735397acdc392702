"""The client's errors in words: which are fatal, and what may be said of one."""

from __future__ import annotations

import re

from confluent_kafka import KafkaError

__all__ = ["detail_of", "is_fatal", "is_no_login", "is_refused_certificate", "sentence_of", "without_addresses"]

_NO_LOGIN = (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError._SSL)  # noqa: SLF001 - the client's names begin so

_DETAIL_LENGTH_MAX = 300
"""Characters: some of it is what another server says, as whoever gives tokens."""

_ADDRESS = re.compile(r"\S*@\S*")
_WHERE_AND_WHEN = re.compile(r"^(?:\S+://\S+: )+|\s*\(after .*\)$")
"""What differs from one broker and attempt to the next."""


def is_fatal(error: KafkaError) -> bool:
    """Whether the client can never go on after it."""
    return bool(error.fatal()) or error.code() == KafkaError._FATAL  # noqa: SLF001 - the client's names begin so


def is_no_login(error: KafkaError) -> bool:
    """Whether the client is not let in, or lets nobody in: a wrong password, a certificate that is not trusted."""
    return error.code() in _NO_LOGIN or is_refused_certificate(error)


def is_refused_certificate(error: KafkaError) -> bool:
    """Whether the brokers do not take the client's certificate, or miss one.

    By TLS 1.3 they say so after the handshake, and the client sees a connection that broke.
    """
    return error.code() == KafkaError._TRANSPORT and "tls alert" in error.str()  # noqa: SLF001 - as above


def sentence_of(error: KafkaError) -> str:
    """For people, with the client's name of the error."""
    return f"the Kafka client cannot go on: {error.name()}: {without_addresses(error.str())}"


def detail_of(error: KafkaError) -> str:
    """What the client says of it, the same for each broker and attempt."""
    return without_addresses(_WHERE_AND_WHEN.sub("", error.str()))[:_DETAIL_LENGTH_MAX]


def without_addresses(text: str) -> str:
    """The same text with each e-mail address (or ``name@host``) replaced."""
    return _ADDRESS.sub("…@…", text)
