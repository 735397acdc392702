"""Secrets of a Kafka client that change in their files while it works.

librdkafka takes another name and password at any time, for its next connection. Everything else it reads once, when a
client is made: that it changed is only logged.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Protocol

from consumer.adapters.kafka_config import KafkaConfig
from consumer.logs import logger

_log = logger("kafka")

__all__ = ["LOOK_EVERY_S", "SecretsWatch"]

LOOK_EVERY_S = 5.0
"""A look reads two small files."""

_USERNAME, _PASSWORD = "sasl.username", "sasl.password"


class _Client(Protocol):
    def set_sasl_credentials(self, username: str, password: str) -> None:
        """For its next connection."""


class SecretsWatch:
    """Watches over one client, or one after the other; used by whoever owns it."""

    def __init__(self, config: KafkaConfig, *, tells: bool = False, now: Callable[[], float] = time.monotonic) -> None:
        """``now`` is monotonic seconds. The client is made no earlier than this. One of a process' watches tells."""
        self._config = config
        self._tells = tells
        self._now = now
        self._given = dict(config.secrets())
        self._looked_at = now() if self._given else math.inf

    def look(self, client: _Client) -> None:
        """Once in :data:`LOOK_EVERY_S`: hands a new name or password on, and logs what else changed."""
        now = self._now()
        if now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        found = dict(self._config.secrets())
        changed = {name for name, value in found.items() if value != self._given.get(name)}
        self._given = found
        if changed & {_USERNAME, _PASSWORD}:
            both = {**self._config.client, **found}
            client.set_sasl_credentials(str(both.get(_USERNAME, "")), str(both.get(_PASSWORD, "")))
        if changed and self._tells:
            at_restart = sorted(changed - {_USERNAME, _PASSWORD})
            _log.info("kafka_secrets_changed", properties=sorted(changed), at_restart=at_restart)
