"""How long the topics keep a record, asked of the brokers now and then: a lag near it is about to lose records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType

from consumer.adapters.kafka_config import KafkaConfig, shared_properties
from consumer.adapters.kafka_errors import sentence_of
from consumer.adapters.kafka_guard import ClientLog
from consumer.logs import logger

_log = logger("kafka")

__all__ = ["ASK_EVERY_S", "Retention", "retention_s_of"]

ASK_EVERY_S: Final = 1_800.0
"""A topic's retention is changed by hand, and rarely."""

_LOOK_EVERY_S: Final = 2.0
"""Until there is a topic to ask about."""

_AGAIN_AFTER_S: Final = 60.0
"""Where no client could be made, as while a certificate's file is not there."""

_WITHIN_S: Final = 5.0


class Retention:
    """Needs DESCRIBE_CONFIGS on the topics; without it nothing is known of them, which is logged at each question."""

    def __init__(self, config: KafkaConfig, topics: Callable[[], Iterable[str]]) -> None:
        """``topics`` says of which to ask. Nothing is asked yet."""
        self._config, self._topics = config, topics
        self._seconds: Mapping[str, float] = {}
        self._refused = False

    def __call__(self) -> Mapping[str, float]:
        """What is known now, in seconds by topic; one that keeps its records for ever is not there."""
        return self._seconds

    async def run(self) -> None:
        """Until it is cancelled. The client lives as long as the question, on a thread of its own."""
        while True:
            topics = sorted(set(self._topics()))
            await asyncio.sleep(await self._ask(topics) if topics else _LOOK_EVERY_S)

    async def _ask(self, topics: Iterable[str]) -> float:
        """Returns after how many seconds to ask again. Where no client can be made, what is known stays."""
        try:
            self._seconds = await asyncio.to_thread(_asked, self._config, topics)
        except KafkaException as error:
            if not self._refused:
                _log.warning("kafka_retention_not_asked", error=sentence_of(error.args[0]))
            self._refused = True
            return _AGAIN_AFTER_S
        self._refused = False
        return ASK_EVERY_S


def retention_s_of(settings: Mapping[str, str | None]) -> float | None:
    """What a topic's settings say in seconds; None: for ever, as where it is compacted alone, or not said."""
    text = settings.get("retention.ms") or ""
    return int(text) / 1000 if text.isdigit() and "delete" in (settings.get("cleanup.policy") or "delete") else None


def _asked(config: KafkaConfig, topics: Iterable[str]) -> dict[str, float]:
    properties: dict[str, Any] = {**shared_properties(config), "logger": ClientLog(), "log_level": 0}
    client, resources = AdminClient(properties), [ConfigResource(ResourceType.TOPIC, topic) for topic in topics]
    found = {}
    for resource, answer in client.describe_configs(resources, request_timeout=_WITHIN_S).items():
        try:
            settings = {name: entry.value for name, entry in answer.result(_WITHIN_S).items()}
        except (KafkaException, TimeoutError) as error:
            told = error.args[0].name() if isinstance(error, KafkaException) else "timed out"
            _log.warning("kafka_retention_unknown", topic=str(resource.name), error=told)
        else:
            if (seconds := retention_s_of(settings)) is not None:
                found[str(resource.name)] = seconds
    return found
