"""How much of a limit was used, from the times at which requests were let in. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from consumer.sandbox.journal import Entry

__all__ = ["let_in", "refused", "used_percent"]


def let_in(entries: Iterable[Entry]) -> list[float]:
    """When requests were let in, in order."""
    return [entry.now for entry in entries if entry.rate == "counted"]


def refused(entries: Iterable[Entry], began: float, ended: float) -> int:
    """How many requests were over the limit meanwhile."""
    return sum(1 for entry in entries if entry.rate == "refused" and began <= entry.now < ended)


def used_percent(times: Iterable[float], began: float, ended: float, rate_per_s: float) -> float:
    """How much of the limit was used between these moments.

    Either edge is a second wide, in which a request counts ever more, or ever less: requests leave in bursts, a second
    apart, and a sharp edge would count one burst more or less. So what came within a second after ``ended`` matters.
    """
    counted = sum(min(max(at - began, 0.0), 1.0) - min(max(at - ended, 0.0), 1.0) for at in times)
    return 100 * counted / (ended - began) / rate_per_s
