"""Virtual time: what is due happens in order, and nothing takes time but waiting."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Timeline"]

_Due: TypeAlias = tuple[float, int, Callable[..., object], tuple[object, ...]]


class Timeline:
    """Seconds from 0. What is due at the same moment happens in the order in which it was asked for."""

    __slots__ = ("_due", "_number", "now")

    def __init__(self) -> None:
        """Nothing is due."""
        self.now = 0.0
        self._due: list[_Due] = []
        self._number = 0

    def at(self, when: float, what: Callable[..., object], *arguments: object) -> None:
        """It happens then, or as the next thing where that is over."""
        self._number += 1
        heapq.heappush(self._due, (max(when, self.now), self._number, what, arguments))

    def after(self, wait_s: float, what: Callable[..., object], *arguments: object) -> None:
        """It happens so much later."""
        self.at(self.now + wait_s, what, *arguments)

    def run(self, until: float) -> None:
        """Goes to that moment; what is due at it has happened then."""
        due = self._due
        while due and due[0][0] <= until:
            self.now, _, what, arguments = heapq.heappop(due)
            what(*arguments)
        self.now = until
