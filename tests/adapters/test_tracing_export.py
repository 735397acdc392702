"""Spans on their way to a collector, which may be there, may be slow, or may not be."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

import pytest
import structlog

from consumer.adapters.tracing_export import OtlpTracing
from consumer.core.effect import Fate
from consumer.core.record import Record
from consumer.settings import Settings
from tests.fakes.collector import Collector, attributes_of

RECORD = Record("events", 3, 7, 0, None, b"{}")
WITHIN_S = 6.0
"""Less than an export waits for its answer, which is ten seconds."""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch leaves when it is full, or at the end; what finds no room in a queue of eight is dropped."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "60000")
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "8")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4")


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """One that is well, and named by the environment."""
    with Collector() as started:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", started.endpoint)
        yield started


def tracing() -> OtlpTracing:
    """As the environment says."""
    return OtlpTracing(Settings(), version="1.2.3", now=lambda: 0.0)


def traced(tracing: OtlpTracing, count: int) -> None:
    """So many records, delivered."""
    for _ in range(count):
        tracing._spans.begin_record(RECORD)
        tracing._spans.end_record(RECORD.position, Fate.DELIVERED, None)


async def test_at_the_end_what_is_left_is_exported(collector: Collector) -> None:
    """With who made it."""
    made = tracing()
    traced(made, 3)
    made._spans.begin_record(RECORD)
    await made.close(10.0)

    assert ["process events"] * 4 == [span.name for span in collector.spans()]
    assert ("loops-consumer", "1.2.3") == tuple(collector.resource()[f"service.{name}"] for name in ("name", "version"))
    assert 7 == attributes_of(collector.spans()[0])["messaging.kafka.offset"]


async def test_the_environment_s_own_names_win(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service's name, and other attributes of the resource."""
    monkeypatch.setenv("OTEL_SERVICE_NAME", "orders-to-loops")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging")
    made = tracing()
    traced(made, 1)
    await made.close(10.0)

    assert ("orders-to-loops", "staging") == tuple(
        collector.resource()[name] for name in ("service.name", "deployment.environment.name")
    )


async def test_the_environment_chooses_what_is_sampled(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """As every program with OpenTelemetry does."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    made = tracing()
    traced(made, 5)
    await made.close(10.0)

    assert [] == collector.spans()


async def test_a_collector_that_never_answers_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans are dropped past the queue, and the end comes within its time and says so; nothing is raised."""
    with Collector(answers=False) as silent, structlog.testing.capture_logs() as lines:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", silent.endpoint)
        made = tracing()
        began = time.monotonic()
        traced(made, 1_000)
        assert WITHIN_S > time.monotonic() - began
        began = time.monotonic()
        await made.close(0.2)
        assert WITHIN_S > time.monotonic() - began

    assert "spans_not_exported" in [line["event"] for line in lines]
    assert ["Queue full, dropping Span."] == [line["said"] for line in lines if line["event"] == "opentelemetry"]


async def test_a_collector_that_is_not_there_is_a_few_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many spans could not be exported."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.2")
    with structlog.testing.capture_logs() as lines:
        made = tracing()
        traced(made, 200)
        await made.close(10.0)

    said = [line for line in lines if line["event"] == "opentelemetry"]
    assert 1 <= len(said) <= 10
    assert "Failed to export span" in " ".join(line["said"] for line in said)


async def test_a_line_that_may_quote_a_secret_is_shown_without_its_values(collector: Collector) -> None:
    """As that of a header which is not written as it should be; afterwards the library's lines go where they went."""
    made = tracing()
    with structlog.testing.capture_logs() as lines:
        logging.getLogger("opentelemetry.util.re").warning("Header format invalid: %s", "secret")
        await made.close(10.0)

    assert ["Header format invalid: %s"] == [line["said"] for line in lines]
    assert ([], True) == (logging.getLogger("opentelemetry").handlers, logging.getLogger("opentelemetry").propagate)
    assert [] == collector.spans()
