"""When the machine stood still, so that a bound in seconds judges the program and not the machine.

A thread that does nothing but sleep notes when it was woken late: a paused machine, or one whose cores others had. It
runs in the process in which the sandbox answers, so what holds that up counts too. Moments are those of
``time.monotonic``, which is the sandbox's clock.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import Final, NamedTuple, Self

from tests.repeated import Repeated

__all__ = ["StandStill", "StandStills"]

_TICK_S: Final = 0.01
_LATE_S: Final = 0.05
"""By how much a tick is late before it counts: a thread on a machine that is only busy waits for less."""


class StandStill(NamedTuple):
    """One, by the moment at which the thread should have been woken and the one at which it was."""

    began: float
    ended: float


class StandStills(Repeated):
    """Listens between ``with`` and its end."""

    def __init__(self, found: Iterable[StandStill] = ()) -> None:
        """``found``: what is known already."""
        super().__init__(every_s=_TICK_S, ends_within_s=60)
        self._found = list(found)
        self._due = math.inf

    def __enter__(self) -> Self:
        """Begins; that the first tick is late is noticed too."""
        self._due = time.monotonic() + _TICK_S
        return super().__enter__()

    def within_s(self, began: float, ended: float) -> float:
        """For how many seconds between these moments the machine stood still."""
        return sum(max(0.0, min(ended, still.ended) - max(began, still.began)) for still in self._until_now())

    def took_s(self, began: float, ended: float) -> float:
        """From one moment to the other, without those seconds."""
        return ended - began - self.within_s(began, ended)

    def touch(self, moment: float, *, for_s: float) -> bool:
        """Whether it stood still then, or did until at most ``for_s`` before."""
        return any(still.began <= moment <= still.ended + for_s for still in self._until_now())

    def _until_now(self) -> list[StandStill]:
        """All, with one that the thread itself has not noticed yet: others may have been woken before it."""
        last = StandStill(self._due, time.monotonic())
        found = list(self._found)
        is_late = last.ended - last.began > _LATE_S
        return [*found, last] if is_late and all(still.began != last.began for still in found) else found

    def _once(self) -> None:
        woken = time.monotonic()
        if woken - self._due > _LATE_S:
            self._found.append(StandStill(self._due, woken))
        self._due = woken + _TICK_S

    def _finish(self) -> None:
        self._due = math.inf
