"""Loops in a simulation: what takes effect, which keys it knows, and what it answers when a seed makes it stumble."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import orjson

from consumer.core.outcome import Outcome, Verdict
from consumer.core.request import Call, HttpRequest

__all__ = ["SimulatedLoops"]

_OK = Outcome(Verdict.DONE, "ok", 200)
_CONFLICT = Outcome(Verdict.DONE, "conflict", 409)
_REFUSED = Outcome(Verdict.REFUSED, "refused", 400)
_BUSY = Outcome(Verdict.RETRY, "server_error", 503)
_LOST = Outcome(Verdict.RETRY, "timeout")
_THROTTLED = Outcome(Verdict.THROTTLED, "throttled", 429)
_UNAUTHORIZED = Outcome(Verdict.OUTAGE, "unauthorized", 401)


@dataclass
class SimulatedLoops:
    """Takes each key once. ``down`` and ``locked`` are periods of simulated seconds."""

    random: Random
    stumbles: float
    """The share of requests that fail, are throttled, or whose answer is lost."""
    down: tuple[float, float] = (0.0, 0.0)
    locked: tuple[float, float] = (0.0, 0.0)
    poison: frozenset[str] = frozenset()
    """Users whose events are refused."""
    effects: list[tuple[str, str]] = field(default_factory=list)
    """User and key of what took effect, in order."""
    arrivals_s: list[float] = field(default_factory=list)
    """When requests arrived."""
    keys: set[str] = field(default_factory=set)

    def take(self, request: HttpRequest, now: float) -> Outcome:
        """One request arrives; what its sender will learn."""
        self.arrivals_s.append(now)
        if self.down[0] <= now < self.down[1]:
            return _BUSY
        if self.locked[0] <= now < self.locked[1]:
            return _UNAUTHORIZED
        if request.call is Call.API_KEY:
            return _OK
        chance = self.random.random()
        if chance < self.stumbles / 3:
            return _BUSY
        if chance < self.stumbles * 2 / 3:
            return _THROTTLED
        outcome = self._judge(request)
        return _LOST if chance < self.stumbles else outcome

    def _judge(self, request: HttpRequest) -> Outcome:
        user = str(orjson.loads(request.body or b"")["userId"])
        key = request.idempotency_key or ""
        if user in self.poison:
            return _REFUSED
        if key in self.keys:
            return _CONFLICT
        self.keys.add(key)
        self.effects.append((user, key))
        return _OK
