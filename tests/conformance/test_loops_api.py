"""What every maker of :class:`consumer.ports.LoopsApi` does: the client with a real server, and the fake."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import orjson
import pytest

from consumer.adapters.loops import LoopsClient
from consumer.core.outcome import Answer, Response, TransportFailure
from consumer.core.request import PROBE, Call, HttpRequest
from consumer.ports import LoopsApi
from consumer.sandbox.model import LoopsModel
from consumer.sandbox.options import SandboxOptions
from consumer.sandbox.server import Sandbox
from tests.fakes.loops_api import FakeLoopsApi, from_model, from_script
from tests.fakes.raw_server import Received, Wire, answer_bytes, serving
from tests.redaction import API_KEY

SEND = HttpRequest(Call.SEND, "POST", "/events/send", b'{"email":"someone@example.com","eventName":"joined"}', "key-1")
DONE = Response(200, {"x-ratelimit-limit": "10"}, b'{"success":true}')

Maker = Callable[[Sequence[Answer]], AbstractAsyncContextManager[LoopsApi]]
LoopsMaker = Callable[[str], AbstractAsyncContextManager[LoopsApi]]


class FixedKey:
    """The same key for ever."""

    def __init__(self, key: str = API_KEY) -> None:
        """Holds it."""
        self._key = key

    def __call__(self) -> str:
        """The key."""
        return self._key

    def reload(self) -> None:
        """There is no other."""


def client(base_url: str, key: str = API_KEY, timeout_s: float = 20) -> LoopsClient:
    """A real one."""
    return LoopsClient(
        base_url, FixedKey(key), connections_max=20, connect_timeout_s=20, timeout_s=timeout_s, user_agent="test/1"
    )


@asynccontextmanager
async def scripted_client(script: Sequence[Answer]) -> AsyncIterator[LoopsApi]:
    """The real client; a server on loopback does what the script says."""
    answering = from_script(script)

    async def behave(_: Received, wire: Wire) -> None:
        answer = answering(PROBE)
        if isinstance(answer, Response):
            headers = {name.replace("-", "_").upper(): value for name, value in answer.headers.items()}
            await wire.write(answer_bytes(answer.status, answer.body, **headers))
        elif answer is TransportFailure.BROKEN:
            wire.reset()
        else:
            await wire.hang()

    hangs = TransportFailure.TIMEOUT in script
    async with serving(behave) as server:
        loops = client(server.base_url, timeout_s=1.0 if hangs else 20)
        yield loops
        await loops.close()


@asynccontextmanager
async def scripted_fake(script: Sequence[Answer]) -> AsyncIterator[LoopsApi]:
    """The fake, with the same script."""
    yield FakeLoopsApi(from_script(script))


@asynccontextmanager
async def client_of_sandbox(key: str) -> AsyncIterator[LoopsApi]:
    """The real client and the sandbox's server."""
    async with Sandbox(SandboxOptions(api_key=API_KEY), now=lambda: 1.0) as sandbox:
        loops = client(sandbox.base_url, key)
        yield loops
        await loops.close()


@asynccontextmanager
async def fake_of_sandbox(key: str) -> AsyncIterator[LoopsApi]:
    """The fake and the sandbox's model."""
    model = LoopsModel(SandboxOptions(api_key=API_KEY))
    yield FakeLoopsApi(from_model(model, FixedKey(key), now=lambda: 1.0, wall=time.time))


@pytest.fixture(params=(scripted_client, scripted_fake), ids=("client", "fake"))
def scripted(request: pytest.FixtureRequest) -> Maker:
    """Makes one that answers by a script."""
    made: Maker = request.param
    return made


@pytest.fixture(params=(client_of_sandbox, fake_of_sandbox), ids=("client", "fake"))
def loops_like(request: pytest.FixtureRequest) -> LoopsMaker:
    """Makes one that answers as Loops does, to the key that is given."""
    made: LoopsMaker = request.param
    return made


async def test_an_answer_comes_back_as_it_was_given(scripted: Maker) -> None:
    """Status, body, and headers under lower-case names."""
    given = Response(429, {"retry-after": "3"}, b'{"success":false,"message":"slow down"}')
    async with scripted([given]) as loops:
        answer = await loops.call(SEND)

    assert isinstance(answer, Response)
    assert (given.status, given.body, "3") == (answer.status, answer.body, answer.headers["retry-after"])


@pytest.mark.parametrize("failure", (TransportFailure.BROKEN, TransportFailure.TIMEOUT))
async def test_a_failure_is_a_value_and_the_next_call_is_as_good_as_any(
    scripted: Maker, failure: TransportFailure
) -> None:
    """Nothing is raised, and nothing of it lasts."""
    async with scripted([failure, DONE]) as loops:
        first, second = await loops.call(SEND), await loops.call(SEND)

    assert failure is first
    assert isinstance(second, Response)


async def test_calls_run_side_by_side(scripted: Maker) -> None:
    """Twenty at once, each with its answer."""
    async with scripted([DONE]) as loops:
        answers = await asyncio.gather(*(loops.call(SEND) for _ in range(20)))

    assert [200] * 20 == [answer.status for answer in answers if isinstance(answer, Response)]


async def test_a_cancelled_call_raises_that_and_leaves_the_others_alone(scripted: Maker) -> None:
    """The only exception there is."""
    async with scripted([DONE]) as loops:
        task = asyncio.ensure_future(loops.call(SEND))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance(await loops.call(SEND), Response)


async def test_after_closing_a_call_fails_and_closing_again_does_nothing(scripted: Maker) -> None:
    """``connect_failed``: nothing can have taken effect."""
    async with scripted([DONE]) as loops:
        await loops.close()
        await loops.close()

        assert TransportFailure.CONNECT is await loops.call(SEND)


async def test_loops_takes_an_event_once_and_says_409_to_the_same_key(loops_like: LoopsMaker) -> None:
    """What makes a repeat harmless."""
    async with loops_like(API_KEY) as loops:
        assert [200, 409] == [status_of(await loops.call(SEND)), status_of(await loops.call(SEND))]


async def test_loops_finds_what_was_written_and_forgets_what_was_deleted(loops_like: LoopsMaker) -> None:
    """Query and body arrive as they are; the second delete is a 404."""
    find = HttpRequest(Call.API_KEY, "GET", "/contacts/find", query={"email": "some+one@example.com"})
    create = HttpRequest(Call.CREATE, "POST", "/contacts/create", b'{"email":"some+one@example.com","plan":"pro"}')
    delete = HttpRequest(Call.DELETE, "POST", "/contacts/delete", b'{"email":"some+one@example.com"}')
    async with loops_like(API_KEY) as loops:
        statuses = [status_of(await loops.call(request)) for request in (create, create, delete, delete, create)]
        found = await loops.call(find)

    assert [200, 409, 200, 404, 200] == statuses
    assert isinstance(found, Response)
    assert ["pro"] == [contact["plan"] for contact in orjson.loads(found.body)]


async def test_loops_refuses_another_key(loops_like: LoopsMaker) -> None:
    """401 for everything."""
    async with loops_like("another-key") as loops:
        assert [401, 401] == [status_of(await loops.call(PROBE)), status_of(await loops.call(SEND))]


async def test_loops_tells_the_limit(loops_like: LoopsMaker) -> None:
    """Headers that the pacer reads; the eleventh request of a moment is a 429."""
    async with loops_like(API_KEY) as loops:
        answers = [await loops.call(PROBE) for _ in range(11)]

    assert [200] * 10 + [429] == [status_of(answer) for answer in answers]
    assert ["10"] * 11 == [answer.headers["x-ratelimit-limit"] for answer in answers if isinstance(answer, Response)]


def status_of(answer: Answer) -> int:
    """The status of an answer that must have come."""
    assert isinstance(answer, Response)
    return answer.status
