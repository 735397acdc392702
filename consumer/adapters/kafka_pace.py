"""How long the Kafka thread may sit in a poll, which nothing wakes but what comes from Kafka.

100 ms where no command is urgent; 4 ms while a record that a rule wants is not committed and something happened within
the last second, so that a commit leaves soon after its request finished; 20 ms while that takes longer, as in outages.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection

from consumer.core.record import TopicPartition

__all__ = ["BUSY_POLL_S", "IDLE_POLL_S", "OWING_POLL_S", "Pace"]

IDLE_POLL_S = 0.1
OWING_POLL_S = 0.02
BUSY_POLL_S = 0.004
_BUSY_FOR_S = 1.0


class Pace:
    """Used on the client's thread alone."""

    def __init__(self) -> None:
        """Nothing is owed, and nothing has happened."""
        self._owing: dict[TopicPartition, int] = {}
        """Where a partition's commit must stand for all its wanted records to be committed."""
        self._happened_at = -math.inf

    def happened(self) -> None:
        """Records came, or a command."""
        self._happened_at = time.monotonic()

    def owe(self, tp: TopicPartition, offset: int) -> None:
        """A record that a rule wants came; its commit stands at ``offset`` at least."""
        self._owing[tp] = offset

    def paid(self, tp: TopicPartition, offset: int) -> None:
        """A commit stands there now."""
        if self._owing.get(tp, offset + 1) <= offset:
            del self._owing[tp]

    def forget(self, tp: TopicPartition) -> None:
        """Nothing of it will be committed."""
        self._owing.pop(tp, None)

    def keep(self, owned: Collection[TopicPartition]) -> None:
        """Only these are ours."""
        self._owing = {tp: offset for tp, offset in self._owing.items() if tp in owned}

    def poll_s(self) -> float:
        """How long the next poll may wait, in seconds."""
        if not self._owing:
            return IDLE_POLL_S
        return BUSY_POLL_S if time.monotonic() - self._happened_at < _BUSY_FOR_S else OWING_POLL_S
