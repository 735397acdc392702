"""How much longer than the window a slot must rest: learned from what Loops refuses."""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["MARGIN_MAX_S", "MARGIN_MIN_S", "MARGIN_S", "Margin"]

MARGIN_S = 0.03
"""Seconds at the start. Loops counts on arrival: requests that leave a second apart arrive closer where the second one
travels faster. It covers the jitter of an ordinary connection until the true one is known."""

MARGIN_MIN_S = 0.001
"""Below it the clocks' own resolution decides: what left exactly a second ago still counts."""

MARGIN_MAX_S = 0.25
"""A fifth of the rate is the most that jitter may cost; what is refused even so has another reason."""

_SEARCH = 0.985
"""Of the margin, what is left after an answer while nothing was ever refused: half of it after some five seconds."""

_SHRINK_S = 2.4e-6
"""By each answer after that: what one refusal adds is gone after about 5,000, so less than one in 1,000 is refused."""

_CALM = 15_000
"""Answers without a refusal after which the margin shrinks faster: the connection has become better."""

_GROWTH_S = 0.008
"""By a refusal, once to twice as much by chance, so that replicas do not move in step."""

_GROWTH_MAX_S = 0.04
_CLOSE = 60
"""Answers. A refusal so soon after another shows that the growth was too little: it is doubled, up to the maximum."""


class Margin:
    """Seconds that are added to the window. Shrinks by a hair with each answer, and grows with a refusal.

    Refusals of requests that left before the last growth are the same signal: they could not know of it.
    """

    __slots__ = ("_grown_at", "_growth_s", "_learned", "_random", "_since", "seconds")

    def __init__(self, seconds: float, random: Callable[[], float]) -> None:
        """``random`` is from 0 to 1."""
        self.seconds = seconds
        self._random = random
        self._learned = False
        """Whether a refusal, or a former owner, has shown about where it lies."""
        self._grown_at = -math.inf
        self._growth_s = _GROWTH_S
        self._since = _CLOSE
        """Answers since the last refusal."""

    @property
    def known(self) -> bool:
        """Whether it is worth telling the next owner: something was refused, or nothing was for long."""
        return self._learned or self.seconds <= MARGIN_MIN_S

    def recall(self, seconds: float) -> None:
        """Begins with what was learned before, by whomever; not where it has learned itself."""
        if not self._learned:
            self._learned = True
            self.seconds = min(max(seconds, MARGIN_MIN_S), MARGIN_MAX_S)

    def taken(self) -> None:
        """One was answered and not refused."""
        self._since += 1
        if self._learned:
            self.seconds = max(MARGIN_MIN_S, self.seconds - _SHRINK_S * max(1.0, self._since / _CALM))
        else:
            self.seconds = max(MARGIN_MIN_S, self.seconds * _SEARCH)

    def refused(self, left_at: float, *, now: float) -> None:
        """One that left then was refused."""
        if left_at <= self._grown_at:
            return
        doubled = self._learned and self._since < _CLOSE
        self._growth_s = min(_GROWTH_MAX_S, 2 * self._growth_s) if doubled else _GROWTH_S * (1 + self._random())
        self.seconds = min(MARGIN_MAX_S, self.seconds + self._growth_s)
        self._learned, self._grown_at, self._since = True, now, 0
