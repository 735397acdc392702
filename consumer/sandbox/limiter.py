"""The team's limit, counted in each of the ways in which it may be counted.

A request that is refused never counts. ``now`` is in seconds of a clock that only goes forward.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass

from consumer.sandbox.options import LimitWay

__all__ = ["Bucket", "Decision", "FixedWindow", "Limiter", "SlidingWindow", "limiter_for"]

_PERIOD_S = 1.0


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request is let in, and what the two headers say afterwards."""

    admitted: bool
    limit: int
    remaining: int


class Limiter(ABC):
    """Lets in so many requests in a second."""

    def __init__(self, rate_per_s: int) -> None:
        """``rate_per_s`` is at least one."""
        self.rate_per_s = rate_per_s

    def admit(self, now: float) -> Decision:
        """Counts a request, or refuses it."""
        left = self.remaining(now)
        if left < 1:
            return Decision(False, self.rate_per_s, 0)
        self._take(now)
        return Decision(True, self.rate_per_s, left - 1)

    @abstractmethod
    def remaining(self, now: float) -> int:
        """How many would be let in at this moment."""

    @abstractmethod
    def _take(self, now: float) -> None:
        """Counts one that is let in."""


class FixedWindow(Limiter):
    """So many in each second of the server's clock; ``phase_s`` is where its seconds begin."""

    def __init__(self, rate_per_s: int, phase_s: float = 0.0) -> None:
        """``phase_s`` is from 0 to 1."""
        super().__init__(rate_per_s)
        self._phase_s = phase_s
        self._window: int | None = None
        self._taken = 0

    def remaining(self, now: float) -> int:
        """What is left of this second."""
        window = math.floor((now - self._phase_s) / _PERIOD_S)
        if window != self._window:
            self._window, self._taken = window, 0
        return self.rate_per_s - self._taken

    def _take(self, now: float) -> None:  # noqa: ARG002 - every way is told when
        self._taken += 1


class SlidingWindow(Limiter):
    """So many in any second: one that was let in counts until more than a second has passed."""

    def __init__(self, rate_per_s: int) -> None:
        """The log starts empty."""
        super().__init__(rate_per_s)
        self._log: deque[float] = deque(maxlen=rate_per_s)

    def remaining(self, now: float) -> int:
        """What the last second leaves; exactly one second ago still counts."""
        while self._log and now - self._log[0] > _PERIOD_S:
            self._log.popleft()
        return self.rate_per_s - len(self._log)

    def _take(self, now: float) -> None:
        self._log.append(now)


class Bucket(Limiter):
    """A bucket of a second's worth, full at the start and filled evenly."""

    def __init__(self, rate_per_s: int) -> None:
        """The bucket is full."""
        super().__init__(rate_per_s)
        self._tokens = float(rate_per_s)
        self._at: float | None = None

    def remaining(self, now: float) -> int:
        """The whole tokens in the bucket."""
        if self._at is not None and now > self._at:
            self._tokens = min(self.rate_per_s, self._tokens + (now - self._at) * self.rate_per_s / _PERIOD_S)
        self._at = now if self._at is None else max(now, self._at)
        return math.floor(self._tokens)

    def _take(self, now: float) -> None:  # noqa: ARG002 - every way is told when
        self._tokens -= 1


def limiter_for(way: LimitWay, rate_per_s: int, phase_s: float) -> Limiter:
    """The limiter that counts that way; ``phase_s`` matters to a fixed window alone."""
    if way is LimitWay.FIXED:
        return FixedWindow(rate_per_s, phase_s)
    return SlidingWindow(rate_per_s) if way is LimitWay.SLIDING else Bucket(rate_per_s)
