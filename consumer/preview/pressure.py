"""What requests come to that may leave at a rate: as they come, and all at once."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from consumer.preview.line import Arrival, Line, Merging

__all__ = ["ARRIVALS_MAX", "Arrivals", "Backlog", "Pressure", "as_they_come"]

ARRIVALS_MAX: Final = 500_000
"""Requests whose times are kept, 25 bytes each: 14 hours of ten a second."""
_BUSIEST_MS: Final = 60_000


class Arrivals:
    """When requests come. Topics are read a piece of a partition at a time, so only afterwards is their order known."""

    __slots__ = ("_at_ms", "_contacts", "_identities", "_kept_max", "_kinds", "count")

    def __init__(self, kept_max: int = ARRIVALS_MAX) -> None:
        """None came yet."""
        self._at_ms = array("q")
        self._contacts = array("Q")
        self._identities = array("Q")
        self._kinds = array("b")
        self._kept_max = kept_max
        self.count = 0
        """How many came, of which the first ``kept_max`` that were read are kept."""

    def add(self, arrival: Arrival) -> None:
        """One comes."""
        self.count += 1
        if len(self._at_ms) < self._kept_max:
            self._at_ms.append(arrival.at_ms)
            self._contacts.append(arrival.contact)
            self._identities.append(arrival.identity)
            self._kinds.append(arrival.kind)

    def __len__(self) -> int:
        return len(self._at_ms)

    def __iter__(self) -> Iterator[Arrival]:
        """Those that are kept, by time; at one time as they were read."""
        for index in sorted(range(len(self._at_ms)), key=self._at_ms.__getitem__):
            yield Arrival(self._at_ms[index], self._contacts[index], self._identities[index], self._kinds[index])


@dataclass(frozen=True, slots=True)
class Pressure:
    """What requests come to that leave at a rate as they come."""

    arrived: int
    """How many came."""
    left: int
    """How many are left of them once those that wait together have become one."""
    busiest: int
    """How many came within the 60 s in which most did."""
    waiting_max: int
    """How many waited at most."""
    wait_max_s: float
    """How long the one waited that waited longest."""


def as_they_come(arrivals: Arrivals, merging: Merging, *, rate_per_s: int, waiting_max: int) -> Pressure:
    """Lets these leave as soon as they may: never more of them than the rate within any second.

    Where ``waiting_max`` wait, the next comes in when there is room.
    """
    line, sent_ms, recent_ms = Line(merging), deque[float](maxlen=rate_per_s), deque[int]()
    now_ms = longest_ms = 0.0
    most = busiest = 0
    for arrival in chain(arrivals, (None,)):
        until_ms = float("inf") if arrival is None else arrival.at_ms
        while line.waiting:
            leaves_ms = max(now_ms, sent_ms[0] + 1_000) if len(sent_ms) == rate_per_s else now_ms
            if leaves_ms > until_ms and line.waiting < waiting_max:
                break
            now_ms = leaves_ms
            sent_ms.append(now_ms)
            longest_ms = max(longest_ms, now_ms - line.leave().at_ms)
        if arrival is None:
            break
        now_ms = max(now_ms, arrival.at_ms)
        line.arrive(arrival)
        most = max(most, line.waiting)
        recent_ms.append(arrival.at_ms)
        while recent_ms[0] <= arrival.at_ms - _BUSIEST_MS:
            recent_ms.popleft()
        busiest = max(busiest, len(recent_ms))
    return Pressure(len(arrivals), line.left, busiest, most, longest_ms / 1_000)


class Backlog:
    """What is left of requests that all wait already, of which only so many are held at once, in the order of reading.

    It needs no times, so it keeps no more than what is held.
    """

    __slots__ = ("_held_max", "_line")

    def __init__(self, merging: Merging, held_max: int) -> None:
        """Nothing waits. ``held_max`` requests are held at once; when there are as many, the first leaves."""
        self._line = Line(merging)
        self._held_max = held_max

    def add(self, arrival: Arrival) -> None:
        """One more is read."""
        while self._line.waiting >= self._held_max:
            self._line.leave()
        self._line.arrive(arrival)

    @property
    def requests(self) -> int:
        """How many leave in all."""
        return self._line.left + self._line.waiting
