"""How long a request waits after an attempt that failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["BackoffPolicy"]

_DOUBLINGS_MAX = 30


@dataclass(frozen=True, slots=True)
class BackoffPolicy:
    """Full jitter: a random part of a bound that doubles with each failure, so that retries never march in step."""

    min_s: float = 0.5
    """Bound of the first wait, seconds."""
    max_s: float = 60.0
    """The bound's own bound, seconds."""

    def wait_s(self, failures: int, random: Callable[[], float]) -> float:
        """Seconds to wait after the ``failures``-th failure (from 1); ``random`` gives numbers from [0, 1)."""
        bound: float = self.min_s * 2 ** min(failures - 1, _DOUBLINGS_MAX)
        return random() * min(bound, self.max_s)
