"""What a simulation came to, in numbers."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consumer.core.terms import Priority
from consumer.planning.course import OTHERS, Course

__all__ = ["Backlog", "Standing", "Use", "Waits", "backlog", "quantile", "standing", "use", "waiting", "waits"]

_STANDS_S = 10
"""Seconds of the limit that are a backlog."""


@dataclass(frozen=True, slots=True)
class Use:
    """What reached Loops within a span of time."""

    seconds: float
    admitted: int = 0
    refused: int = 0
    others_admitted: int = 0
    others_refused: int = 0

    def __add__(self, other: Use) -> Use:
        return Use(
            self.seconds + other.seconds,
            self.admitted + other.admitted,
            self.refused + other.refused,
            self.others_admitted + other.others_admitted,
            self.others_refused + other.others_refused,
        )

    @property
    def refused_per_1000(self) -> float:
        """Answers 429 for every thousand requests of ours that Loops took."""
        return 1000 * self.refused / max(1, self.admitted)

    @property
    def others_refused_percent(self) -> float:
        """Of the other program's requests."""
        return 100 * self.others_refused / max(1, self.others_admitted + self.others_refused)

    def used_percent(self, limit_per_s: int) -> float:
        """Of what the limit left: all of it but what the other program took."""
        return 100 * self.admitted / max(1.0, limit_per_s * self.seconds - self.others_admitted)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long so many records waited from being produced to leaving, seconds."""

    count: int
    median_s: float
    p99_s: float
    longest_s: float


@dataclass(frozen=True, slots=True)
class Standing:
    """So many records still wait at the end, and how long the oldest has, seconds; None where there is none."""

    count: int
    oldest_s: float | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Whether one stood: it begins with more than ten seconds of the limit, and drains when less than one is left."""

    most: int
    """Records that waited at once."""
    at_end: int
    drained_s: float | None
    """From when on none stood any more; 0 where none ever did, None where one stands at the end."""
    arrived_per_s: float
    """Records, in the second half of the time."""
    left_per_s: float

    @property
    def drains_in_s(self) -> float | None:
        """Seconds more that one needs that stands at the end, as it went lately; None where it does not shrink."""
        if self.drained_s is not None:
            return 0.0
        shrinks_per_s = self.left_per_s - self.arrived_per_s
        return self.at_end / shrinks_per_s if shrinks_per_s > 0 else None


def use(course: Course, begin_s: float, end_s: float) -> Use:
    """What was counted from ``begin_s`` on and before ``end_s``."""
    counts = {(ours, admitted): 0 for ours in (True, False) for admitted in (True, False)}
    for one in course.counted:
        if begin_s <= one.at_s < end_s:
            counts[one.replica != OTHERS, one.admitted] += 1
    return Use(end_s - begin_s, counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def quantile(ascending: Sequence[float], share: float) -> float:
    """The smallest value that at least such a share of them does not exceed; NaN of none."""
    return ascending[max(0, math.ceil(share * len(ascending)) - 1)] if ascending else math.nan


def waits(waited_s: Iterable[float]) -> Waits:
    """Of waits in any order."""
    ascending = sorted(waited_s)
    middle, most, longest = (quantile(ascending, share) for share in (0.5, 0.99, 1.0))
    return Waits(len(ascending), middle, most, longest)


def standing(course: Course, priority: Priority, for_s: float) -> Standing:
    """What of a priority is produced and has not left by then."""
    there = Counter(course.produced_of.get(priority, ()))
    there.subtract(one.produced_s for one in course.delivered if one.priority is priority and one.left_s <= for_s)
    oldest = min((at_s for at_s, count in there.items() if count > 0), default=None)
    return Standing(there.total(), None if oldest is None else for_s - oldest)


def waiting(course: Course, for_s: float) -> list[int]:
    """At the end of each second: how many records are produced and have not left."""
    left = sorted(one.left_s for one in course.delivered)
    ends = range(1, int(for_s) + 1)
    return [bisect_right(course.produced_s, end) - bisect_right(left, end) for end in ends]


def backlog(course: Course, for_s: float, limit_per_s: int) -> Backlog:
    """Of the whole time."""
    waits_there = waiting(course, for_s)
    drained_s: float | None = 0.0
    for second, count in enumerate(waits_there, 1):
        if count >= _STANDS_S * limit_per_s:
            drained_s = None
        elif count < limit_per_s and drained_s is None:
            drained_s = float(second)
    half = len(waits_there) // 2
    seconds = max(1, len(waits_there) - half)
    arrived = sum(1 for at_s in course.produced_s if half < at_s <= len(waits_there))
    left = sum(1 for one in course.delivered if half < one.left_s <= len(waits_there))
    at_end = waits_there[-1] if waits_there else 0
    return Backlog(max(waits_there, default=0), at_end, drained_s, arrived / seconds, left / seconds)
