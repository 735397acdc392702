"""Calls made by hand beside a consumer that may use the team's whole rate: apart, and patient where it is used up."""

from __future__ import annotations

import asyncio
import math
from typing import Final

from consumer.core.outcome import Answer, Response, judge
from consumer.core.request import HttpRequest
from consumer.ports import LoopsApi

__all__ = ["UnhurriedApi"]

_APART_S: Final = 0.2
"""Five a second: half of what Loops allows a team."""

_THROTTLED_MAX: Final = 20
"""How often in a row a call may be told to slow down until that is its answer."""

_WAIT_S: Final = 1.0
"""After a 429 that does not say how long: the window in which Loops counts."""
_WAIT_S_MAX: Final = 10.0
"""Whatever it says: a person waits."""


class UnhurriedApi:
    """Implements :class:`consumer.ports.LoopsApi` with another one; one call at a time."""

    def __init__(self, api: LoopsApi) -> None:
        """Calls by ``api``, which it closes."""
        self._api = api
        self._next_at = -math.inf

    async def call(self, request: HttpRequest) -> Answer:
        """Makes one call when its time has come; one that is throttled once more, in its time."""
        answer = await self._in_time(request)
        for _ in range(_THROTTLED_MAX - 1):
            if not isinstance(answer, Response) or answer.status != 429:
                break
            after_s = judge(request.call, answer, wall=0.0).retry_after_s or _WAIT_S
            await asyncio.sleep(min(after_s, _WAIT_S_MAX))
            answer = await self._in_time(request)
        return answer

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()

    async def _in_time(self, request: HttpRequest) -> Answer:
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, self._next_at - now))
        self._next_at = max(now, self._next_at) + _APART_S
        return await self._api.call(request)
