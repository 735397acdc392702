"""What librdkafka itself says of the user's properties, asked without reaching for a broker."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaException

from consumer.adapters.kafka_config import KafkaConfig, consumer_properties
from consumer.faults import nearest
from consumer.settings import looks_secret

__all__ = ["WrongProperty", "wrong_properties"]

_COMMON = (
    "client.dns.lookup",
    "client.id",
    "client.rack",
    "debug",
    "fetch.max.bytes",
    "fetch.min.bytes",
    "fetch.wait.max.ms",
    "group.protocol",
    "heartbeat.interval.ms",
    "isolation.level",
    "max.partition.fetch.bytes",
    "max.poll.interval.ms",
    "message.max.bytes",
    "partition.assignment.strategy",
    "queued.max.messages.kbytes",
    "reconnect.backoff.max.ms",
    "sasl.kerberos.keytab",
    "sasl.kerberos.principal",
    "sasl.kerberos.service.name",
    "sasl.mechanism",
    "sasl.mechanisms",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.extensions",
    "sasl.oauthbearer.method",
    "sasl.oauthbearer.scope",
    "sasl.oauthbearer.token.endpoint.url",
    "sasl.password",
    "sasl.username",
    "security.protocol",
    "session.timeout.ms",
    "socket.keepalive.enable",
    "socket.timeout.ms",
    "ssl.ca.location",
    "ssl.ca.pem",
    "ssl.certificate.location",
    "ssl.certificate.pem",
    "ssl.cipher.suites",
    "ssl.endpoint.identification.algorithm",
    "ssl.key.location",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.location",
    "ssl.keystore.password",
)
"""Properties that people set; what a wrong name probably means."""


_TOKENS = "sasl.oauthbearer.token.endpoint.url"
_NOWHERE = "http://127.0.0.1:1"
"""A client asks for its token as soon as it is made: here nobody answers."""

_WITH_PASSWORD = {"ssl.key.location", "ssl.keystore.location"}


@dataclass(frozen=True, slots=True)
class WrongProperty:
    """``name`` is ``None`` where several do not go together."""

    name: str | None
    message: str
    hint: str | None = None


def wrong_properties(config: KafkaConfig, *, unread: Collection[str] = ()) -> Iterator[WrongProperty]:
    """Each of the user's properties that librdkafka does not know or take; files that they name are read.

    ``unread`` are secrets that are not known, and no fault here.
    """
    given = {**config.client, **config.secrets()}
    rest: dict[str, Any] = {**consumer_properties(config), **dict.fromkeys(unread, "unknown"), "logger": _silent()}
    del rest["bootstrap.servers"]
    if _TOKENS in rest:
        rest[_TOKENS] = _NOWHERE
    if any(name.startswith("ssl.") for name in unread):
        rest = {name: value for name, value in rest.items() if name not in _WITH_PASSWORD}
    for _ in range(len(given) + 1):
        try:
            client = Consumer(rest)
        except KafkaException as error:
            text = " ".join(error.args[0].str().split())
        except (TypeError, ValueError) as error:
            text = str(error)
        else:
            with closing(client):
                return
        name = _named(text, given)
        yield _wrong(name, text, given)
        if name is None:
            return
        rest.pop(name, None)


def _named(text: str, given: Collection[str]) -> str | None:
    """Which of the user's properties the client speaks of: the quoted one, or the longest, as one name is in others."""
    quoted = re.search(r'property "([^"]+)"', text)
    if quoted is not None and quoted[1] in given:
        return quoted[1]
    if " and " in text or ">=" in text:
        return None
    return max((name for name in given if name in text), key=len, default=None)


def _wrong(name: str | None, text: str, given: Mapping[str, object]) -> WrongProperty:
    if name is not None and text.startswith("No such configuration property"):
        meant = nearest(name, _COMMON)
        hint = f"did you mean {meant}?" if meant else "librdkafka's CONFIGURATION.md lists all"
        return WrongProperty(name, "unknown property of librdkafka", hint)
    if name is not None and name.endswith(".location") and (why := _unreadable(str(given[name]))) is not None:
        return WrongProperty(name, f"{given[name]} cannot be read: {why}")
    if name is not None and looks_secret(name):
        return WrongProperty(name, "librdkafka does not take this value (it is not shown)")
    return WrongProperty(name, f"librdkafka says: {text.removeprefix('Failed to create consumer: ')}")


def _unreadable(file: str) -> str | None:
    """Why the file cannot be read, as far as the system knows."""
    try:
        with Path(file).open("rb"):
            return None
    except OSError as error:
        return error.strerror


def _silent() -> logging.Logger:
    """What the client logs beside its error is the same in other words."""
    logger = logging.getLogger(f"{__name__}.silent")
    logger.propagate = False
    logger.disabled = True
    return logger
