"""The Loops client against a server that answers well, badly, or not at all."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog

from consumer.adapters.loops import BODY_BYTES_MAX, LoopsClient
from consumer.core.outcome import Answer, Response, TransportFailure
from consumer.core.request import PROBE, Call, HttpRequest
from tests.fakes.raw_server import Received, Wire, answer_bytes, serving
from tests.redaction import API_KEY
from tests.waiting import until_async

SEND = HttpRequest(Call.SEND, "POST", "/events/send", b'{"email":"someone@example.com"}', "key-1")
UPDATE = HttpRequest(Call.UPDATE, "PUT", "/contacts/update", b'{"userId":"u1"}')
PATIENCE_S = 4.0
"""Of a client whose server hangs once, and resets other calls at once: longer than a busy machine stands still."""
FIND = HttpRequest(Call.API_KEY, "GET", "/contacts/find", query={"email": "some+one@example.com"})


class Key:
    """A key whose reloads are counted; each brings the next one."""

    def __init__(self, *keys: str) -> None:
        """Starts with the first."""
        self.keys = list(keys or (API_KEY,))
        self.reloads = 0

    def __call__(self) -> str:
        """The key in use."""
        return self.keys[0]

    def reload(self) -> None:
        """The next one, if there is one."""
        self.reloads += 1
        if len(self.keys) > 1:
            self.keys.pop(0)


@asynccontextmanager
async def client(base_url: str, key: Key | None = None, **bounds: Any) -> AsyncIterator[LoopsClient]:
    """A client with generous bounds, but for those given."""
    chosen: dict[str, Any] = {"connections_max": 5, "connect_timeout_s": 20, "timeout_s": 20, **bounds}
    made = LoopsClient(base_url, key or Key(), user_agent="test/1", **chosen)
    try:
        yield made
    finally:
        await made.close()


def always(data: bytes) -> Callable[[Received, Wire], Awaitable[None]]:
    """Answers every request with the same bytes."""

    async def answer(_: Received, wire: Wire) -> None:
        await wire.write(data)

    return answer


async def reset(_: Received, wire: Wire) -> None:
    """Breaks the connection instead of answering."""
    wire.reset()


async def hang(_: Received, wire: Wire) -> None:
    """Never answers."""
    await wire.hang()


async def call_once(
    request: HttpRequest, behaviour: Callable[[Received, Wire], Awaitable[None]], **bounds: Any
) -> Answer:
    """The answer to one call."""
    async with serving(behaviour) as server, client(server.base_url, **bounds) as loops:
        return await loops.call(request)


def response_of(answer: Answer) -> Response:
    """The response that a call must have come to."""
    assert isinstance(answer, Response)
    return answer


async def test_a_call_goes_out_as_the_request_says() -> None:
    """Method, path, body, idempotency key and authorization arrive as given; compression is not asked for."""
    async with serving(always(answer_bytes())) as server, client(server.base_url) as loops:
        await loops.call(SEND)

    (seen,) = server.requests
    expected = {
        "authorization": f"Bearer {API_KEY}",
        "idempotency-key": "key-1",
        "content-type": "application/json",
        "accept-encoding": "identity",
        "user-agent": "test/1",
    }
    assert ("POST", "/api/v1/events/send", SEND.body) == (seen.method, seen.target, seen.body)
    assert expected == {name: seen.headers.get(name) for name in expected}


async def test_a_query_is_encoded_and_a_get_has_no_body() -> None:
    """A plus in an address stays a plus; there is no content type without content."""
    async with serving(always(answer_bytes(body=b"[]"))) as server, client(server.base_url) as loops:
        await loops.call(FIND)

    (seen,) = server.requests
    assert "/api/v1/contacts/find?email=some%2Bone@example.com" == seen.target
    assert (b"", None) == (seen.body, seen.headers.get("content-type"))
    assert "idempotency-key" not in seen.headers


async def test_an_answer_comes_back_whole_with_lower_case_names() -> None:
    """Status, headers and body of whatever Loops says."""
    data = answer_bytes(429, b'{"success":false}', Retry_After="3", X_RateLimit_Limit="10")
    async with serving(always(data)) as server, client(server.base_url) as loops:
        answer = response_of(await loops.call(SEND))

    assert (429, b'{"success":false}') == (answer.status, answer.body)
    assert ("3", "10") == (answer.headers["retry-after"], answer.headers["x-ratelimit-limit"])


async def test_html_with_status_200_is_an_answer_like_any_other() -> None:
    """What a body means is not the client's to judge."""
    answer = response_of(await call_once(SEND, always(answer_bytes(200, b"<html>", Content_Type="text/html"))))

    assert (200, b"<html>") == (answer.status, answer.body)


async def test_a_redirect_is_not_followed() -> None:
    """The key goes to no other address."""
    data = answer_bytes(302, b"", Location="/elsewhere")
    async with serving(always(data)) as server, client(server.base_url) as loops:
        answer = response_of(await loops.call(PROBE))

    assert (302, ["/api/v1/api-key"]) == (answer.status, [seen.target for seen in server.requests])


async def test_cookies_are_not_kept() -> None:
    """Two calls have nothing in common but the connection."""
    data = answer_bytes(Set_Cookie="a=b; Path=/")
    async with serving(always(data)) as server, client(server.base_url.replace("127.0.0.1", "localhost")) as loops:
        await loops.call(PROBE)
        await loops.call(PROBE)

    assert [None, None] == [seen.headers.get("cookie") for seen in server.requests]


async def test_calls_share_connections_up_to_the_bound() -> None:
    """Keep-alive: one after the other uses one connection, six at once use no more than two."""
    async with serving(always(answer_bytes())) as server, client(server.base_url, connections_max=2) as loops:
        await loops.call(SEND)
        await loops.call(SEND)
        assert 1 == server.connections
        await asyncio.gather(*(loops.call(SEND) for _ in range(6)))

    assert (8, 2) == (len(server.requests), server.connections_open_max)


@pytest.mark.parametrize("head", (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"))
async def test_no_answer_in_time_is_a_timeout(head: bytes) -> None:
    """Whether nothing came or only half of it."""

    async def stall(_: Received, wire: Wire) -> None:
        await wire.write(head)
        await wire.hang()

    assert TransportFailure.TIMEOUT == await call_once(SEND, stall, timeout_s=0.3)


@pytest.mark.parametrize(
    "data",
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"220 mail.example.org ESMTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X%d: x\r\n" % number for number in range(1_000)) + b"\r\n",
        b"",
    ),
    ids=("half a body", "half a chunk", "half a header", "not HTTP", "a long header", "many headers", "nothing"),
)
async def test_an_answer_that_breaks_off_or_is_none_is_a_broken_connection(data: bytes) -> None:
    """Nothing of it is taken for an answer."""

    async def answer(_: Received, wire: Wire) -> None:
        await wire.write(data)
        wire.reset()

    assert TransportFailure.BROKEN == await call_once(SEND, answer)


@pytest.mark.parametrize("request_", (SEND, UPDATE, PROBE), ids=("POST", "PUT", "GET"))
async def test_a_call_is_never_made_twice(request_: HttpRequest) -> None:
    """A kept connection that breaks is reported, though PUT and GET could be repeated: the pacer counted one."""

    async def second_breaks(_: Received, wire: Wire) -> None:
        if len(server.requests) == 1:
            await wire.write(answer_bytes())
        else:
            wire.reset()

    async with serving(second_breaks) as server, client(server.base_url) as loops:
        await loops.call(PROBE)
        assert TransportFailure.BROKEN == await loops.call(request_)

    assert 2 == len(server.requests)


async def test_where_nobody_listens_the_connection_fails() -> None:
    """Told apart from an answer that did not come: nothing can have taken effect."""
    async with serving(hang) as server:
        pass
    async with client(server.base_url) as loops:
        assert TransportFailure.CONNECT == await loops.call(SEND)
        assert "connect_failed: ECONNREFUSED" == loops.failure


async def test_a_server_without_tls_is_a_failed_connection() -> None:
    """The handshake belongs to connecting; what is wrong is named."""
    plain = serving(hang, greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n")
    async with plain as server, client(server.base_url.replace("http:", "https:")) as loops:
        assert TransportFailure.CONNECT == await loops.call(SEND)
        assert "connect_failed: TLS: WRONG_VERSION_NUMBER" == loops.failure


async def test_a_handshake_that_never_ends_is_a_failed_connection() -> None:
    """``connect_timeout_s`` ends it, long before the whole time is over."""
    silent, brief = serving(hang), 0.1
    async with silent as server, client(server.base_url.replace("http:", "https:"), connect_timeout_s=brief) as loops:
        assert TransportFailure.CONNECT == await loops.call(SEND)
        assert "connect_failed: ConnectionTimeoutError" == loops.failure


async def test_a_body_of_ten_megabytes_is_cut_short() -> None:
    """64 KiB of it are read, the connection is closed, and the next call is answered."""
    async with serving(always(answer_bytes(200, b"x" * 10_000_000))) as server, client(server.base_url) as loops:
        answer = response_of(await loops.call(SEND))
        again = response_of(await loops.call(SEND))

    assert [BODY_BYTES_MAX, BODY_BYTES_MAX] == [len(answer.body), len(again.body)]
    assert 2 == server.connections


@pytest.mark.parametrize(
    ("head", "chunk"),
    (
        (b"HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"x" * 1024 + b"\r\n"),
        (b"HTTP/1.1 500 Oh\r\nConnection: close\r\n\r\n", b"x" * 1024),
    ),
    ids=("chunked", "until the end"),
)
async def test_a_body_that_never_ends_is_cut_short(head: bytes, chunk: bytes) -> None:
    """The client leaves; it does not wait for its time-out."""

    async def flood(_: Received, wire: Wire) -> None:
        await wire.write(head)
        await wire.flood(chunk)

    async with serving(flood) as server, client(server.base_url) as loops:
        answer = response_of(await loops.call(SEND))
        await until_async(lambda: server.connections_open == 0, 10, "the client has left")

    assert (500, BODY_BYTES_MAX) == (answer.status, len(answer.body))


async def test_a_compressed_body_is_not_unpacked() -> None:
    """One that becomes 100 MB stays what it is on the wire: not asked for, and not JSON."""
    bomb = gzip.compress(b"0" * 100_000_000)
    answer = response_of(await call_once(SEND, always(answer_bytes(200, bomb, Content_Encoding="gzip"))))

    assert bomb[:BODY_BYTES_MAX] == answer.body


async def test_after_a_401_the_key_is_read_again_before_the_next_call() -> None:
    """And as long as Loops says 401, again; not any more once it takes the key."""
    statuses = iter((200, 401, 401, 200, 200))

    async def answer(_: Received, wire: Wire) -> None:
        await wire.write(answer_bytes(next(statuses)))

    key = Key("old", "older", "new")
    async with serving(answer) as server, client(server.base_url, key) as loops:
        for _ in range(5):
            await loops.call(PROBE)

    used = [seen.headers["authorization"] for seen in server.requests]
    assert ["Bearer old", "Bearer old", "Bearer older", "Bearer new", "Bearer new"] == used
    assert 2 == key.reloads


async def test_a_401_is_not_forgotten_for_another_answer() -> None:
    """Of two calls side by side one is refused, the other answered after it: the key is still read again."""
    both_sent = asyncio.Event()

    async def answer(request: Received, wire: Wire) -> None:
        if request.method == "GET":
            await both_sent.wait()
        await wire.write(answer_bytes({"POST": 401, "GET": 500, "PUT": 200}[request.method]))

    key = Key("old", "new")
    async with serving(answer) as server, client(server.base_url, key) as loops:
        slow = asyncio.ensure_future(loops.call(PROBE))
        await until_async(lambda: server.requests, 10, "the first is on the wire")
        await loops.call(SEND)
        both_sent.set()
        await slow
        await loops.call(UPDATE)

    assert ["Bearer old", "Bearer old", "Bearer new"] == [seen.headers["authorization"] for seen in server.requests]


async def test_cancelling_is_the_only_thing_that_is_raised() -> None:
    """And it ends the call on the wire."""
    async with serving(hang) as server, client(server.base_url) as loops:
        task = asyncio.ensure_future(loops.call(SEND))
        await until_async(lambda: server.requests, 10, "the request is on the wire")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until_async(lambda: server.connections_open == 0, 10, "the connection is closed")


async def test_closing_ends_what_is_on_the_wire() -> None:
    """May be called twice, and before anything was; a later call fails like one that finds nobody."""
    async with serving(hang) as server:
        loops = LoopsClient(
            server.base_url, Key(), connections_max=1, connect_timeout_s=9, timeout_s=9, user_agent="test/1"
        )
        task = asyncio.ensure_future(loops.call(SEND))
        await until_async(lambda: server.requests, 10, "the request is on the wire")
        await loops.close()
        await loops.close()
        assert TransportFailure.BROKEN == await task
        assert TransportFailure.CONNECT == await loops.call(SEND)

    unused = LoopsClient("http://127.0.0.1", Key(), connections_max=1, connect_timeout_s=1, timeout_s=1, user_agent="t")
    await unused.close()


async def test_a_run_of_equal_failures_is_one_line_that_names_nobody() -> None:
    """Neither the contact's address, nor the query, nor the key stands in it; a new kind of failure is a new line."""
    behaviours = iter((reset, reset, hang, always(answer_bytes()), reset))

    async def answer(request: Received, wire: Wire) -> None:
        await next(behaviours)(request, wire)

    async with serving(answer) as server, client(server.base_url, timeout_s=PATIENCE_S) as loops:
        with structlog.testing.capture_logs() as lines:
            for _ in range(5):
                await loops.call(FIND)

    said = [(line["event"], line["kind"], line["error"]) for line in lines]
    assert [
        ("loops_unreachable", "connection_broken", "ServerDisconnectedError"),
        ("loops_unreachable", "timeout", "TimeoutError"),
        ("loops_unreachable", "connection_broken", "ServerDisconnectedError"),
    ] == said
    assert not any(word in str(lines) for word in (API_KEY, "example.com", "127.0.0.1", "find?"))


async def test_a_key_that_cannot_be_sent_is_a_failure_that_does_not_show_it() -> None:
    """The error of aiohttp would quote it."""
    async with serving(always(answer_bytes())) as server, client(server.base_url, Key("bad\r\nkey")) as loops:
        with structlog.testing.capture_logs() as lines:
            assert TransportFailure.BROKEN == await loops.call(PROBE)

    assert [] == server.requests
    assert "bad" not in str(lines)
