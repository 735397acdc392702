"""Slots that lie scattered over the second are gathered into one volley."""

from __future__ import annotations

import math

from consumer.core.departures import Departures

__all__ = ["Gathering"]

_PULL = 0.1
"""Of its distance to the volley's last slot, by how much a slot is moved each time: gathered in some thirty seconds, at
a cost of half a second of the rate."""

_APART_S = 2.0
"""Further apart than the slowest rest: something was between them, as a wait that Loops asked for, and no pattern."""


class Gathering:
    """A slot is used again a second after its last use, so a pattern that arrivals have made would stay for ever.

    Requests that leave together and are counted by a window that slides need a smaller margin than those that leave
    evenly: whichever of them is late, the first of the next volley waits for the first of this one, in the order in
    which they are counted. So where a backlog stands, each slot is moved a little towards the last one before the
    widest gap. Where requests leave later than they may (below the limit, or a full wire), nothing is moved.
    """

    __slots__ = ("_began", "_departures", "_first", "_late", "_number", "_widest_at", "_widest_s")

    def __init__(self, departures: Departures) -> None:
        """Nothing has left."""
        self._departures = departures
        self._number = 0
        """Of the next departure."""
        self._late = 0
        """Number of the last one that left later than it might have."""
        self._first = 0
        """Number of one that was first after the widest gap."""
        self._began = 0
        self._widest_s = 0.0
        self._widest_at = 0

    def leave(self, now: float, *, tight: bool, slots: int) -> None:
        """One leaves now, ``tight``: as soon as a slot was free. Called before it is in the log."""
        gap_s = now - self._departures.last() if len(self._departures) else math.inf
        if gap_s > self._widest_s:
            self._widest_s, self._widest_at = gap_s, self._number
        if self._number - self._began >= slots:
            self._first, self._began, self._widest_s = self._widest_at, self._number, 0.0
        if not tight:
            self._late = self._number
        self._number += 1

    def wait_s(self, slots: int) -> float:
        """How much longer than its rest the next slot waits."""
        if self._number - self._late <= slots:
            return 0.0
        ahead = (self._first - 1 - self._number) % slots
        apart_s = self._departures.last(slots - ahead) - self._departures.last(slots) if ahead else 0.0
        return _PULL * apart_s if apart_s <= _APART_S else 0.0
