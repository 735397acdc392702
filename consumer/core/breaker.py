"""Tells an outage from one record's failure, holds requests back during the one, and finds its end.

1. A breaker watches one call. It opens after :data:`FAILURES_TO_OPEN` failures without a success between them, or at
   once on an answer that would be the same for every record (a refused key, a wrong address).
2. Open, it lets nothing through. A probe asks whether Loops answers; its interval doubles up to the policy's bound.
3. A probe that succeeds lets one real request through, of another contact than the one that failed last where one
   waits. Only that request's success closes the breaker; its failure opens it again, the interval going on growing.
4. A failure counts against its record only if another contact's request to the same call has succeeded since the
   record's last one: a first failure never counts, and during an outage nothing succeeds, so nothing is counted.
5. What another call's answer opened closes with that call, however far it has come itself. Where its own trial has
   failed, or as much of its own as opens a breaker, it does not: that is an outage of its own.
6. A request that was on the wire when it opened and succeeds after all stands for the probe.
"""

from __future__ import annotations

import math
from enum import Enum

__all__ = ["FAILURES_TO_OPEN", "PROBE_MIN_S", "Breaker"]

FAILURES_TO_OPEN = 5
"""Half of what is on the wire by default: fewer would take the chance of a bad minute for an outage."""

PROBE_MIN_S = 0.5
"""Seconds until the first probe."""


class _State(Enum):
    CLOSED = 1
    OPEN = 2
    TRYING = 3


class Breaker:
    """The breaker of one call. Times are monotonic seconds; contacts are tuples of lanes."""

    __slots__ = (
        "_failed_last",
        "_failures",
        "_follows",
        "_interval_s",
        "_last_success",
        "_other_success",
        "_probe_max_s",
        "_state",
        "_trial",
        "probe_at",
        "reason",
        "since",
        "successes",
    )

    def __init__(self, probe_max_s: float) -> None:
        """Closed; probes are at most ``probe_max_s`` apart."""
        self._probe_max_s = probe_max_s
        self._state = _State.CLOSED
        self._failures = 0
        self._interval_s = PROBE_MIN_S
        self._failed_last: tuple[str, ...] = ()
        self._last_success: tuple[int, tuple[str, ...]] = (0, ())
        self._other_success: tuple[int, tuple[str, ...]] = (0, ())
        self._trial = False
        self._follows = False
        self.successes = 0
        self.probe_at = math.inf
        self.reason = ""
        self.since = 0.0

    @property
    def closed(self) -> bool:
        """Whether requests leave freely."""
        return self._state is _State.CLOSED

    @property
    def open(self) -> bool:
        """Whether a probe has to succeed first."""
        return self._state is _State.OPEN

    @property
    def wants_trial(self) -> bool:
        """Whether one real request may leave."""
        return self._state is _State.TRYING and not self._trial

    def avoids(self, contact: tuple[str, ...]) -> bool:
        """Whether the trial should be of another contact than this one."""
        return _share(contact, self._failed_last)

    def left(self) -> None:
        """A real request leaves; while trying, it is the trial."""
        self._trial = self._state is _State.TRYING

    def trial_lost(self) -> None:
        """The trial came to nothing that tells about Loops (throttled, refused, no longer ours): try another."""
        self._trial = False

    def succeeded(self, contact: tuple[str, ...]) -> bool:
        """A request was taken. Returns whether that ended an outage."""
        self.successes += 1
        if not _share(contact, self._last_success[1]):
            self._other_success = self._last_success
        self._last_success = (self.successes, contact)
        self._failures = 0
        ended = self._state is _State.TRYING and self._trial
        if ended:
            self._close()
        elif self.open:
            self._state, self._trial, self.probe_at = _State.TRYING, False, math.inf
        return ended

    def counts_against(self, contact: tuple[str, ...], successes_seen: int) -> bool:
        """Whether another contact succeeded since the count of successes was ``successes_seen``."""
        number, last = self._last_success
        if _share(contact, last):
            number, last = self._other_success
        return number > successes_seen and not _share(contact, last)

    def failed(self, contact: tuple[str, ...], reason: str, *, for_all: bool, now: float) -> bool:
        """A request failed; ``for_all`` where every other would too. Returns whether an outage began."""
        self._failures += 1
        self._failed_last = contact
        trial_failed = self._state is _State.TRYING and self._trial
        self._follows &= not trial_failed and (for_all or self._failures < FAILURES_TO_OPEN)
        if trial_failed:
            self._reopen(now, reason)
        elif self.closed and (for_all or self._failures >= FAILURES_TO_OPEN):
            return self.trip(reason, now=now, by_another=False)
        return False

    def trip(self, reason: str, *, now: float, by_another: bool = True) -> bool:
        """Opens it, for an answer to ``by_another`` call or to its own. Returns whether it was closed."""
        began = self._state is _State.CLOSED
        self._follows = by_another and (began or self._follows)
        if began:
            self.since = now
        if self._state is not _State.OPEN:
            self._state, self._trial, self.reason = _State.OPEN, False, reason
            self.probe_at = now + self._interval_s
        return began

    def follow(self) -> bool:
        """Another call is taken again: what only follows closes. Returns whether it did."""
        follows = self._follows
        if follows:
            self._close()
        return follows

    def probed(self, *, answered: bool, now: float) -> None:
        """A probe ended."""
        if self._state is not _State.OPEN:
            return
        if answered:
            self._state, self._trial, self.probe_at = _State.TRYING, False, math.inf
        else:
            self._reopen(now, self.reason)

    def _close(self) -> None:
        self._state, self._interval_s, self._trial = _State.CLOSED, PROBE_MIN_S, False
        self._follows, self.probe_at = False, math.inf

    def _reopen(self, now: float, reason: str) -> None:
        self._interval_s = min(self._interval_s * 2, self._probe_max_s)
        self._state, self._trial, self.reason = _State.OPEN, False, reason
        self.probe_at = now + self._interval_s


def _share(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return any(name in other for name in one)
