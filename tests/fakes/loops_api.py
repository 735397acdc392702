"""Loops without a network: answers from a script, from a function, or from the sandbox's own model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from consumer.core.outcome import Answer, Response, TransportFailure
from consumer.sandbox.reply import Ending

if TYPE_CHECKING:
    from consumer.core.request import HttpRequest
    from consumer.sandbox.model import LoopsModel

__all__ = ["FakeLoopsApi", "from_model", "from_script"]

Answering = Callable[["HttpRequest"], Answer]


class FakeLoopsApi:
    """Implements :class:`consumer.ports.LoopsApi`; keeps what was asked.

    Each answer comes ``latency_s`` later by the loop's clock, perhaps a virtual one; while it is :meth:`held`, not at
    all until :meth:`release`. What is decided is decided when the request leaves, as if it took effect at once.
    """

    def __init__(self, answering: Answering, *, latency_s: float = 0.0) -> None:
        """Answers as ``answering`` says; it is asked once for each call."""
        self._answering = answering
        self._latency_s = latency_s
        self._open = asyncio.Event()
        self._open.set()
        self._closing: set[asyncio.Future[None]] = set()
        self._closed = False
        self.requests: list[HttpRequest] = []
        self.on_wire = 0
        self.on_wire_max = 0

    def held(self) -> None:
        """No answer comes from now on."""
        self._open.clear()

    def release(self) -> None:
        """What was held comes now."""
        self._open.set()

    async def call(self, request: HttpRequest) -> Answer:
        """Makes one call."""
        if self._closed:
            return TransportFailure.CONNECT
        self.requests.append(request)
        self.on_wire += 1
        self.on_wire_max = max(self.on_wire_max, self.on_wire)
        try:
            answer = self._answering(request)
            return answer if await self._pass(answer) else TransportFailure.BROKEN
        finally:
            self.on_wire -= 1

    async def close(self) -> None:
        """What is on the wire ends as a broken connection."""
        self._closed = True
        for future in tuple(self._closing):
            if not future.done():
                future.set_result(None)

    async def _pass(self, answer: Answer) -> bool:
        """The time until the answer is there. Returns False where the connections were closed meanwhile."""
        loop = asyncio.get_running_loop()
        closed = loop.create_future()
        self._closing.add(closed)
        opened = asyncio.ensure_future(self._open.wait())
        try:
            if self._latency_s or answer is TransportFailure.TIMEOUT:
                await asyncio.wait([closed], timeout=self._latency_s)
            await asyncio.wait([closed, opened], return_when=asyncio.FIRST_COMPLETED)
            return not closed.done()
        finally:
            opened.cancel()
            closed.cancel()
            self._closing.discard(closed)


def from_script(answers: Iterable[Answer]) -> Answering:
    """These, one after the other, whatever is asked; the last one for ever."""
    left = list(answers)

    def answering(_: HttpRequest) -> Answer:
        return left.pop(0) if len(left) > 1 else left[0]

    return answering


def from_model(
    model: LoopsModel, key: Callable[[], str], *, now: Callable[[], float], wall: Callable[[], float]
) -> Answering:
    """What the sandbox's model answers to this key. Its waits do not pass; a hanging request times out at once."""

    def answering(request: HttpRequest) -> Answer:
        headers = {"authorization": f"Bearer {key()}", "content-type": "application/json"}
        if request.idempotency_key is not None:
            headers["idempotency-key"] = request.idempotency_key
        body = request.body or b""
        reply = model.handle(request.method, request.path, request.query, headers, body, now=now(), wall=wall())
        if reply.ending is Ending.ANSWER:
            return Response(reply.status, dict(reply.headers), reply.body)
        return TransportFailure.TIMEOUT if reply.ending is Ending.HANG else TransportFailure.BROKEN

    return answering
