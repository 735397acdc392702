"""What stands in Loops' place and means harm, or is out of its mind: each answer is bad in another way, to the byte."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self

from tests.fakes.raw_server import RawServer, Received, Wire, answer_bytes, serving

__all__ = ["BAD_ANSWERS", "HostileLoops"]

Behaviour = Callable[[Received, Wire], Awaitable[None]]

_STARTS_WITHIN_S: Final = 10
_DRIP_EVERY_S: Final = 0.05
_HEAD: Final = b"HTTP/1.1 200 OK\r\n"
_CHUNKED: Final = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_PADDING: Final = b"X-Padding: x\r\n" * 4_000
_TEN_MEGABYTES: Final = b'{"success":true,"padding":"' + b"x" * 10_000_000 + b'"}'
_BOMB: Final = gzip.compress(b'{"success":true}' + b" " * 100_000_000)
"""A hundred megabytes in a hundred kilobytes, and good JSON if it were unpacked."""


def _bytes(data: bytes) -> Behaviour:
    """The same bytes, and nothing more."""

    async def answer(_: Received, wire: Wire) -> None:
        await wire.write(data)

    return answer


def _flood(head: bytes, chunk: bytes) -> Behaviour:
    """The head, and then the same for ever."""

    async def answer(_: Received, wire: Wire) -> None:
        await wire.write(head)
        await wire.flood(chunk)

    return answer


def _drip(head: bytes, chunk: bytes) -> Behaviour:
    """The head, and then so little at a time that the connection never seems dead."""

    async def answer(_: Received, wire: Wire) -> None:
        await wire.write(head)
        while wire.is_open:
            await wire.write(chunk)
            await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=_DRIP_EVERY_S)

    return answer


BAD_ANSWERS: Final[Mapping[str, Behaviour]] = {
    "ten megabytes": _bytes(answer_bytes(200, _TEN_MEGABYTES)),
    "without an end": _flood(_CHUNKED, b"10000\r\n" + b" " * 65_536 + b"\r\n"),
    "without an end or a length": _flood(_HEAD + b"Connection: close\r\n\r\n", b" " * 65_536),
    "a bomb": _bytes(answer_bytes(200, _BOMB, Content_Encoding="gzip")),
    "one chunk of an exabyte": _flood(_CHUNKED + b"FFFFFFFFFFFFFFF\r\n", b" " * 65_536),
    "headers without an end": _flood(_HEAD, _PADDING),
    "one header without an end": _flood(_HEAD + b"X-Padding: ", b"x" * 65_536),
    "continue without an end": _flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000),
    "hints without an end": _flood(b"", b"HTTP/1.1 103 Early Hints\r\nLink: " + b"x" * 4000 + b"\r\n\r\n"),
    "trailers without an end": _flood(_CHUNKED + b"10\r\n" + b'{"success":true}' + b"\r\n0\r\n", _PADDING),
    "a chunk's extension without an end": _flood(_CHUNKED + b"10;", b"x" * 65_536),
    "a head that drips": _drip(_HEAD, b"X-Padding: x\r\n"),
    "a body that drips": _drip(_HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
    "a chunked body that drips": _drip(_CHUNKED, b"1\r\n \r\n"),
    "no charset": _bytes(answer_bytes(400, b"\xff\xfe\x00{", Content_Type="application/json; charset=utf-99")),
    "nesting": _bytes(answer_bytes(400, b"[" * 60_000)),
    "nesting in the message": _bytes(answer_bytes(400, b'{"success":true,"message":' + b"[" * 900 + b"]" * 900 + b"}")),
    "headers that are no text": _bytes(
        b"HTTP/1.1 429 \xff\xfe\r\nX-RateLimit-Limit: \xff\r\nRetry-After: \xb2\r\nContent-Length: 2\r\n\r\n{}"
    ),
    "numbers that are none": _bytes(
        answer_bytes(503, b"{}", X_RateLimit_Limit="9" * 8_000, X_RateLimit_Remaining="-1", Retry_After="-1e999")
    ),
    "a thousand cookies": _bytes(_HEAD + b"Set-Cookie: a=b\r\n" * 1_000 + b"Content-Length: 2\r\n\r\n{}"),
    "a status that is none": _bytes(b"HTTP/1.1 99999 No\r\nContent-Length: 2\r\n\r\n{}"),
    "two lengths": _bytes(_HEAD + b"Content-Length: 16\r\nContent-Length: 2\r\n\r\n" + b'{"success":true}'),
    "a redirect to nowhere": _bytes(answer_bytes(307, b"", Location="http://127.0.0.1:1/api/v1")),
    "another protocol": _bytes(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64),
    "nothing": _bytes(b""),
}
"""None of them says that the request was taken, and none that it was refused."""


class HostileLoops:
    """Answers on a thread of its own, within a ``with``: badly, each request in the next way, until :meth:`heal`."""

    def __init__(self) -> None:
        """Nothing listens yet."""
        self.base_url = ""
        self.given: Counter[str] = Counter()
        """How often each bad answer was begun."""
        self.taken: list[bytes] = []
        """The bodies of the requests that were answered well."""
        self._bad = True
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="hostile-loops", daemon=True)
        self._ending = AsyncExitStack()

    def __enter__(self) -> Self:
        """Listens at a free port."""
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(_STARTS_WITHIN_S)
        self.base_url = server.base_url
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes every connection and ends the thread."""
        asyncio.run_coroutine_threadsafe(self._ending.aclose(), self._loop).result(_STARTS_WITHIN_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STARTS_WITHIN_S)
        self._loop.close()

    def heal(self) -> None:
        """From the next request on it answers as Loops does."""
        self._bad = False

    async def _start(self) -> RawServer:
        return await self._ending.enter_async_context(serving(self._answer))

    async def _answer(self, request: Received, wire: Wire) -> None:
        if not self._bad:
            self.taken.append(request.body)
            await wire.write(answer_bytes())
            return
        name = min(BAD_ANSWERS, key=lambda each: self.given[each])
        self.given[name] += 1
        await BAD_ANSWERS[name](request, wire)
