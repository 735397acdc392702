"""How much of a limit was used, from the times at which requests were let in. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from math import inf

from consumer.sandbox.journal import Entry

__all__ = ["full_after_s", "let_in", "refused", "used_percent"]


def let_in(entries: Iterable[Entry]) -> list[float]:
    """When requests were let in, in order."""
    return [entry.now for entry in entries if entry.rate == "counted"]


def refused(entries: Iterable[Entry], began: float, ended: float) -> int:
    """How many requests were over the limit meanwhile."""
    return sum(1 for entry in entries if entry.rate == "refused" and began <= entry.now < ended)


def used_percent(times: Sequence[float], began: float, ended: float, rate_per_s: float) -> float:
    """From the first at or after ``began`` to the first at or after ``ended``, so that no edge cuts a burst in two.

    0 where none came after ``ended``.
    """
    first, last = bisect_left(times, began), bisect_left(times, ended)
    if last <= first or last == len(times):
        return 0.0
    return 100 * (last - first) / (times[last] - times[first]) / rate_per_s


def full_after_s(times: Sequence[float], settled: float, over_s: float, rate_per_s: float, percent: float) -> float:
    """Seconds from ``settled`` to the first request from which, for ``over_s``, ``percent`` are used; for ever: inf."""
    later = times[bisect_left(times, settled) :]
    return next((at - settled for at in later if used_percent(times, at, at + over_s, rate_per_s) >= percent), inf)
