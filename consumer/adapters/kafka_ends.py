"""Where partitions end on the broker, those that are paused or were not fetched yet too."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Final

from confluent_kafka import OFFSET_END, Consumer, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from consumer.adapters.kafka_rebalance import Owned
from consumer.adapters.kafka_reset import ends_of
from consumer.core.record import TopicPartition

__all__ = ["ASK_EVERY_S", "Ends"]

ASK_EVERY_S: Final = 2.0
"""The load is measured over a minute: what came since the last question is a thirtieth of it at most."""

_ASK_WITHIN_S: Final = 0.25
"""How long the client's thread may wait for it: the answer takes milliseconds, and is asked for again."""


class Ends:
    """Used on the client's thread alone. Partitions that are read are told by each fetch, the others are asked for."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Nothing was asked; ``now`` is monotonic seconds."""
        self._now = now
        self._asked_at = -math.inf
        self._found: Mapping[TopicPartition, int] = {}

    def of(
        self, client: Consumer, owned: Mapping[TopicPartition, Owned], *, answers: bool
    ) -> dict[TopicPartition, int | None]:
        """The offset of the next record of each; None: not known yet. Asks no broker unless one ``answers``."""
        fetched = {tp: ends_of(client, tp)[1] for tp in owned}
        if answers and self._now() - self._asked_at >= ASK_EVERY_S:
            self._asked_at = self._now()
            self._found = _asked(client, [tp for tp, at in owned.items() if at.paused or fetched[tp] is None])
        return {tp: _later(self._found.get(tp), end) for tp, end in fetched.items()}


def _later(one: int | None, other: int | None) -> int | None:
    return max((end for end in (one, other) if end is not None), default=None)


def _asked(client: Consumer, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
    """What the brokers say of all of them at once; of those that fail, nothing."""
    if not partitions:
        return {}
    try:
        found = client.offsets_for_times([ClientPartition(*tp, OFFSET_END) for tp in partitions], timeout=_ASK_WITHIN_S)
    except KafkaException:
        return {}
    return {TopicPartition(at.topic, at.partition): at.offset for at in found if at.error is None and at.offset >= 0}
