"""Loops in a simulation, and the way there: what arrives, what takes effect, and what its sender learns of it."""

from __future__ import annotations

from asyncio import Future
from random import Random
from typing import TYPE_CHECKING

from consumer.core.outcome import Answer, Response, TransportFailure
from consumer.core.record import TopicPartition
from consumer.core.request import Call, HttpRequest, SendEvent
from consumer.sandbox.keys import KeyMemory, Use
from consumer.sandbox.options import KeyMode
from tests.sim.contact import StillContact
from tests.sim.limit import TeamLimit
from tests.sim.planned import Planned, Told

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["SimulatedApi", "SimulatedLoops"]

_HTML = b"<html><head><title>nginx</title></head></html>"
_OK = b'{"success":true,"id":"cll42l54f20i1la0lfooe3z12"}'
_REFUSED = b'{"success":false,"message":"Email is not valid."}'
_USED = b'{"success":false,"message":"Idempotency key already used."}'
_NOT_FOUND = b'{"success":false,"message":"Contact not found."}'
_BAD_KEY = b'{"success":false,"message":"Invalid API key","error":"Invalid API key"}'
_UNKNOWN = b'{"success":false,"message":"userId not found and cannot create a new contact without an email."}'
_NOBODY = b"[]"
_SOMEBODY = b'[{"id":"cll42l54f20i1la0lfooe3z12","email":"somebody"}]'
_TOO_MANY = b'{"success":false,"message":"Rate limit exceeded."}'

_DONE = Response(200, {}, _OK)
_IS_REFUSED = Response(400, {}, _REFUSED)
_IS_USED = Response(409, {}, _USED)
_IS_NOT_FOUND = Response(404, {}, _NOT_FOUND)
_IS_UNKNOWN = Response(400, {}, _UNKNOWN)
_IS_NOBODY = Response(200, {}, _NOBODY)
_IS_SOMEBODY = Response(200, {}, _SOMEBODY)

_ON_THE_WAY_S = 0.005
"""How long a request travels, at least."""

_BEFORE: tuple[Answer | None, ...] = (
    Response(500, {}, _HTML),
    Response(502, {}, _HTML),
    Response(503, {}, b""),
    Response(408, {}, b""),
    Response(429, {}, _TOO_MANY),
    Response(429, {"retry-after": "2"}, b""),
    Response(200, {}, _HTML),
    TransportFailure.CONNECT,
    TransportFailure.BROKEN,
    None,
)
"""Instead of an effect; None: silence."""

_AFTER: tuple[Answer | None, ...] = (
    Response(500, {}, _HTML),
    Response(502, {}, b""),
    Response(200, {}, b""),
    TransportFailure.BROKEN,
    None,
)
"""Instead of the answer, after the effect."""

_STRAY = Response(404, {}, _HTML)
"""From something between: now and then, and it looks as if every request would meet it."""

_STRAYS = 0.005
"""The share of such answers among those that stumble."""

_STRAGGLES_ONE_IN = 20
"""Of the requests that stumble, how many arrive when nobody waits for them any more."""

_DOWN = Response(503, {}, _HTML)
_LOCKED = Response(401, {}, _BAD_KEY)


class SimulatedLoops:
    """One team. Its answers are those of HTTP; what it does is known in truth by :class:`Planned`."""

    def __init__(self, world: World) -> None:
        """A fresh team."""
        scenario = world.scenario
        self.ways = scenario.loops
        self.troubled = True
        """Whether anything goes wrong."""
        self.arrived = 0
        """Requests, probes among them."""
        self.random = Random(f"{scenario.seed}/loops")  # noqa: S311 - a seed decides a simulation
        self._world = world
        self._keys = KeyMemory(self.ways.key_mode, 86_400.0, 1_000_000)
        self.limit = TeamLimit(world)
        self._strangers = dict.fromkeys(world.topic.by_user, False)
        """UserIds of contacts that are made on the way, each with whether it is there."""
        self._changes_at: dict[str, int] = {}
        """By key: how often its contact had changed when its event took effect."""
        self._by_body = self.ways.key_mode is KeyMode.BODY
        self._latency_rate = 1 / self.ways.latency_s

    def leave(self, sender: SimulatedApi, request: HttpRequest, learn: Future[Answer]) -> None:
        """A request is on its way; its sender learns in time how it ended."""
        loop, random = self._world.loop, self.random
        if self.troubled and random.random() < self.ways.stumbles / _STRAGGLES_ONE_IN:
            loop.later(self.ways.timeout_s, sender.learn, request, TransportFailure.TIMEOUT, learn)
            loop.later(self.ways.timeout_s * random.uniform(1, 3), self._straggle, request)
        else:
            loop.later(
                random.uniform(_ON_THE_WAY_S, _ON_THE_WAY_S + self.ways.jitter_s),
                self._arrive,
                sender,
                request,
                loop.now,
                learn,
            )

    def _straggle(self, request: HttpRequest) -> None:
        """It arrives after all, when its sender has long given up."""
        told, still = self._world.topic.told_of(request), self._world.topic.still_of(request)
        if still is not None:
            still.disturbed = True
        if told or still is not None:
            self._carry_out(request, told, still)

    def _arrive(self, sender: SimulatedApi, request: HttpRequest, left_at: float, learn: Future[Answer]) -> None:
        self.arrived += 1
        answer = self._answer(sender, request)
        now = self._world.loop.now
        at = left_at + self.ways.timeout_s
        if answer is not None:
            later = now + self.random.expovariate(self._latency_rate) * (10 if self.random.random() < 0.01 else 1)
            if later < at:
                at = later
            else:
                answer = None
        self._world.loop.later(at - now, sender.learn, request, answer or TransportFailure.TIMEOUT, learn)

    def _answer(self, sender: SimulatedApi, request: HttpRequest) -> Answer | None:
        """What comes back; None: nothing."""
        now = self._world.loop.now
        if self.troubled and (outage := self._outage(now)):
            return outage[0]
        admitted, headers = self.limit.admit(now)
        if not admitted:
            return Response(429, headers, _TOO_MANY)
        answer = self._answer_of(sender, request)
        return (
            Response(answer.status, {**headers, **answer.headers}, answer.body)
            if isinstance(answer, Response)
            else answer
        )

    def _answer_of(self, sender: SimulatedApi, request: HttpRequest) -> Answer | None:
        if request.call is Call.API_KEY:
            return _DONE
        topic = self._world.topic
        told, still = topic.told_of(request), topic.still_of(request)
        if still is not None and not sender.owns(still.plans[0].tp):
            still.disturbed = True
        if self.troubled:
            return self._stumbled(request, told, still)
        return self._carry_out(request, told, still)

    def _outage(self, now: float) -> tuple[Answer | None] | None:
        """What everybody gets at this moment, where that is the same for all."""
        if _within(self.ways.down, now):
            return (_DOWN,)
        if _within(self.ways.silent, now):
            return (None,)
        return (_LOCKED,) if _within(self.ways.locked, now) else None

    def _stumbled(self, request: HttpRequest, told: Told, still: StillContact | None) -> Answer | None:
        """Before the effect, after it, or not at all."""
        if any(planned.stubborn for planned in told):
            return self.random.choice(_BEFORE[:3])
        chance = self.random.random() / self.ways.stumbles if self.ways.stumbles else 1.0
        if chance < 0.5:
            return self.random.choice(_BEFORE) if chance > _STRAYS else _STRAY
        answer = self._carry_out(request, told, still)
        return self.random.choice(_AFTER) if chance < 1.0 else answer

    def _carry_out(self, request: HttpRequest, told: Told, still: StillContact | None) -> Response:
        key, now = request.idempotency_key, self._world.loop.now
        if key is None:
            return self._do(request, told, still)
        event, digest = told[-1], request.body or b"" if self._by_body else b""
        use = self._keys.look(key, digest, now=now)
        if use is not Use.NEW:
            for planned in told if use is Use.REPEAT else (event,):
                planned.settled = planned.settled or not (planned.terms.once and planned.tells)
            if still is not None and still.changes > self._changes_at.get(key, 0):
                still.disturbed = True
            return _DONE if use is Use.REPEAT else _IS_USED
        answer = self._do(request, told, still)
        self._keys.settle(key, digest, answer.status, now=now)
        if still is not None:
            self._changes_at[key] = still.changes
        return answer

    def _do(self, request: HttpRequest, told: Told, still: StillContact | None) -> Response:
        if request.call is Call.FIND:
            return self._find(told[-1])
        if any(planned.refused for planned in told):
            return _IS_REFUSED
        if any(map(self._is_unknown, told)):
            return _IS_UNKNOWN
        if request.call is Call.DELETE and b"userId" in (request.body or b""):
            return _IS_NOT_FOUND
        if request.call is Call.CREATE and told[-1].effects:
            told[-1].settled = True
            return _IS_USED
        if still is not None:
            still.take(request)
        for planned in told:
            self._take_effect(request, planned)
        return _DONE

    def _find(self, planned: Planned) -> Response:
        if not self._is_unknown(planned):
            return _IS_SOMEBODY
        planned.settled = planned.settled or planned.terms.unknown_dropped
        return _IS_NOBODY

    def _is_unknown(self, planned: Planned) -> bool:
        asked = planned.request
        there = True if asked is None or asked.email is not None else self._strangers.get(asked.user_id or "", True)
        return not there

    def _take_effect(self, request: HttpRequest, planned: Planned) -> None:
        if isinstance(planned.plan, SendEvent) and request.call is Call.UPDATE:
            planned.told += 1
        else:
            planned.effects += 1
        user = None if planned.request is None else planned.request.user_id
        if user in self._strangers:
            self._strangers[user] = True
        for look in self._world.observers.took_effect:
            look(planned)


def _within(periods: tuple[tuple[float, float], ...], now: float) -> bool:
    return any(began <= now < ended for began, ended in periods)


class SimulatedApi:
    """A replica's client: what :class:`consumer.ports.LoopsApi` promises."""

    def __init__(self, world: World, replica: Replica) -> None:
        """Open."""
        self._world = world
        self._replica = replica

    async def call(self, request: HttpRequest) -> Answer:
        """Makes one call."""
        learn: Future[Answer] = self._world.loop.create_future()
        self._world.loops.leave(self, request, learn)
        return await learn

    def owns(self, tp: TopicPartition) -> bool:
        """Whether its replica runs and has a partition, as the group has it."""
        return self._replica.alive and self._world.group.owner[tp] is self._replica.source

    async def close(self) -> None:
        """What is on the wire may still arrive."""

    def learn(self, request: HttpRequest, answer: Answer, learn: Future[Answer]) -> None:
        """The answer is here, if there is still someone who waits for it."""
        if not learn.done():
            told = self._world.topic.told_of(request)
            for look in self._world.observers.answered:
                look(self._replica, request, told, answer)
            learn.set_result(answer)
