"""Loops over HTTP: one keep-alive session, one call a request, and an answer for whatever goes wrong."""

from __future__ import annotations

import asyncio
import errno
import math
import ssl
from typing import TYPE_CHECKING, Final, Protocol

import aiohttp
from yarl import URL

from consumer.core.outcome import Answer, Response, TransportFailure
from consumer.core.request import Call, HttpRequest
from consumer.logs import logger

if TYPE_CHECKING:
    from aiohttp.client_middlewares import ClientHandlerType

__all__ = ["BODY_BYTES_MAX", "KeyProvider", "LoopsClient"]

BODY_BYTES_MAX: Final = 65_536
"""How much of an answer is read. Loops' answers to what is sent are below 1 KiB; a find or a list of properties
stays below this for about 500 custom properties. Whatever is longer is cut short and its connection closed."""

_IDLE_S: Final = 15.0
"""How long an unused connection is kept: longer than the second between two bursts, shorter than what stands
between (load balancers drop idle connections after 60 s and more)."""

_DNS_S: Final = 30
"""How long a resolved address is used."""


class KeyProvider(Protocol):
    """Where the key comes from. Neither method raises."""

    def __call__(self) -> str:
        """The key to use now."""

    def reload(self) -> None:
        """Loops refused the key: read it again where it came from, if that can be done."""


class LoopsClient:
    """Makes the calls. Never follows a redirect, never repeats a call by itself, keeps no cookies.

    The key is asked for at each call, and after a 401 its provider reloads before the next one. Log lines name the
    kind of a failure and not whom a call was about; a run of equal failures is one line.
    """

    def __init__(
        self,
        base_url: str,
        key: KeyProvider,
        *,
        connections_max: int,
        connect_timeout_s: float,
        timeout_s: float,
        user_agent: str,
    ) -> None:
        """Connects at the first call. ``timeout_s`` covers a whole call, its connection and its body."""
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._connections_max = connections_max
        self._connect_timeout_s = connect_timeout_s
        self._timeout_s = timeout_s
        self._headers = {"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "identity"}
        self._urls: dict[str, URL] = {}
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._key_refused = False
        self._failure = ""
        self._log = logger("loops")

    @property
    def failure(self) -> str:
        """The kind of the last call's transport failure, as ``connect_failed: ECONNREFUSED``; empty after an answer."""
        return self._failure

    async def call(self, request: HttpRequest) -> Answer:
        """Makes one call; raises nothing but cancellation."""
        if self._closed:
            return TransportFailure.CONNECT
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._exchange(self._session or self._open(), request)
        except Exception as error:  # noqa: BLE001 - the promise: every failure is a value
            return self._failed(request.call, error)
        self._failure = ""
        if answer.status == 401:
            self._key_refused = True
        return answer

    async def close(self) -> None:
        """Closes the connections; what is on the wire ends as a broken connection."""
        self._closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _exchange(self, session: aiohttp.ClientSession, request: HttpRequest) -> Response:
        if self._key_refused:
            self._key_refused = False
            self._key.reload()
        headers = {"Authorization": f"Bearer {self._key()}"}
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        if request.idempotency_key is not None:
            headers["Idempotency-Key"] = request.idempotency_key
        url = self._url(request)
        async with session.request(
            request.method, url, data=request.body, headers=headers, allow_redirects=False
        ) as answer:
            body = await _read(answer.content)
            return Response(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body)

    def _url(self, request: HttpRequest) -> URL:
        url = self._urls.get(request.path)
        if url is None:
            url = self._urls[request.path] = URL(self._base_url + request.path, encoded=True)
        return url.with_query(request.query) if request.query else url

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections_max, keepalive_timeout=_IDLE_S, ttl_dns_cache=_DNS_S
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout_s, ceil_threshold=math.inf),
            auto_decompress=False,
            middlewares=(_once,),
        )
        return self._session

    def _failed(self, call: Call, error: Exception) -> TransportFailure:
        failure = _kind(error)
        described = f"{failure.value}: {_name(error)}"
        if described != self._failure:
            self._failure = described
            self._log.warning("loops_unreachable", call=call.value, kind=failure.value, error=_name(error))
        return failure


class _BrokenError(aiohttp.ClientError):
    """The connection ended before the answer did. Its text is the error's name."""


async def _once(request: aiohttp.ClientRequest, handler: ClientHandlerType) -> aiohttp.ClientResponse:
    """Keeps aiohttp from sending a PUT or GET a second time on its own: each call is one of the team's ten a second."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _BrokenError(_name(error)) from None


async def _read(content: aiohttp.StreamReader) -> bytes:
    """At most :data:`BODY_BYTES_MAX` of the body as it came, compressed or not; aiohttp closes what is not read up."""
    body = await content.read(BODY_BYTES_MAX)
    if content.at_eof():
        return body
    parts = [body]
    left = BODY_BYTES_MAX - len(body)
    while left > 0 and (part := await content.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _kind(error: Exception) -> TransportFailure:
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | ssl.CertificateError):
        return TransportFailure.CONNECT
    if isinstance(error, TimeoutError):
        return TransportFailure.TIMEOUT
    return TransportFailure.BROKEN


def _name(error: Exception) -> str:
    """What happened, without the error's text, which may quote an address: a class, an errno, or TLS' reason."""
    if isinstance(error, _BrokenError):
        return str(error)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause: BaseException = error.certificate_error
    else:
        cause = getattr(error, "os_error", None) or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"certificate refused: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {cause.reason}"
    number = cause.errno if isinstance(cause, OSError) else None
    return errno.errorcode.get(number or 0, type(error).__name__)
