"""Loops in one object: a request goes in with the time, an answer comes out. No I/O, no clock, no waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

import orjson

from consumer.sandbox.faults import FaultBook, Plan
from consumer.sandbox.journal import Entry, Journal
from consumer.sandbox.limiter import Decision, limiter_for
from consumer.sandbox.options import SandboxOptions
from consumer.sandbox.reply import HTML, Answered, Ending, Refused, Reply, failure, json_reply
from consumer.sandbox.routes import Route, route_for
from consumer.sandbox.tally import Tally
from consumer.sandbox.team import Received, Team

__all__ = ["LoopsModel"]

_NO_SUCH_PAGE = b"<!DOCTYPE html><html><head><title>404</title></head><body>This page could not be found.</body></html>"
_BAD_KEY = failure("Invalid API key", error="Invalid API key")
_TOO_MANY = failure("Rate limit exceeded.")
_WRONG_METHOD = failure("Wrong HTTP request method.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    now: float
    wall: float


@dataclass(slots=True)
class _Exchange:
    """What became of a request."""

    reply: Reply
    document: Mapping[str, object] | None = None
    call: str | None = None
    took_effect: bool = False
    decision: Decision | None = None
    message: str | None = None


class LoopsModel:
    """One team at Loops with its key, its limit and its data, and what shall go wrong.

    Whoever wants the times of a plan to pass asks :meth:`plan` first, waits ``before_s``, hands the plan to
    :meth:`handle`, and waits the reply's ``wait_s`` before it is delivered.
    """

    def __init__(self, options: SandboxOptions) -> None:
        """A fresh team."""
        self.options = options
        self.team = Team(options)
        drawn = Random(f"{options.seed}/phase").random()  # noqa: S311 - repeatable on purpose
        phase_s = drawn if options.phase_s is None else options.phase_s
        self.limiter = limiter_for(options.limit_way, options.rate_per_s, phase_s)
        self.faults = FaultBook(options.seed, options.latency_s, options.jitter_s)
        self.journal = Journal(options.journal_entries_max)
        self.tally = Tally()
        self._authorization = f"Bearer {options.api_key}"

    def plan(self, method: str, path: str, body: bytes, *, now: float) -> Plan:
        """What is to happen to this request; draws its lot, so ask once for each."""
        return self.faults.plan(method, path, body, now=now)

    def handle(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
        *,
        now: float,
        wall: float,
        plan: Plan | None = None,
    ) -> Reply:
        """Takes one request. ``path`` is encoded and relative to the base address, ``headers`` are lower-case.

        ``now`` is in seconds of a clock that only goes forward, ``wall`` in seconds since 1970. Nothing is raised.
        """
        request = _Request(method=method, path=path, query=query, headers=headers, body=body, now=now, wall=wall)
        chosen = self.plan(method, path, body, now=now) if plan is None else plan
        if chosen.reply is not None and not chosen.after_effect:
            exchange = self._intercepted(request, chosen.reply)
        else:
            exchange = self._exchange(request)
            exchange.reply = chosen.reply or exchange.reply
        reply = exchange.reply._replace(wait_s=chosen.after_s) if chosen.after_s else exchange.reply
        self._record(request, exchange, chosen.fault)
        return reply

    def _intercepted(self, request: _Request, reply: Reply) -> _Exchange:
        found = route_for(request.path)
        route = found[0].get(request.method) if found else None
        return _Exchange(reply, _read(request.body), route.name if route else None)

    def _exchange(self, request: _Request) -> _Exchange:
        found = route_for(request.path)
        if found is None:
            return _Exchange(Reply(404, {"content-type": HTML}, _NO_SUCH_PAGE))
        methods, argument = found
        route = methods.get(request.method)
        if request.headers.get("authorization") != self._authorization:
            reply = json_reply(401, _BAD_KEY)
            return _Exchange(reply, _read(request.body), route.name if route else None, message="Invalid API key")
        decision = self.limiter.admit(request.now)
        headers = {"x-ratelimit-limit": str(decision.limit), "x-ratelimit-remaining": str(decision.remaining)}
        if not decision.admitted:
            name = route.name if route else None
            return _Exchange(json_reply(429, _TOO_MANY, headers), _read(request.body), name, decision=decision)
        if route is None:
            headers["allow"] = ", ".join(methods)
            return _Exchange(json_reply(405, _WRONG_METHOD, headers), decision=decision)
        return self._carried_out(request, route, argument, headers, decision)

    def _carried_out(
        self, request: _Request, route: Route, argument: str, headers: Mapping[str, str], decision: Decision
    ) -> _Exchange:
        document = _read(request.body) if route.has_body else None
        message = None
        try:
            answered = self._called(request, route, argument, document)
        except Refused as refused:
            answered, message = Answered(refused.status, refused.document), str(refused)
        reply = json_reply(answered.status, answered.document, headers)
        return _Exchange(reply, document, route.name, answered.effect, decision, message)

    def _called(
        self, request: _Request, route: Route, argument: str, document: Mapping[str, object] | None
    ) -> Answered:
        if route.has_body:
            kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
            if document is None or kind != "application/json":
                raise Refused(400, "The request body must be a JSON object, sent as application/json.")
        received = Received(
            query=request.query,
            headers=request.headers,
            body=document or {},
            argument=argument,
            now=request.now,
            wall=request.wall,
        )
        return route.act(self.team, received)

    def _record(self, request: _Request, exchange: _Exchange, fault: int | None) -> None:
        reply, decision, body = exchange.reply, exchange.decision, exchange.document
        named = body if body is not None else request.query
        properties = named.get("eventProperties")
        rate = "not_counted" if decision is None else "counted" if decision.admitted else "refused"
        answered = reply.ending is Ending.ANSWER
        self.tally.add(str(reply.status) if answered else reply.ending.value, now=request.now)
        self.journal.add(
            Entry(
                n=self.journal.next_number(),
                now=request.now,
                wall_ms=int(request.wall * 1000),
                method=request.method,
                path=request.path,
                call=exchange.call,
                email=_text(named.get("email")),
                user_id=_text(named.get("userId")),
                event_name=_text(named.get("eventName")),
                event_properties=properties if isinstance(properties, dict) else None,
                idempotency_key=request.headers.get("idempotency-key"),
                body=body,
                status=reply.status if answered else None,
                message=exchange.message,
                ending=reply.ending.value,
                took_effect=exchange.took_effect,
                rate=rate,
                remaining=decision.remaining if decision else None,
                fault=fault,
            )
        )


def _read(body: bytes) -> Mapping[str, object] | None:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
