"""When the group's slots yield to programs that are not of it."""

from __future__ import annotations

import math

from consumer.core.margin import Margin

__all__ = ["PEAK_MIN", "SUSPICIOUS_S", "Yielding", "is_suspicious"]

SUSPICIOUS_S = 10.0
"""Seconds over which few refusals add up to more than jitter explains."""

_VOLLEYS = 2
"""Others who come every two seconds have one of ours refused each time."""

_LISTENS_S = 2.5
"""So long little is used of the limit, to see who else uses it: others who come every two seconds are seen."""

_LISTENING = 0.2
"""Of our slots, what is used meanwhile."""

_REST_S = (10.0, 80.0)
"""After nobody was seen, at least and at most: it doubles as long as nobody is."""

PEAK_MIN = 3
"""So many requests of others within a second are somebody: fewer may be a late one of ours."""

_LEAST = 0.1
"""Of our slots, what is never yielded."""


def is_suspicious(refused: int, volleys: int, peak: int, limit: int) -> bool:
    """Whether so many refusals of so many volleys within :data:`SUSPICIOUS_S` are more than jitter explains.

    One volley alone never is: when the process stood still for a moment, all that it sent then comes too close to what
    it sends next. ``peak`` is what others were seen to take within a second.
    """
    return volleys >= _VOLLEYS and (peak >= PEAK_MIN or refused >= max(5, limit // 2))


class Yielding:
    """What part of our slots may be used beside others who have no reserve.

    At a limit that we use up, others show by our refusals alone. Where there are more than jitter explains, we use
    little for a moment, and look. As long as others are seen we leave them what they took within a second at most:
    what we have waits, and whether theirs can nobody tells us. Less might do, where Loops counts by a bucket; who knows
    that sets a reserve, and then nothing is yielded.
    """

    __slots__ = ("_found", "_listens_until", "_margin", "_rest_s", "_rests_until", "active", "since")

    def __init__(self, margin: Margin) -> None:
        """Nobody is known. What the margin learned of others' doing is taken back."""
        self._margin = margin
        self._found = False
        """Whether others were seen, and not looked for alone."""
        self.active = False
        """Whether we listen or yield."""
        self.since = -math.inf
        """When that began."""
        self._listens_until = -math.inf
        self._rest_s = _REST_S[0]
        self._rests_until = -math.inf

    def suspect(self, *, now: float) -> bool:
        """There were refusals that jitter does not explain. Whether we begin to listen."""
        if self.active or now <= self._rests_until:
            return False
        self.active, self.since, self._listens_until = True, now, now + _LISTENS_S
        self._found = False
        return True

    def share(self, limit: int, peak: int, *, now: float) -> float:
        """The part of our slots that may be used, above 0 up to 1; ``peak`` is what others took within a second."""
        if not self.active:
            return 1.0
        if now < self._listens_until:
            return _LISTENING
        if peak < PEAK_MIN:
            self.active = False
            self._rest_s = min(2 * self._rest_s, _REST_S[1])
            self._rests_until = now + self._rest_s
            return 1.0
        if not self._found:
            self._found, self._rest_s = True, _REST_S[0]
            self._margin.withdraw(self.since - SUSPICIOUS_S)
        return max(_LEAST, (limit - peak) / limit)
