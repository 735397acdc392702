"""Every partition of every topic that is read: what the team's rate is divided by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from confluent_kafka import Consumer, KafkaException

from consumer.adapters.kafka_status import Waits
from consumer.core.record import TopicPartition

if TYPE_CHECKING:
    from confluent_kafka.admin._metadata import TopicMetadata

__all__ = ["Topics"]


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

    def ask(self, client: Consumer, *, within_s: float) -> bool:
        """Asks again; returns whether the answer differs from the last. Does not raise. Never within a callback."""
        try:
            found = [topic for name in self._names for topic in self._matching(client, name, within_s)]
        except KafkaException as error:
            if not self._waits.note(error.args[0]):
                self._waits.no_answer(error.args[0])
            return False
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
