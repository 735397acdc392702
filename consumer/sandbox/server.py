"""The sandbox over HTTP: a thin shell that waits, answers, hangs or resets as the model says."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

from aiohttp import web

from consumer.sandbox.control import control
from consumer.sandbox.faults import FaultBook
from consumer.sandbox.journal import Journal
from consumer.sandbox.model import LoopsModel
from consumer.sandbox.options import SandboxOptions
from consumer.sandbox.reply import Ending, Reply

__all__ = ["BASE_PATH", "Sandbox"]

BASE_PATH = "/api/v1"
_BODY_BYTES_MAX = 4 * 2**20
_SHUTDOWN_S = 1.0
_LINGER_NONE = struct.pack("ii", 1, 0)
"""``SO_LINGER``: closing drops what is unsent and sends a reset."""


class Sandbox:
    """A running sandbox, for use as ``async with Sandbox(options) as sandbox``.

    Runs on the event loop that it is started on; with the default clock that loop's own time is the sandbox's time,
    so that a virtual clock carries it along.
    """

    def __init__(
        self,
        options: SandboxOptions | None = None,
        *,
        now: Callable[[], float] | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``now``: seconds of a clock that only goes forward, by default the loop's; ``wall``: seconds since 1970."""
        self.options = options or SandboxOptions()
        self.model = LoopsModel(self.options)
        self._now = now
        self._wall = wall
        self._port: int | None = None
        self._runner: web.ServerRunner | None = None
        self._stopped = asyncio.Event()
        self._changed: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        """Starts it."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops it."""
        await self.stop()

    async def start(self) -> None:
        """Listens. Raises :class:`OSError` where the address is taken."""
        self._stopped.clear()
        runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        self._runner = runner
        try:
            await web.TCPSite(runner, self.options.host, self._port or self.options.port).start()
        except OSError:
            await self.stop()
            raise
        self._port = int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Closes every connection, hanging ones too. May be called twice, and before the start.

        The team's data stay; :meth:`start` listens at the same port again.
        """
        self._stopped.set()
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    @property
    def port(self) -> int:
        """Where it listens. Raises :class:`RuntimeError` before the start."""
        if self._port is None:
            raise RuntimeError("the sandbox was not started")
        return self._port

    @property
    def address(self) -> str:
        """The page's address, without a slash at the end."""
        host = f"[{self.options.host}]" if ":" in self.options.host else self.options.host
        return f"http://{host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What a client takes for Loops' base address."""
        return self.address + BASE_PATH

    @property
    def journal(self) -> Journal:
        """What was received."""
        return self.model.journal

    @property
    def faults(self) -> FaultBook:
        """The faults in force; :meth:`inject` is shorter."""
        return self.model.faults

    def now(self) -> float:
        """The sandbox's time in seconds."""
        return asyncio.get_running_loop().time() if self._now is None else self._now()

    async def until(self, condition: Callable[[Journal], bool], timeout_s: float = 10.0) -> None:
        """Returns as soon as the journal is so; asked again after each request. Raises :class:`TimeoutError`."""
        async with asyncio.timeout(timeout_s):
            while not condition(self.journal):
                if self._changed is None:
                    self._changed = asyncio.get_running_loop().create_future()
                await asyncio.shield(self._changed)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        body = await _body(request)
        if path.startswith(BASE_PATH + "/"):
            reply = await self._loops(request, path[len(BASE_PATH) :], body)
        else:
            reply = control(self.model, request.method, path, request.query, body, now=self.now())
        if reply.wait_s:
            await asyncio.sleep(reply.wait_s)
        if reply.ending is Ending.HANG:
            await self._hang()
        if reply.ending is not Ending.ANSWER:
            _reset(request)
        return web.Response(status=reply.status or 500, headers=reply.headers, body=reply.body)

    async def _loops(self, request: web.BaseRequest, path: str, body: bytes) -> Reply:
        plan = self.model.plan(request.method, path, body, now=self.now())
        if plan.before_s:
            await asyncio.sleep(plan.before_s)
        reply = self.model.handle(
            request.method,
            path,
            request.query,
            request.headers,
            body,
            now=self.now(),
            wall=self._wall(),
            plan=replace(plan, before_s=0.0),
        )
        if self._changed is not None:
            changed, self._changed = self._changed, None
            changed.set_result(None)
        return reply

    async def _hang(self) -> None:
        try:
            async with asyncio.timeout(self.options.hang_s_max):
                await self._stopped.wait()
        except TimeoutError:
            return


async def _body(request: web.BaseRequest) -> bytes:
    if not request.can_read_body:
        return b""
    if (request.content_length or 0) > _BODY_BYTES_MAX:
        raise web.HTTPRequestEntityTooLarge(_BODY_BYTES_MAX, request.content_length or 0)
    return await request.read()


def _reset(request: web.BaseRequest) -> None:
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None and isinstance(connection.fileno(), int):  # a virtual network has no such option
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
    transport.abort()
