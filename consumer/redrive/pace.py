"""The share of the team's rate that a redrive takes, over all its requests."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from consumer.core.outcome import Answer, judge
from consumer.core.pacer import Pacer
from consumer.core.request import HttpRequest
from consumer.ports import LoopsApi

__all__ = ["PacedLoops", "ShareTooSmall", "requests_per_s"]


class ShareTooSmall(Exception):  # noqa: N818 - it says what is wrong
    """The text says what is allowed."""


def requests_per_s(share: float, rate_per_s: int, *, of_letter: int) -> int:
    """Whole requests a second that this share of the rate comes to, at least the ``of_letter`` that one letter takes.

    Raises :class:`ShareTooSmall` where it comes to less.
    """
    found = math.floor(share * rate_per_s + 1e-9)
    if found >= of_letter:
        return found
    if rate_per_s < of_letter:
        raise ShareTooSmall(f"a letter takes {of_letter} requests, and loops.rate_per_s is {rate_per_s}")
    least = math.ceil(of_letter / rate_per_s * 100) / 100
    raise ShareTooSmall(
        f"{share:g} of {rate_per_s} requests a second is less than one letter a second, which takes {of_letter};"
        f" allowed: {least:g} to 1"
    )


class PacedLoops:
    """Lets requests through to Loops at so many a second, in the order in which they come."""

    def __init__(self, api: LoopsApi, per_s: int, *, now: Callable[[], float], random: Callable[[], float]) -> None:
        """``now`` is monotonic seconds, ``random`` from 0 to 1."""
        self._api = api
        self._pacer = Pacer(per_s, random=random)
        self._pacer.group_per_s = per_s
        self._now = now
        self._turn = asyncio.Lock()

    async def call(self, request: HttpRequest) -> Answer:
        """Waits for its turn, and makes one call."""
        async with self._turn:
            if (wait_s := self._pacer.ready_at(self._now()) - self._now()) > 0:
                await asyncio.sleep(wait_s)
            left_at = self._now()
            self._pacer.leave(left_at)
        answer = await self._api.call(request)
        self._pacer.answered(left_at, judge(request.call, answer, wall=0.0), now=self._now())
        return answer

    async def close(self) -> None:
        """Closes the connections; may be called twice."""
        await self._api.close()
