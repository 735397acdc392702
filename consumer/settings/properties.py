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
_NOT_SUPPORTED = {"group.instance.id": None, "group.protocol": "classic", "group.remote.assignor": None}
_STRATEGY = "partition.assignment.strategy"
_COOPERATIVE = "cooperative-sticky"


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
        elif name in _NOT_SUPPORTED and value != _NOT_SUPPORTED[name]:
            allowed = f"; allowed: {_NOT_SUPPORTED[name]}" if _NOT_SUPPORTED[name] else ""
            found = f"{value} " if _NOT_SUPPORTED[name] else ""
            yield name, f"{found}is not supported by this version{allowed}", None
        elif name == _STRATEGY and value != _COOPERATIVE:
            yield name, f"found {value}; allowed: {_COOPERATIVE}", "partitions are moved one by one, without a stop"
