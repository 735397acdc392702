"""What programs take of the team's limit that are not of this group, as far as Loops' answers tell."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from consumer.core.departures import Departures

__all__ = ["Taken"]

_KEPT_S = 30
"""Seconds for which what was seen counts: who comes once within them is expected again."""

_LASTED_S = 10
"""What was seen is spread over so many seconds at least: a single sight is not a rate."""

_SLACK_S = 0.15
"""One that left so much more than a second before may still count: it was late on its way. The margin comes on top."""

_APART_S = 0.1
"""Answers to requests that left closer to each other than this may have been counted in the other order."""


@dataclass(slots=True)
class _Second:
    """What the answers that came in one second said of others."""

    at: int
    answers: int = 0
    seen: int = 0
    """Summed over the answers."""
    came: int = 0
    most: int = 0


class Taken:
    """Counts what is used of the limit and can be neither ours nor of the group's other replicas.

    A lower bound: what may be ours is taken for ours. While we use the limit up nothing is left to be seen, and others
    show by what is refused alone.
    """

    __slots__ = ("_departures", "_itself", "_left_at", "_others", "_seconds", "_used", "peak", "per_s")

    def __init__(self, departures: Departures) -> None:
        """Nothing was seen."""
        self.per_s = 0.0
        """Their requests a second on the mean of the last half minute."""
        self.peak = 0
        """The most that they took within a second of it; one alone is not counted."""
        self._departures = departures
        self._seconds: deque[_Second] = deque()
        self._left_at = -math.inf
        """Of the last answer that the next is compared with; what it said was used, and how much of it by others."""
        self._used = 0
        self._itself = 0
        self._others = 0

    def heard(self, used: int, left_at: float, *, refused: bool, replicas: int, margin_s: float, now: float) -> None:
        """Of the limit ``used`` was in use when a request that left then was counted.

        ``replicas``: how many may be the group's other replicas' within a second.
        """
        others = max(0, used - self._ours_since(left_at - 1.0 - _SLACK_S - margin_s) - replicas)
        came = 0
        if left_at > self._left_at + _APART_S:
            passed_s = max(1.0, left_at - self._left_at)
            by_use = 0
            if passed_s < _KEPT_S:
                by_use = (
                    used
                    - self._used
                    - self._ours_since(self._left_at - _APART_S)
                    + self._itself
                    - math.ceil(replicas * passed_s)
                )
            came = max(0, by_use, others - self._others)
            self._left_at, self._used, self._itself, self._others = left_at, used, int(not refused), others
        self._count(others, came, now)

    def at_least(self, peak: int) -> None:
        """So many were taken within a second, as a refusal shows."""
        if self._seconds:
            self._seconds[-1].most = max(self._seconds[-1].most, peak)
            self.peak = max(self.peak, peak)

    def look_anew(self) -> None:
        """What they took within a second counts from now on."""
        self.peak = 0
        for second in self._seconds:
            second.most = 0

    def forget(self, now: float) -> None:
        """What was seen long ago counts no more."""
        if self._seconds and self._seconds[0].at < now - _KEPT_S:
            while self._seconds and self._seconds[0].at < now - _KEPT_S:
                self._seconds.popleft()
            self._sum_up()

    def _ours_since(self, then: float) -> int:
        """What may have been counted of what left after this moment: all but what was refused."""
        return self._departures.since(then) - self._departures.refused_since(then)

    def _count(self, others: int, came: int, now: float) -> None:
        self.forget(now)
        at = math.floor(now)
        if not self._seconds or self._seconds[-1].at != at:
            self._sum_up()
            self._seconds.append(_Second(at))
        second = self._seconds[-1]
        second.answers += 1
        second.seen += others
        second.came += came
        most = max(others, came)
        if most > 1:
            self.at_least(most)

    def _sum_up(self) -> None:
        """The mean: what comes in bursts is seen by its coming, what comes evenly by its being there."""
        answers = sum(second.answers for second in self._seconds)
        self.peak = max((second.most for second in self._seconds), default=0)
        if answers == 0:
            self.per_s = 0.0
            return
        lasted_s = max(_LASTED_S, self._seconds[-1].at - self._seconds[0].at + 1)
        came_per_s = sum(second.came for second in self._seconds) / lasted_s
        self.per_s = max(came_per_s, sum(second.seen for second in self._seconds) / answers)
