"""Every partition of every topic that is read: what the team's rate is divided by."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from confluent_kafka import Consumer, KafkaException

from consumer.adapters.kafka_status import Waits
from consumer.core.record import TopicPartition

if TYPE_CHECKING:
    from confluent_kafka.admin._metadata import TopicMetadata

__all__ = ["Topics"]

_EVERY_S = 60.0
_EVERY_S_WHILE_WANTING = 5.0
_EVERY_S_BEFORE_JOINING = 0.2


class Topics:
    """Asks the brokers which partitions there are, and remembers the last good answer. Never makes a topic."""

    def __init__(self, names: Sequence[str], waits: Waits) -> None:
        """``names`` as in the settings: names, or one regular expression that starts with ``^``."""
        self._names = tuple(names)
        self._waits = waits
        self.partitions: tuple[TopicPartition, ...] = ()
        """Sorted; empty until the brokers answered."""
        self.answered = False
        """Whether they ever did."""
        self._asked_at = -math.inf

    def is_due(self, *, joining: bool, wanting: bool) -> bool:
        """Whether it is time to ask again.

        ``joining``: a first assignment waits for the answer. ``wanting``: there is nothing to read, or something is
        missing.
        """
        every_s = _EVERY_S_BEFORE_JOINING if joining else _EVERY_S_WHILE_WANTING if wanting else _EVERY_S
        return time.monotonic() - self._asked_at >= every_s

    def ask(self, client: Consumer, *, within_s: float, serving: bool = False) -> bool:
        """Asks again; returns whether the answer differs from the last. Does not raise. Never within a callback.

        ``serving``: the client is subscribed to nothing, so its callbacks may be served, which know why no answer came.
        """
        try:
            found = [topic for name in self._names for topic in self._matching(client, name, within_s)]
        except KafkaException as error:
            if serving:
                client.poll(0)
            if not self._waits.note(error.args[0]):
                self._waits.no_answer(error.args[0])
            return False
        finally:
            self._asked_at = time.monotonic()
        self.answered = True
        self._waits.brokers_answer()
        partitions = tuple(sorted(TopicPartition(name, number) for name, topic in found for number in topic.partitions))
        absent = [(name, topic.error) for name, topic in found if topic.error is not None and not topic.partitions]
        if not absent and partitions:
            self._waits.topics_exist()
        for name, problem in absent:
            self._waits.note(problem, name)
        if not found:
            self._waits.missing("topic", f"no topic matches {self._names[0]}")
        if not partitions or partitions == self.partitions:
            return False
        self.partitions = partitions
        return True

    @staticmethod
    def _matching(client: Consumer, name: str, within_s: float) -> list[tuple[str, TopicMetadata]]:
        if not name.startswith("^"):
            return [(name, client.list_topics(name, timeout=within_s).topics[name])]
        pattern = re.compile(name)
        topics = client.list_topics(timeout=within_s).topics
        return [(found, topic) for found, topic in sorted(topics.items()) if pattern.search(found)]
