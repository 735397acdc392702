"""The sandbox over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import async_solipsism
import pytest
from aiohttp import ClientSession, ClientTimeout

from consumer.sandbox.faults import InjectedFault
from consumer.sandbox.options import SandboxOptions
from consumer.sandbox.server import Sandbox
from tests.sandbox.asking import PLENTY
from tests.sandbox.virtual import VirtualConnector

EVENT = {"email": "a@example.com", "eventName": "paid"}
KEY = {"Authorization": "Bearer sandbox"}


@pytest.fixture(name="sandbox")
async def a_sandbox() -> AsyncIterator[Sandbox]:
    """A running one."""
    async with Sandbox(SandboxOptions(rate_per_s=PLENTY)) as sandbox:
        yield sandbox


@pytest.fixture(name="client")
async def a_client() -> AsyncIterator[ClientSession]:
    """A client with the key."""
    async with ClientSession(headers=KEY, timeout=ClientTimeout(total=20)) as client:
        yield client


async def test_a_client_sees_loops(sandbox: Sandbox, client: ClientSession) -> None:
    """Body, headers, query and encoded paths all arrive."""
    async with client.post(f"{sandbox.base_url}/events/send", json={**EVENT, "eventName": "a/b c"}) as answer:
        assert (200, {"success": True}) == (answer.status, await answer.json())
        assert str(PLENTY) == answer.headers["x-ratelimit-limit"]
    async with client.get(f"{sandbox.base_url}/contacts/find", params={"email": "A@Example.com"}) as answer:
        assert ["a@example.com"] == [each["email"] for each in await answer.json()]
    async with client.get(f"{sandbox.base_url}/event-patterns/by-name/a%2Fb%20c") as answer:
        assert 200 == answer.status
    async with client.get(f"{sandbox.base_url}/nope") as answer:
        assert (404, "text/html") == (answer.status, answer.content_type)


async def test_the_page_and_the_steering_are_beside_it(sandbox: Sandbox, client: ClientSession) -> None:
    """On the same port, without a key."""
    async with aiohttp.request("GET", f"{sandbox.address}/") as answer:
        assert "Loops sandbox" in await answer.text()
    async with aiohttp.request("POST", f"{sandbox.address}/sandbox/faults", json={"status": 503}) as answer:
        assert 200 == answer.status
    async with client.get(f"{sandbox.base_url}/lists") as answer:
        assert 503 == answer.status


@pytest.mark.parametrize("path", ("/events/send", "/api/v1", "/api/v2/lists", "/contacts/find?email=a", "/sandboxes"))
async def test_outside_its_base_path_there_is_a_page_for_people(sandbox: Sandbox, path: str) -> None:
    """As beside Loops' own API: a base address without its path is not to be taken for an API that refuses."""
    async with aiohttp.request("POST", sandbox.address + path, json={}) as answer:
        assert (404, "text/html") == (answer.status, answer.content_type)
        assert "Loops' API is under /api/v1" in await answer.text()
    async with aiohttp.request("GET", f"{sandbox.address}/sandbox/nope") as answer:
        assert (404, "application/json") == (answer.status, answer.content_type)


@pytest.mark.parametrize(("after_effect", "repeat"), ((False, 200), (True, 409)))
async def test_a_reset_breaks_the_connection_before_or_after_the_effect(
    sandbox: Sandbox, client: ClientSession, after_effect: bool, repeat: int
) -> None:
    """Only a repeat with the same key shows which."""
    sandbox.faults.add(InjectedFault(reset=True, after_effect=after_effect, count=1), now=sandbox.now())
    address, key = f"{sandbox.base_url}/events/send", {"Idempotency-Key": "k"}
    with pytest.raises(aiohttp.ClientOSError, match="reset"):
        await client.post(address, json=EVENT, headers=key)
    async with client.post(address, json=EVENT, headers=key) as answer:
        assert repeat == answer.status
    assert 1 == len(sandbox.journal.events())


async def test_a_hanging_request_is_let_go_at_the_stop(sandbox: Sandbox, client: ClientSession) -> None:
    """And has taken effect where that was asked for."""
    sandbox.faults.add(InjectedFault(hang=True, after_effect=True), now=sandbox.now())
    hanging = asyncio.create_task(client.post(f"{sandbox.base_url}/events/send", json=EVENT))
    await sandbox.until(lambda journal: len(journal.events()) == 1)
    assert not hanging.done()
    await sandbox.stop()
    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_after_a_stop_nobody_answers_and_a_start_is_at_the_same_port(
    sandbox: Sandbox, client: ClientSession
) -> None:
    """The data are still there: an outage."""
    await client.post(f"{sandbox.base_url}/events/send", json=EVENT)
    await sandbox.stop()
    await sandbox.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.get(f"{sandbox.base_url}/lists")
    await sandbox.start()
    async with client.get(f"{sandbox.base_url}/contacts/find", params={"email": "a@example.com"}) as answer:
        assert 1 == len(await answer.json())


async def test_waiting_ends_with_its_deadline(sandbox: Sandbox) -> None:
    """Where nothing comes."""
    with pytest.raises(TimeoutError):
        await sandbox.until(lambda journal: len(journal) > 0, timeout_s=0.01)


async def test_a_taken_port_is_an_error(sandbox: Sandbox) -> None:
    """And leaves nothing running."""
    second = Sandbox(SandboxOptions(port=sandbox.port))
    with pytest.raises(OSError, match="in use"):
        await second.start()
    await second.stop()


async def test_a_body_that_is_too_large_is_413(sandbox: Sandbox, client: ClientSession) -> None:
    """Whatever its length claims to be."""
    async with client.post(f"{sandbox.base_url}/events/send", data=BytesIO(b"x" * (5 * 2**20))) as answer:
        assert 413 == answer.status


def test_an_injected_clock_is_the_sandboxs_time() -> None:
    """The calendar too."""

    async def scenario() -> None:
        async with Sandbox(now=lambda: 42.0, wall=lambda: 7.0) as sandbox, ClientSession(headers=KEY) as client:
            await client.get(f"{sandbox.base_url}/lists")
            assert (42.0, 7000) == (sandbox.journal.after(0)[0].now, sandbox.journal.after(0)[0].wall_ms)

    asyncio.run(scenario())


def test_on_a_virtual_clock_latency_limits_and_hangs_take_no_time() -> None:
    """The loop's time is the sandbox's."""

    async def scenario() -> list[float]:
        loop, times = asyncio.get_running_loop(), list[float]()
        options = SandboxOptions(latency_s=5.0, rate_per_s=1, hang_s_max=100.0)
        async with Sandbox(options) as sandbox, ClientSession(headers=KEY, connector=VirtualConnector()) as client:
            statuses = []
            for _ in range(2):
                async with client.get(f"{sandbox.base_url}/lists") as answer:
                    statuses.append(answer.status)
                times.append(loop.time())
            assert [200, 200] == statuses
            sandbox.faults.add(InjectedFault(hang=True), now=sandbox.now())
            with pytest.raises(aiohttp.ClientError):  # a POST: aiohttp repeats a GET that was broken off, by itself
                await client.post(f"{sandbox.base_url}/events/send", json=EVENT)
            times.append(loop.time())
        return times

    with asyncio.Runner(loop_factory=async_solipsism.EventLoop) as runner:
        assert pytest.approx([5.0, 10.0, 115.0]) == runner.run(scenario())


async def test_jitter_lets_requests_overtake_each_other() -> None:
    """They count in another order than they left."""
    options = SandboxOptions(rate_per_s=PLENTY, jitter_s=0.05, seed=1)
    async with Sandbox(options) as sandbox, ClientSession(headers=KEY) as client:
        sent = [f"e{n}" for n in range(20)]
        await asyncio.gather(
            *(client.post(f"{sandbox.base_url}/events/send", json={**EVENT, "eventName": each}) for each in sent)
        )
        counted = [each.event_name for each in sandbox.journal]
        assert sorted(sent) == sorted(map(str, counted))
        assert sent != counted
