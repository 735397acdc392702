"""How many requests came in each of the last seconds, and how many were answered how."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

__all__ = ["SECONDS_MAX", "Second", "Tally"]

SECONDS_MAX = 120
"""Seconds that are remembered one by one."""


@dataclass(slots=True)
class Second:
    """One second of the sandbox's clock."""

    at: int
    taken: int = 0
    """Answered 2xx."""
    throttled: int = 0
    """Answered 429."""
    failed: int = 0
    """Everything else."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.taken + self.throttled + self.failed


class Tally:
    """Counts; nothing is ever read back but numbers."""

    def __init__(self) -> None:
        """Nothing was counted yet."""
        self._seconds: deque[Second] = deque(maxlen=SECONDS_MAX)
        self.by_status: Counter[str] = Counter()

    def add(self, name: str, *, now: float) -> None:
        """Counts one that was answered with ``name``: a status, ``reset`` or ``hang``."""
        self.by_status[name] += 1
        at = int(now // 1)
        if not self._seconds or self._seconds[-1].at < at:
            self._seconds.append(Second(at))
        second = self._seconds[-1]
        if name.startswith("2"):
            second.taken += 1
        elif name == "429":
            second.throttled += 1
        else:
            second.failed += 1

    def seconds(self, *, now: float, count: int = 60) -> list[Second]:
        """The last ``count`` seconds up to the running one, the quiet ones among them."""
        known = {second.at: second for second in self._seconds}
        last = int(now // 1)
        return [known.get(at, Second(at)) for at in range(last - count + 1, last + 1)]
