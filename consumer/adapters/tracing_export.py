"""OpenTelemetry, set up by its own environment variables: spans leave in batches, as OTLP over HTTP, by a thread.

The SDK's queue is bounded (``OTEL_BSP_MAX_QUEUE_SIZE``), and what finds no room is dropped: nothing here waits for a
collector but the end of the process, and that not for long.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from consumer.adapters.telemetry import PrometheusTelemetry
from consumer.adapters.tracing_spans import Spans
from consumer.adapters.tracing_telemetry import TracedTelemetry
from consumer.core.record import Position
from consumer.logs import LineBudget, logger
from consumer.settings import Settings

__all__ = ["OtlpTracing"]

_LIBRARY: Final = "opentelemetry"
_SPEAKING: Final = ("opentelemetry.exporter.", "opentelemetry.sdk.")
"""Whose lines say what became of spans. Others may quote a variable, and with it a collector's key."""
_LINES_MAX: Final = 5
_LINES_PERIOD_S: Final = 60.0


class OtlpTracing:
    """Implements :class:`consumer.adapters.tracing.Tracing`; one a process."""

    def __init__(
        self, settings: Settings, *, version: str, now: Callable[[], float], exporter: SpanExporter | None = None
    ) -> None:
        """Exports where the environment says, or by ``exporter``. Raises ``ValueError`` and ``OSError``."""
        self._lines = _Lines(now)
        self._log = logger("tracing")
        try:
            self._provider = _provider(version, exporter or OTLPSpanExporter())
        except (ValueError, OSError):
            self._lines.take_away()
            raise
        tracer = self._provider.get_tracer("loops-consumer", version)
        self._spans = Spans(tracer, group=settings.kafka.group_id, base_url=settings.loops.base_url)

    def around(self, telemetry: PrometheusTelemetry, is_open: Callable[[Position], bool]) -> TracedTelemetry:
        """The same telemetry, with spans."""
        return TracedTelemetry(telemetry, self._spans, is_open)

    async def close(self, within_s: float) -> None:
        """Exports what is left, by a thread that nobody waits for: the library's own end may take half a minute."""
        self._spans.end_all()
        ending = threading.Thread(target=self._provider.shutdown, name="tracing-end", daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, within_s)
        if ending.is_alive():
            self._log.warning("spans_not_exported", waited_s=round(within_s, 3))
        self._lines.take_away()


def _provider(version: str, exporter: SpanExporter) -> TracerProvider:
    """The environment's own names win."""
    named = Resource.create({"service.name": "loops-consumer", "service.version": version})
    provider = TracerProvider(resource=named.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class _Lines(logging.Handler):
    """The library's warnings as lines of ours, a few a minute: while no collector answers, each batch makes several."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(logging.WARNING)
        self._now = now
        self._budget = LineBudget(_LINES_MAX, _LINES_PERIOD_S)
        self._log = logger("tracing")
        self._library = logging.getLogger(_LIBRARY)
        self._library.addHandler(self)
        self._library.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        """Writes it, or counts it."""
        kept_back = self._budget.take(record.name, now=self._now())
        if kept_back is None:
            return
        said = record.getMessage() if record.name.startswith(_SPEAKING) else str(record.msg)
        self._log.warning("opentelemetry", said=said, lines_kept_back=kept_back, exc_info=record.exc_info)

    def take_away(self) -> None:
        """The library's lines go where all go again."""
        self._library.removeHandler(self)
        self._library.propagate = True
