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

_SEARCH_S = 5.0
"""While nothing was ever refused the margin falls to a third in so many seconds: known in a quarter of a minute."""

_SHRINK_S = 3e-6
"""By each answer after that: what one refusal adds is gone after about 3,000, so about one in as many is refused."""

_SHRINK = 8e-5
"""Of a large margin, what each answer takes: what a bad hour has taught is not believed for a day."""

_CALM = 5_000
"""Answers without a refusal after which the margin shrinks faster: the connection has become better."""

_GROWTH_S = 0.006
"""By a refusal, once to twice as much by chance, so that replicas do not move in step."""

_GROWTH_MAX_S = 0.04

_CLOSE = 60
"""Answers. A refusal so soon after another shows that the growth was too little: it is doubled, up to the maximum."""

_SLOW = 3
"""Slots. Who has fewer hears few answers: it searches as slowly as its answers come, and grows in larger steps."""

_WITHDRAWN_S = 12.0
"""Seconds for which a growth can be taken back."""

_ALIKE_S = 0.0015
"""What differs by less from the others' mean is the same: theirs are told in whole milliseconds, and would else hold up
what each answer takes."""

_TOWARDS = 0.5
"""Of the way to the others' mean, how much at once: what they told is seconds old, and they move too."""


class Margin:
    """Seconds that are added to the window. Shrinks by a hair with each answer, and grows with a refusal.

    Refusals of requests that left before the last growth are the same signal: they could not know of it.
    """

    __slots__ = ("_growth_s", "_growths", "_learned_at", "_random", "_recalled", "_since", "seconds")

    def __init__(self, seconds: float, random: Callable[[], float]) -> None:
        """``random`` is from 0 to 1."""
        self.seconds = seconds
        self._random = random
        self._learned_at = math.inf
        """When a refusal first showed about where it lies."""
        self._recalled = False
        self._growths: list[tuple[float, float]] = []
        """The last ones: when, and by how much."""
        self._growth_s = _GROWTH_S
        self._since = _CLOSE
        """Answers since the last refusal."""

    @property
    def known(self) -> bool:
        """Whether it is worth telling the next owner: something was refused, or nothing was for long."""
        return self._learned_at < math.inf or self._recalled or self.seconds <= MARGIN_MIN_S

    def recall(self, seconds: float) -> None:
        """Begins with what was learned before, the most of several; not where it has learned itself."""
        if self._learned_at < math.inf:
            return
        recalled_s = min(max(seconds, MARGIN_MIN_S), MARGIN_MAX_S)
        self.seconds = max(self.seconds, recalled_s) if self._recalled else recalled_s
        self._recalled = True

    def agree(self, mean_s: float) -> None:
        """The group's mean is this, ours among them: the way to Loops is the same for all.

        What one is refused shows that all are too close together, and each hears but a part of the refusals.
        """
        if self._learned_at == math.inf and not self._recalled:
            self.recall(mean_s)
            return
        by_s = _TOWARDS * (mean_s - self.seconds)
        if abs(by_s) < _TOWARDS * _ALIKE_S:
            return
        self.seconds = min(max(self.seconds + by_s, MARGIN_MIN_S), MARGIN_MAX_S)
        if by_s < 0 and self._growths:
            at, grown_s = self._growths[-1]
            self._growths[-1] = (at, max(0.0, grown_s + by_s))

    def taken(self, slots: int) -> None:
        """One was answered and not refused; so many slots a second bring answers."""
        self._since += 1
        if self._learned_at == math.inf and not self._recalled:
            by_s = self.seconds / (_SEARCH_S * max(slots, _SLOW))
        else:
            by_s = max(_SHRINK_S, _SHRINK * self.seconds) * max(1.0, self._since / _CALM)
        self.seconds = max(MARGIN_MIN_S, self.seconds - by_s)

    def refused(self, left_at: float, *, slots: int, now: float) -> None:
        """One that left then was refused; ``slots`` a second bring answers."""
        if self._growths and left_at <= self._growths[-1][0]:
            return
        doubled = self._learned_at < math.inf and self._since < _CLOSE
        first_s = _GROWTH_S * (1 + self._random()) * max(1.0, _SLOW / max(1, slots))
        self._growth_s = min(_GROWTH_MAX_S, 2 * self._growth_s) if doubled else first_s
        before, self.seconds = self.seconds, min(MARGIN_MAX_S, self.seconds + self._growth_s)
        self._growths = [growth for growth in self._growths if growth[0] > now - _WITHDRAWN_S]
        self._growths.append((now, self.seconds - before))
        self._learned_at, self._since = min(self._learned_at, now), 0

    def withdraw(self, since: float) -> None:
        """What was refused since then had another reason than jitter: the growth by it is taken back."""
        taken_back_s = sum(by_s for at, by_s in self._growths if at >= since)
        if not taken_back_s:
            return
        self.seconds = max(MARGIN_MIN_S, self.seconds - taken_back_s)
        self._growths = [growth for growth in self._growths if growth[0] < since]
        self._growth_s, self._since = _GROWTH_S, max(self._since, _CLOSE)
        if self._learned_at >= since:
            self._learned_at = math.inf
