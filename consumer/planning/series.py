"""A course over time, in spans of the same length: what a plot draws."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consumer.core.terms import Priority
from consumer.planning.course import OTHERS, Course
from consumer.planning.figures import Waits, waits

__all__ = ["Series", "series"]


@dataclass(frozen=True, slots=True)
class Series:
    """One entry a span in each sequence."""

    span_s: float
    arrived_per_s: Sequence[float]
    """Records produced, a second."""
    admitted_per_s: Sequence[float]
    """Requests of ours that Loops took, a second."""
    refused_per_s: Sequence[float]
    waiting: Sequence[int]
    """At the span's end: records that are produced and have not left."""
    waits: Mapping[Priority, Sequence[Waits | None]]
    """Of the records that left within the span; None where none did. Only priorities of which any left."""


def series(course: Course, for_s: float, *, spans_max: int = 300) -> Series:
    """The whole course in no more than so many spans of whole seconds."""
    span_s = max(1, math.ceil(for_s / spans_max))
    count = max(1, math.ceil(for_s / span_s))
    admitted, refused, arrived = [0] * count, [0] * count, [0] * count
    for one in course.counted:
        if one.replica != OTHERS and one.at_s < for_s:
            (admitted if one.admitted else refused)[int(one.at_s // span_s)] += 1
    for at_s in course.produced_s:
        arrived[int(at_s // span_s)] += 1
    left: dict[Priority, list[list[float]]] = {}
    for record in course.delivered:
        if record.left_s < for_s:
            spans = left.setdefault(record.priority, [[] for _ in range(count)])
            spans[int(record.left_s // span_s)].append(record.waited_s)
    left_s = sorted(record.left_s for record in course.delivered)
    ends = [(number + 1) * span_s for number in range(count)]
    return Series(
        span_s,
        [number / span_s for number in arrived],
        [number / span_s for number in admitted],
        [number / span_s for number in refused],
        [bisect_right(course.produced_s, end) - bisect_right(left_s, end) for end in ends],
        {priority: [waits(waited) if waited else None for waited in left[priority]] for priority in sorted(left)},
    )
