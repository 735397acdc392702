"""What was read and cannot be decoded for now: kept as it was read, and tried again while the group is served.

1. None of it is handed out, so nothing of it is committed or given up; it waits in its order.
2. Meanwhile the reader holds every partition: no more than one read is ever kept, and polling goes on.
3. What moves is forgotten: the next owner, or this process from the beginning of its new assignment, reads it again.
4. Tries come at growing intervals, and the first that succeeds ends it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import Final

from confluent_kafka import Message

from consumer.adapters.kafka_pace import OWING_POLL_S
from consumer.adapters.kafka_reader import Reader
from consumer.adapters.kafka_rebalance import Assignments
from consumer.adapters.kafka_status import Waits
from consumer.core.record import Batch, TopicPartition
from consumer.mapping.envelope import NotYet
from consumer.ports import Select

__all__ = ["AGAIN_MAX_S", "SAID_AFTER_S", "Undecoded"]

AGAIN_MAX_S: Final = 5.0
"""Between two tries, at most: so long it may take to go on once what was missing is there."""

SAID_AFTER_S: Final = 1.0
"""A schema that is new takes a moment to be had; only what takes longer is worth a line."""

_AGAIN_MIN_S: Final = 0.05


class Undecoded:
    """Used on the client's thread alone. True while something is kept."""

    def __init__(self, waits: Waits, now: Callable[[], float] = time.monotonic) -> None:
        """Nothing is kept. ``now`` is monotonic seconds."""
        self._messages: Sequence[Message] = ()
        self._waits = waits
        self._now = now
        self._since = self._due = 0.0
        self._again_s = _AGAIN_MIN_S

    def __bool__(self) -> bool:
        return bool(self._messages)

    def select(self, select: Select, messages: Sequence[Message], reader: Reader) -> Batch | None:
        """What these come to; ``None`` where there are none, or they are kept from now on and the reader holds."""
        if not messages:
            return None
        began = self._now()
        try:
            batch = select(messages)
        except NotYet as reason:
            self._keep(messages, str(reason))
            if not reader.holding:
                reader.hold()
            return None
        reader.took(self._now() - began)
        self._end()
        return batch

    def again(self, reader: Reader, assignments: Assignments) -> Sequence[Message]:
        """All that is kept, where it is time for another try; else none, once the group was served for a moment."""
        if self._now() >= self._due:
            return self._messages
        reader.serve(OWING_POLL_S)
        if assignments.moved:
            self.drop(assignments.moved)
        return ()

    def drop(self, partitions: Collection[TopicPartition]) -> None:
        """Forgets what it keeps of partitions that moved, or that are read from elsewhere now."""
        if not self:
            return
        self._messages = [message for message in self._messages if _of(message) not in partitions]
        if not self:
            self._end()

    def _keep(self, messages: Sequence[Message], reason: str) -> None:
        now = self._now()
        if not self:
            self._since, self._again_s = now, _AGAIN_MIN_S
        self._messages = messages
        self._due = now + self._again_s
        self._again_s = min(2 * self._again_s, AGAIN_MAX_S)
        if now - self._since >= SAID_AFTER_S:
            self._waits.missing("schema", reason)

    def _end(self) -> None:
        self._messages = ()
        self._waits.decoded()


def _of(message: Message) -> TopicPartition:
    return TopicPartition(message.topic() or "", message.partition() or 0)
