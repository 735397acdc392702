"""What a simulation came to, in numbers."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consumer.planning.course import OTHERS, Course

__all__ = ["Backlog", "Use", "Waits", "backlog", "quantile", "use", "waiting", "waits"]


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
class Backlog:
    """What stood there beyond what the limit takes in a second."""

    most: int
    """Records that waited at once."""
    at_end: int
    drained_s: float | None
    """From when on none stood any more; 0 where none ever did, None where one stands at the end."""
    drains_in_s: float | None
    """Seconds more that one needs that stands at the end, as it went lately; None where it does not shrink."""


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


def waiting(course: Course, for_s: float) -> list[int]:
    """At the end of each second: how many records are produced and have not left."""
    left = sorted(one.left_s for one in course.delivered)
    ends = range(1, int(for_s) + 1)
    return [bisect_right(course.produced_s, end) - bisect_right(left, end) for end in ends]


def backlog(course: Course, for_s: float, limit_per_s: int) -> Backlog:
    """Less than the limit takes in a second is none."""
    waits_there = waiting(course, for_s)
    stood = [second for second, count in enumerate(waits_there, 1) if count >= limit_per_s]
    at_end = waits_there[-1] if waits_there else 0
    if not stood or stood[-1] < len(waits_there):
        return Backlog(max(waits_there, default=0), at_end, float(stood[-1] + 1) if stood else 0.0, 0.0)
    half = len(waits_there) // 2
    shrinks_per_s = (waits_there[half] - at_end) / max(1, len(waits_there) - half - 1)
    return Backlog(max(waits_there), at_end, None, at_end / shrinks_per_s if shrinks_per_s > 0 else None)
