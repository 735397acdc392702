"""Looks at the load every few seconds, and says in the log when more arrives than may leave."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Final

from consumer.load import LOOK_EVERY_S
from consumer.logs import logger
from consumer.status import LoadState, LoadStatus

__all__ = ["OverloadWatch"]

_SAY_EVERY_S: Final = 60.0
_RULES_SAID_MAX: Final = 5


class OverloadWatch:
    """One line at most a minute while it lasts, and one when it is over."""

    def __init__(self, look: Callable[[], LoadStatus], *, now: Callable[[], float]) -> None:
        """``look`` takes note of what waits; ``now`` is monotonic seconds."""
        self._look = look
        self._now = now
        self._log = logger("load")
        self._said_at = -math.inf
        self._is_said = False

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Once."""
        load = self._look()
        if load.state is LoadState.OVERLOADED:
            if self._now() - self._said_at >= _SAY_EVERY_S:
                self._said_at, self._is_said = self._now(), True
                self._log.warning("overloaded", **_described(load))
        elif self._is_said:
            self._is_said = False
            self._log.info("overloaded_no_more", state=load.state.value, **_described(load))


def _described(load: LoadStatus) -> dict[str, object]:
    return {
        "arriving_per_s": load.arriving_per_s,
        "allowed_per_s": load.allowed_per_s,
        "waiting": load.waiting_requests,
        "unread": load.unread_requests,
        "drains_in_s": load.drains_in_s,
        "rules_per_s": {one.rule: one.leaving_per_s for one in load.rules[:_RULES_SAID_MAX]},
    }
