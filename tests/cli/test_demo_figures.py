"""The figures are those of the consumer's own pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import aiohttp
import pytest

from consumer.adapters.admin import AdminServer
from consumer.adapters.telemetry import PrometheusTelemetry
from consumer.cli.demo_figures import ConsumerFigures, ConsumerPages
from consumer.core.effect import Attempt, Fate, Finished
from consumer.core.outcome import Outcome, Verdict
from consumer.core.record import Received, TopicPartition
from consumer.core.request import Call, HttpRequest
from consumer.logs import ContactTags
from consumer.status import MappingStatus, OutageStatus, RateStatus, SourceState, SourceStatus, Status

TP = TopicPartition("events", 0)
STATUS = Status(
    "1",
    source=SourceStatus(SourceState.JOINED),
    mapping=MappingStatus("0123456789ab", 2),
    rate=RateStatus(limit_per_s=10, allowed_per_s=10, used_last_s=7),
    in_flight_records=12,
    on_wire=3,
    outages=(OutageStatus("events_send", "server_error", 1.5),),
)


@pytest.fixture
def telemetry() -> PrometheusTelemetry:
    """Of a consumer whose status is :data:`STATUS`."""
    return PrometheusTelemetry(
        lambda: STATUS,
        rules=["r"],
        contact_tags=ContactTags(b"k" * 16),
        now=lambda: 0.0,
        version="1",
        left=lambda _: None,
        finished=lambda _: None,
        lettered=lambda *_: None,
    )


async def figures_of(telemetry: PrometheusTelemetry) -> ConsumerFigures | None:
    """What the pages show."""
    server = AdminServer(telemetry.registry, lambda: STATUS, host="127.0.0.1", port=0)
    await server.start()
    async with aiohttp.ClientSession() as session:
        pages = ConsumerPages(session, server.port)
        assert await pages.ready()
        found = await pages.figures()
    await server.stop()
    return found


async def test_every_figure_is_read(telemetry: PrometheusTelemetry) -> None:
    """Requests that Loops took by call, records by fate, the state of the wire and of the rate."""
    telemetry.received(TP, Received(records=100))
    telemetry.happened(
        [
            Finished(TP, Fate.FILTERED, 95, None),
            Finished(TP, Fate.DEAD_LETTERED, 2, "r"),
            Finished(TP, Fate.DELIVERED, 3, "r"),
        ]
    )
    for call, verdict, reason in (
        (Call.SEND, Verdict.DONE, "ok"),
        (Call.SEND, Verdict.DONE, "conflict"),
        (Call.CREATE, Verdict.UNCHANGED, "exists"),
        (Call.API_KEY, Verdict.DONE, "ok"),
        (Call.UPDATE, Verdict.THROTTLED, "throttled"),
        (Call.UPDATE, Verdict.RETRY, "server_error"),
    ):
        telemetry.answered(Attempt(1, HttpRequest(call, "POST", "/x")), Outcome(verdict, reason), 0.01)
    for age_s in (0.06, 0.07, 0.09):
        telemetry.delivered(age_s)
    found = await figures_of(telemetry)
    assert found is not None
    assert found.age_median_s == pytest.approx(0.075)
    assert ConsumerFigures(
        received=100,
        filtered=95,
        dead_letters=2,
        sent={"contacts_create": 1, "events_send": 2},
        throttled=1,
        in_flight=12,
        on_wire=3,
        rate_used=7,
        rate_limit=10,
        outages=["events_send: server_error"],
    ) == replace(found, age_median_s=None)
    assert 9 == found.waiting


async def test_before_the_first_delivery_there_is_no_age(telemetry: PrometheusTelemetry) -> None:
    """And everything is nought."""
    found = await figures_of(telemetry)
    assert found is not None
    assert (None, 0, {}) == (found.age_median_s, found.received, found.sent)


async def test_what_does_not_answer_has_no_figures(unused_port: int) -> None:
    """The consumer has not started yet, or is gone."""
    async with aiohttp.ClientSession() as session:
        pages = ConsumerPages(session, unused_port)
        assert not await pages.ready()
        assert await pages.figures() is None


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port that is bound and not listened at."""
    import socket  # noqa: PLC0415 - nothing else here needs one

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
