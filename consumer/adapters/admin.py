"""The admin port: ``/metrics``, ``/livez``, ``/readyz`` and ``/status``. Nothing there changes anything."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import Final

import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from consumer.adapters.status_page import PAGE_HEADERS, index_page, status_page, wants_page
from consumer.adapters.status_words import POLL_AGE_MAX_S
from consumer.faults import Fault, Faults
from consumer.logs import logger
from consumer.status import SourceState, Status

__all__ = ["AdminServer"]

_REQUEST_BYTES_MAX: Final = 4_096
_CLOSING_S: Final = 1.0
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_NEGOTIATED: Final = {**_NO_STORE, "Vary": "Accept"}
_READY: Final = frozenset({SourceState.JOINED, SourceState.STANDING_BY})


class AdminServer:
    """Serves on ``host:port`` (0: any free port) between :meth:`start` and :meth:`stop`."""

    def __init__(self, registry: CollectorRegistry, status: Callable[[], Status], *, host: str, port: int) -> None:
        """Reads ``status`` at each request that needs it; nothing listens yet."""
        self._registry = registry
        self._status = status
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self._log = logger("admin")

    @property
    def port(self) -> int:
        """Where it listens: what was asked for, or what was found for 0 once it is started."""
        if self._runner is not None and self._runner.addresses:
            return int(self._runner.addresses[0][1])
        return self._port

    async def start(self) -> None:
        """Listens. Raises :class:`~consumer.faults.Faults` where the address cannot be had."""
        app = web.Application(client_max_size=_REQUEST_BYTES_MAX)
        for path, handler in self._pages().items():
            app.router.add_get(path, handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSING_S, handle_signals=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            raise Faults([_fault(self._host, self._port, error)]) from None
        self._runner = runner
        self._log.info("listening", host=self._host, port=self.port)

    async def stop(self) -> None:
        """Listens no more; may be called twice, and before :meth:`start`."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def _pages(self) -> Mapping[str, Callable[[web.Request], Awaitable[web.Response]]]:
        return {
            "/": self._index,
            "/metrics": self._metrics,
            "/livez": self._livez,
            "/readyz": self._readyz,
            "/status": self._show_status,
        }

    async def _index(self, request: web.Request) -> web.Response:
        paths = [path for path in self._pages() if path != "/"]
        if wants_page(request.headers.get("Accept", "")):
            return _page(index_page(paths))
        return _text("".join(f"{path}\n" for path in paths))

    async def _metrics(self, request: web.Request) -> web.Response:
        try:
            encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        except TypeError:  # it holds versions against numbers, whatever they are
            encode, content_type = choose_encoder("")
        return web.Response(body=encode(self._registry), headers={**_NO_STORE, "Content-Type": content_type})

    async def _livez(self, _: web.Request) -> web.Response:
        age_s = self._status().source.poll_age_s
        if age_s > POLL_AGE_MAX_S:
            return _text(f"the Kafka thread has not polled for {age_s:.0f} s\n", 503)
        return _text("ok\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        status = self._status()
        missing = []
        if status.source.state not in _READY:
            waits_for = f": {status.source.waits_for}" if status.source.waits_for else ""
            missing.append(f"the Kafka thread is {status.source.state.value}{waits_for}\n")
        if not status.mapping.digest:
            missing.append("there is no valid mapping\n")
        return _text("".join(missing), 503) if missing else _text("ok\n")

    async def _show_status(self, request: web.Request) -> web.Response:
        """A page for who asks for HTML, as browsers do; JSON for everybody else."""
        form = request.query.get("format") or ("html" if wants_page(request.headers.get("Accept", "")) else "json")
        if form == "html":
            return _page(status_page(self._status(), refreshes=request.query.get("refresh") != "off"))
        if form != "json":
            return _text("format is json or html\n", 400)
        body = orjson.dumps(self._status(), default=_shown, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        return web.Response(body=body, content_type="application/json", headers=_NEGOTIATED)


def _page(html: str) -> web.Response:
    return web.Response(text=html, content_type="text/html", headers={**_NEGOTIATED, **PAGE_HEADERS})


def _text(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, headers=_NO_STORE)


def _shown(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    raise TypeError


def _fault(host: str, port: int, error: OSError) -> Fault:
    if error.errno == errno.EADDRINUSE:
        hint = "another program, or another consumer, listens there; choose another port, or 0 for any free one"
        return Fault(f"port {port} of {host} is taken", path="admin.port", hint=hint)
    if error.errno in {errno.EACCES, errno.EPERM}:
        hint = "ports below 1024 need a privilege; 9464 does not"
        return Fault(f"port {port} of {host} may not be opened by this user", path="admin.port", hint=hint)
    said = os.strerror(error.errno) if error.errno and not isinstance(error, socket.gaierror) else "no such host"
    return Fault(f"{host} is no address of this machine: {said}", path="admin.host")
