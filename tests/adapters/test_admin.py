"""The admin port, asked by a real client."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, Counter

from consumer.adapters.admin import AdminServer
from consumer.adapters.status_words import POLL_AGE_MAX_S
from consumer.faults import Faults
from consumer.status import MappingStatus, PartitionStatus, SourceState, SourceStatus, Status

FINE = Status(
    version="1.2.3",
    source=SourceStatus(SourceState.JOINED, "", 0.1),
    mapping=MappingStatus("abc", 2),
    partitions=(PartitionStatus("events", 0, committed=5, watermark=7, paused=("full",)),),
)


@asynccontextmanager
async def asked(status: Status, registry: CollectorRegistry | None = None) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of an admin port that shows this status."""
    server = AdminServer(registry or CollectorRegistry(), lambda: status, host="127.0.0.1", port=0)
    await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        yield session
    await server.stop()


async def said(status: Status, path: str) -> tuple[int, str]:
    """Status and text of one page."""
    async with asked(status) as session, session.get(path) as answer:
        return answer.status, await answer.text()


async def test_metrics_come_in_the_format_that_is_asked_for() -> None:
    """OpenMetrics where the scraper takes it, the older text otherwise."""
    registry = CollectorRegistry()
    Counter("seen_total", "Seen.", registry=registry).inc()
    async with asked(FINE, registry) as session:
        async with session.get("/metrics") as plain:
            assert plain.headers["Content-Type"].startswith("text/plain; version=")
            assert "seen_total 1.0\n" in await plain.text()
        async with session.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}) as new:
            assert new.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
            assert (await new.text()).endswith("# EOF\n")


@pytest.mark.parametrize("wished", ("text/plain;version=x", "application/openmetrics-text;version=1.x, */*", "\t;=,=;"))
async def test_whoever_wishes_for_no_version_that_there_is_gets_the_older_text(wished: str) -> None:
    """And no failure."""
    async with asked(FINE) as session, session.get("/metrics", headers={"Accept": wished}) as answer:
        assert (200, "text/plain; version=0.0.4; charset=utf-8") == (answer.status, answer.headers["Content-Type"])


async def test_alive_is_who_polls() -> None:
    """Whatever Kafka or Loops do: restarting would help neither."""
    failed = replace(FINE, source=SourceStatus(SourceState.JOINING, "brokers", POLL_AGE_MAX_S), mapping=MappingStatus())
    stuck = replace(FINE, source=SourceStatus(SourceState.JOINED, "", POLL_AGE_MAX_S + 1))

    assert (200, "ok\n") == await said(failed, "/livez")
    assert (503, "the Kafka thread has not polled for 121 s\n") == await said(stuck, "/livez")


@pytest.mark.parametrize("state", SourceState)
async def test_ready_is_who_has_joined_or_stands_by(state: SourceState) -> None:
    """Nobody else; the answer says what is missing."""
    status, text = await said(replace(FINE, source=SourceStatus(state, "", 0.0)), "/readyz")

    ready = state in {SourceState.JOINED, SourceState.STANDING_BY}
    assert (200 if ready else 503) == status
    assert ("ok\n" if ready else f"the Kafka thread is {state.value}\n") == text


async def test_not_ready_says_everything_that_is_missing() -> None:
    """What it waits for, and the mapping."""
    waiting = replace(FINE, source=SourceStatus(SourceState.JOINING, "a topic does not exist"), mapping=MappingStatus())

    expected = "the Kafka thread is joining: a topic does not exist\nthere is no valid mapping\n"
    assert (503, expected) == await said(waiting, "/readyz")


async def test_the_status_is_json_with_all_of_it() -> None:
    """States and reasons as words."""
    async with asked(FINE) as session, session.get("/status") as answer:
        shown = await answer.json()

    assert ("1.2.3", "joined", "abc") == (shown["version"], shown["source"]["state"], shown["mapping"]["digest"])
    assert [("events", 0, 5, 7, ["full"])] == [
        tuple(partition[name] for name in ("topic", "partition", "committed", "watermark", "paused"))
        for partition in shown["partitions"]
    ]


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("path", "headers", "kind"),
    (
        ("/status", {}, "application/json"),
        ("/status", BROWSER, "text/html"),
        ("/status?format=json", BROWSER, "application/json"),
        ("/status?format=html", {}, "text/html"),
        ("/", {}, "text/plain"),
        ("/", BROWSER, "text/html"),
    ),
)
async def test_a_browser_gets_a_page_and_a_program_what_it_can_read(
    path: str, headers: dict[str, str], kind: str
) -> None:
    """Or what the address asks for. A page may do nothing but be shown."""
    async with asked(FINE) as session, session.get(path, headers=headers) as answer:
        assert (200, kind) == (answer.status, answer.content_type)
        policy = answer.headers.get("Content-Security-Policy", "default-src 'none'")
        assert ("no-store", "nosniff") == (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"])
        assert policy.startswith("default-src 'none'")
        assert (kind == "text/html") is ("Content-Security-Policy" in answer.headers)


async def test_another_form_of_the_status_is_refused_with_what_there_is() -> None:
    """As a sentence."""
    assert (400, "format is json or html\n") == await said(FINE, "/status?format=xml")


async def test_pages_are_only_read() -> None:
    """A list at the root; no other page, no other method; no answer is kept by a cache."""
    async with asked(FINE) as session:
        async with session.get("/") as index:
            assert ["/metrics", "/livez", "/readyz", "/status"] == (await index.text()).split()
            assert "no-store" == index.headers["Cache-Control"]
        async with session.get("/other") as other, session.post("/status") as posted:
            assert (404, 405) == (other.status, posted.status)


async def test_a_taken_port_is_one_clear_fault() -> None:
    """Named as the key of the settings, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = AdminServer(CollectorRegistry(), lambda: FINE, host="127.0.0.1", port=port)
        with pytest.raises(Faults, match=rf"admin\.port: port {port} of 127\.0\.0\.1 is taken") as refused:
            await server.start()
        await server.stop()

    assert 1 == len(refused.value.faults)


async def test_an_address_of_another_machine_is_a_fault() -> None:
    """192.0.2.0/24 belongs to nobody (RFC 5737)."""
    server = AdminServer(CollectorRegistry(), lambda: FINE, host="192.0.2.1", port=0)

    with pytest.raises(Faults, match=r"admin\.host: 192\.0\.2\.1 is no address of this machine"):
        await server.start()


async def test_stopping_is_safe_at_any_time() -> None:
    """Before the start, and twice; the port is free after it."""
    server = AdminServer(CollectorRegistry(), lambda: FINE, host="127.0.0.1", port=0)
    await server.stop()
    await server.start()
    port = server.port
    await server.stop()
    await server.stop()

    again = AdminServer(CollectorRegistry(), lambda: FINE, host="127.0.0.1", port=port)
    await again.start()
    await again.stop()
