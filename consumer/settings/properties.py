"""librdkafka's own properties, as a user may give them under ``kafka.client``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from consumer.settings.secret import looks_secret

__all__ = ["ClientProperties", "PropertyValue", "refused_properties"]

PropertyValue: TypeAlias = str | int | float | bool

_OWN_KEY = {
    "bootstrap.servers": "set kafka.bootstrap_servers instead",
    "metadata.broker.list": "set kafka.bootstrap_servers instead",
    "group.id": "set kafka.group_id instead",
    "group.instance.id": "set kafka.group_instance_id instead",
    "auto.offset.reset": "set kafka.start instead",
}
_DECIDED = {
    "enable.partition.eof": "the end of a partition is nothing that this program acts on",
    "enable.auto.commit": "a commit leaves only when its records are finished",
    "enable.auto.offset.store": "a commit leaves only when its records are finished",
    "plugin.library.paths": "it would load other programs' code",
    "logger": "it is a function and no value",
    "on_commit": "it is a function and no value",
}

_PROTOCOL = "group.protocol"
_CLASSIC = "classic"
_CONSUMER = "consumer"
"""Kafka's newer protocol of consumer groups, KIP-848: the brokers decide who reads what."""

_STRATEGY = "partition.assignment.strategy"
_COOPERATIVE = "cooperative-sticky"
_ASSIGNOR = "group.remote.assignor"

_THE_BROKERS = {
    "session.timeout.ms": "it is group.consumer.session.timeout.ms of the brokers",
    "heartbeat.interval.ms": "it is group.consumer.heartbeat.interval.ms of the brokers",
    _STRATEGY: f"{_ASSIGNOR} names one of the brokers' assignors; each moves partitions one by one",
    "group.protocol.type": "it belongs to the classic protocol",
}
"""What a client cannot set under KIP-848, and where it is set."""


class ClientProperties(dict[str, PropertyValue]):
    """Property names and values, fit to be handed to the client. Its ``repr`` hides the secret ones."""

    def __repr__(self) -> str:
        shown = {name: "…" if looks_secret(name) else value for name, value in self.items()}
        return f"ClientProperties({shown})"

    __str__ = __repr__


def refused_properties(client: Mapping[str, PropertyValue]) -> Iterator[tuple[str, str, str | None]]:
    """Name, message and hint of each property that is this program's to set, or that it cannot work with."""
    for name, value in client.items():
        if name.endswith("_cb"):
            yield name, "cannot be changed: it is a function and no value", None
        elif name in _OWN_KEY:
            yield name, "has a key of its own and must not stand under kafka.client", _OWN_KEY[name]
        elif name in _DECIDED or name.startswith("enable.auto."):
            reason = _DECIDED.get(name, _DECIDED["enable.auto.commit"])
            yield name, f"cannot be changed: {reason}", None
        else:
            yield from _of_protocol(name, value, client.get(_PROTOCOL, _CLASSIC))


def _of_protocol(name: str, value: PropertyValue, protocol: PropertyValue) -> Iterator[tuple[str, str, str | None]]:
    """What the protocol of the group takes, and what not."""
    if name == _PROTOCOL and value not in {_CLASSIC, _CONSUMER}:
        yield name, f"found {value}; allowed: {_CLASSIC} or {_CONSUMER}", None
    elif protocol == _CONSUMER and name in _THE_BROKERS:
        message = f"cannot be set under {_PROTOCOL}={_CONSUMER}: the brokers decide it; allowed: leave it out"
        yield name, message, _THE_BROKERS[name]
    elif protocol == _CLASSIC and name == _ASSIGNOR:
        message = f"counts under {_PROTOCOL}={_CONSUMER} alone; allowed: leave it out"
        yield name, message, f"under {_CLASSIC} it is {_STRATEGY}, which is {_COOPERATIVE}"
    elif protocol == _CLASSIC and name == _STRATEGY and value != _COOPERATIVE:
        yield name, f"found {value}; allowed: {_COOPERATIVE}", "partitions are moved one by one, without a stop"
