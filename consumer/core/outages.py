"""The breakers of all calls, and the one probe that serves them."""

from __future__ import annotations

import math

from consumer.core.breaker import Breaker
from consumer.core.effect import Effect, OutageBegan, OutageEnded
from consumer.core.outcome import Outcome, Verdict
from consumer.core.request import Call

__all__ = ["Outages"]


class Outages:
    """One breaker a call: Loops may refuse to take events while it takes contacts."""

    __slots__ = ("_probing", "breakers")

    def __init__(self, probe_max_s: float) -> None:
        """All closed."""
        self.breakers: dict[Call, Breaker] = {call: Breaker(probe_max_s) for call in Call if call is not Call.API_KEY}
        self._probing = False

    def probe_due(self, *, now: float) -> bool:
        """Whether a probe should leave now."""
        return not self._probing and self.next_probe_at() <= now

    def next_probe_at(self) -> float:
        """When the next probe should leave, monotonic seconds; infinite if none should."""
        if self._probing:
            return math.inf
        return min(breaker.probe_at for breaker in self.breakers.values())

    def probe_left(self) -> None:
        """A probe is on the wire."""
        self._probing = True

    def probed(self, outcome: Outcome, *, now: float) -> None:
        """A probe ended. One that was told to slow down says as much as one that was answered."""
        self._probing = False
        answered = outcome.verdict in {Verdict.DONE, Verdict.THROTTLED}
        for breaker in self.breakers.values():
            breaker.probed(answered=answered, now=now)

    def judged(self, call: Call, contact: tuple[str, ...], outcome: Outcome, *, now: float) -> list[Effect]:
        """An attempt of a request ended. Returns the reports of what began or ended by it."""
        breaker = self.breakers[call]
        match outcome.verdict:
            case Verdict.DONE | Verdict.UNCHANGED | Verdict.NOT_FOUND:
                if breaker.succeeded(contact):
                    ended = [call, *(other for other, its in self.breakers.items() if its.follow())]
                    return [OutageEnded(over.value, now - self.breakers[over].since) for over in ended]
            case Verdict.REFUSED | Verdict.THROTTLED:
                breaker.trial_lost()
            case Verdict.RETRY:
                if breaker.failed(contact, outcome.reason, for_all=False, now=now):
                    return [OutageBegan(call.value, outcome.reason)]
            case Verdict.OUTAGE:
                began = breaker.failed(contact, outcome.reason, for_all=True, now=now)
                for other in self.breakers.values():
                    began = other.trip(outcome.reason, now=now) or began
                return [OutageBegan(None, outcome.reason)] if began else []
        return []
