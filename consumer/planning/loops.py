"""Loops and the way there: what reaches it is counted against the team's limit, and answered."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from consumer.core.outcome import Outcome, Response, judge
from consumer.core.request import Call
from consumer.planning.course import OTHERS, Counted, Course
from consumer.planning.setting import Setting
from consumer.planning.timeline import Timeline
from consumer.sandbox.limiter import Decision, limiter_for

__all__ = ["ANSWER_S", "QUICKEST_S", "Loops"]

QUICKEST_S = 0.015
"""Seconds that a request is on its way at least."""

ANSWER_S = (0.02, 0.06)
"""Seconds from being counted until the answer is there, at least and at most."""

_BODIES = {Call.FIND: b"[]"}
_TAKEN = b'{"success":true}'
_TOO_MANY = b'{"success":false,"message":"Rate limit exceeded."}'


class Loops:
    """Takes everything that the limit lets in. Requests may overtake each other."""

    def __init__(self, setting: Setting, timeline: Timeline, course: Course) -> None:
        """The limiter's clock begins anywhere in its second, as does the other program."""
        self._random = Random(f"{setting.seed}/network")  # noqa: S311 - a seed decides a simulation
        self._timeline = timeline
        self._course = course
        self._jitter_s = setting.jitter_s
        phases = Random(f"{setting.seed}/phases")  # noqa: S311 - as above
        self._limiter = limiter_for(setting.way, setting.limit_per_s, phases.random())
        self._outcomes: dict[tuple[Call, Decision], Outcome] = {}
        self._others = setting.others
        if setting.others is not None:
            timeline.at(phases.random() * setting.others.every_s, self._burst)

    def call(self, call: Call, replica: int, answered: Callable[[Outcome, float], None]) -> None:
        """A request leaves; ``answered`` is told what it came to and when it was counted, once the answer is back."""
        self._timeline.after(self._way_s(), self._arrive, call, replica, answered)

    def _way_s(self) -> float:
        return QUICKEST_S + self._random.random() * self._jitter_s

    def _arrive(self, call: Call, replica: int, answered: Callable[[Outcome, float], None]) -> None:
        now = self._timeline.now
        decision = self._limiter.admit(now)
        self._course.counted.append(Counted(now, replica, decision.admitted))
        self._timeline.after(self._random.uniform(*ANSWER_S), answered, self._outcome(call, decision), now)

    def _outcome(self, call: Call, decision: Decision) -> Outcome:
        """As it is read off the sandbox's answer, which tells no time to wait."""
        known = self._outcomes.get((call, decision))
        if known is None:
            headers = {"x-ratelimit-limit": str(decision.limit), "x-ratelimit-remaining": str(decision.remaining)}
            body = _BODIES.get(call, _TAKEN) if decision.admitted else _TOO_MANY
            known = judge(call, Response(200 if decision.admitted else 429, headers, body), wall=0.0)
            self._outcomes[call, decision] = known
        return known

    def _burst(self) -> None:
        if self._others is not None:
            for _ in range(self._others.burst):
                self.call(Call.UPDATE, OTHERS, _nobody_asks)
            self._timeline.after(self._others.every_s, self._burst)


def _nobody_asks(_outcome: Outcome, _at_s: float) -> None:
    """The other program sends again in its own time."""
