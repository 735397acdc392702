"""The wait, on the Kafka thread, for the listener's answer to a revoke: bounded, and never taken for another's."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from consumer.adapters.kafka_commands import CommandQueue, Handed
from consumer.adapters.kafka_commits import Positions
from consumer.adapters.kafka_teller import Teller
from consumer.core.record import TopicPartition

__all__ = ["Handovers"]

_BEAT_EVERY_S = 1.0


class Handovers:
    """Asks for what may be committed of partitions that will go. Used on the client's thread alone."""

    def __init__(self, commands: CommandQueue, teller: Teller, *, within_s: float) -> None:
        """``within_s``: how long one answer is waited for."""
        self.late = 0
        """Revokes that ended without an answer in time."""
        self._commands = commands
        self._teller = teller
        self._within_s = within_s
        self._owed = 0
        """Answers that did not come in time and may still come."""

    def ask(self, partitions: Sequence[TopicPartition], beat: Callable[[], None]) -> Positions:
        """Tells of a revoke and waits for its answer; ``beat`` is called once a second. Other commands wait."""
        self._teller.revoked(partitions)
        end = time.monotonic() + self._within_s
        while (left_s := end - time.monotonic()) > 0 and not self._teller.gone:
            beat()
            handed = self._commands.wait_for(Handed, within_s=min(left_s, _BEAT_EVERY_S))
            if handed is None:
                continue
            if self._owed:
                self._owed -= 1
                if not handed.positions.keys() & set(partitions):
                    continue
            return handed.positions
        self.late += 1
        self._owed += 1
        return {}

    def came_late(self) -> None:
        """An answer came when no revoke waits."""
        self._owed = max(0, self._owed - 1)
