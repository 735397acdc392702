"""Where our requests fall in the seconds of a server that counts by its own clock."""

from __future__ import annotations

import math
from collections.abc import Callable

from consumer.core.outcome import Outcome, Verdict

__all__ = ["Phase"]

_GAP_S = 0.05
"""Requests that leave closer to each other than this are one volley: a backlog's slots, all free at once."""

_LONGEST_S = 0.5
"""A volley that lasts longer is a stream: it crosses every boundary, and to move it would help nothing."""

_SHIFT_S = (0.12, 0.35)
"""By so much a volley is moved, by chance: further than it spreads on its way, and not where another's stands."""

_PAUSE_S = (3.0, 48.0)
"""Between two shifts, at least and at most. It doubles while shifts do not help."""

_HELPED = 4
"""Pauses without a straddling volley, after which a shift has helped."""


class Phase:
    """Notices a volley that straddles the boundary of a fixed second, by what its answers say is left.

    Then part of it counts in one second and part in the next, and how many of them jitter decides: sooner or later one
    of the two seconds holds too many, though none left too early. No margin cures that; another moment does.

    One of them was the first of its second. Within one second what is left falls by one with each request: where the
    answers to one volley are further apart than it is long, or two say the same, a second began in between. In a
    window that slides none is the first, unless all are as far apart as they should be.
    """

    __slots__ = ("_answered", "_ended", "_highest", "_lowest", "_pause_s", "_random", "_shifted_at", "_size", "began")

    def __init__(self, random: Callable[[], float]) -> None:
        """``random`` is from 0 to 1."""
        self.began = -math.inf
        """When the volley under way began to leave."""
        self._random = random
        self._ended = -math.inf
        self._size = 0
        self._answered = 0
        self._highest = self._lowest = 0
        self._shifted_at = -math.inf
        self._pause_s = _PAUSE_S[0]

    def leave(self, now: float) -> None:
        """One leaves now."""
        if now > self._ended + _GAP_S:
            self.began, self._size, self._answered = now, 0, 0
        self._ended = now
        self._size += 1

    def straddles(self, left_at: float, outcome: Outcome) -> bool:
        """Whether this answer, to one that left then, shows that the volley under way straddles a boundary."""
        limit = outcome.limit_per_s
        remaining = 0 if outcome.verdict is Verdict.THROTTLED else outcome.remaining
        if limit is None or remaining is None or left_at < self.began or self._ended > self.began + _LONGEST_S:
            return False
        self._highest = max(self._highest, remaining) if self._answered else remaining
        self._lowest = min(self._lowest, remaining) if self._answered else remaining
        self._answered += 1
        apart = self._highest - self._lowest
        return self._highest >= limit - 1 and (apart >= self._size or self._answered > apart + 1)

    def shift(self, *, now: float) -> float:
        """By how many seconds the next volley is moved: none so soon after the last time."""
        since_s = now - self._shifted_at
        if since_s <= self._pause_s:
            return 0.0
        self._pause_s = min(2 * self._pause_s, _PAUSE_S[1]) if since_s < _HELPED * self._pause_s else _PAUSE_S[0]
        self._shifted_at = now
        least, most = _SHIFT_S
        return least + (most - least) * self._random()
