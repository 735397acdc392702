"""An HTTP server that misbehaves on purpose, to the byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

__all__ = ["RawServer", "Received", "Wire", "answer_bytes", "serving"]


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came; header names are lower-case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Wire:
    """The server's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Takes the connection over."""
        self._reader = reader
        self._writer = writer

    async def write(self, data: bytes) -> None:
        """Sends, as fast as the client takes it."""
        self._writer.write(data)
        await self._writer.drain()

    @property
    def is_open(self) -> bool:
        """Whether neither side has ended it."""
        return not self._writer.transport.is_closing()

    def reset(self) -> None:
        """Ends the connection at once, without a farewell."""
        self._writer.transport.abort()

    async def hang(self) -> None:
        """Returns when the client has given up."""
        await self._reader.read()

    async def flood(self, chunk: bytes) -> None:
        """Sends the same for ever, until the client has given up."""
        while self.is_open:
            await self.write(chunk)


Behaviour = Callable[[Received, Wire], Awaitable[None]]


@dataclass(slots=True)
class RawServer:
    """What one server saw, and where it is."""

    port: int = 0
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    connections_open: int = 0
    connections_open_max: int = 0

    @property
    def base_url(self) -> str:
        """What a client takes for Loops' base address."""
        return f"http://127.0.0.1:{self.port}/api/v1"

    def opened(self) -> None:
        """A client has connected."""
        self.connections += 1
        self.connections_open += 1
        self.connections_open_max = max(self.connections_open_max, self.connections_open)


@asynccontextmanager
async def serving(behaviour: Behaviour, *, greeting: bytes = b"") -> AsyncIterator[RawServer]:
    """Answers every request by ``behaviour``; a connection stays open until either side ends it.

    ``greeting`` is sent to whoever connects, as a server does that speaks another protocol.
    """
    seen = RawServer()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        seen.opened()
        try:
            await Wire(reader, writer).write(greeting)
            while (request := await _request(reader)) is not None:
                seen.requests.append(request)
                await behaviour(request, Wire(reader, writer))
        except (ConnectionError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            seen.connections_open -= 1
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answer_bytes(status: int = 200, body: bytes = b'{"success":true}', **headers: str) -> bytes:
    """A whole answer; ``Retry_After="3"`` becomes ``Retry-After: 3``."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _request(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.rstrip("\r\n").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    except asyncio.IncompleteReadError:
        return None
    method, target, _ = first.split(" ")
    return Received(method, target, headers, body)
