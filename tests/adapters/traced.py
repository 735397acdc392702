"""A pipeline under a test's hand whose telemetry makes spans, which are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Sampler

from consumer.adapters.telemetry import PrometheusTelemetry
from consumer.adapters.tracing_spans import Spans
from consumer.adapters.tracing_telemetry import TracedTelemetry
from consumer.core.effect import Attempt, Effect
from consumer.core.outcome import Outcome
from consumer.core.policy import Policy
from consumer.core.record import Position, TopicPartition
from consumer.logs import ContactTags
from consumer.status import Status
from tests.core.driving import DONE, Driven

__all__ = ["BASE_URL", "GROUP", "Kept", "TracedDriven", "kept"]

GROUP = "group-1"
BASE_URL = "https://app.loops.example/api/v1"


@dataclass
class Kept:
    """Spans as they are made, and those that have ended."""

    spans: Spans
    exporter: InMemorySpanExporter

    def ended(self, name: str = "") -> list[ReadableSpan]:
        """Those with this name, or all, in the order of their ends."""
        return [span for span in self.exporter.get_finished_spans() if name in ("", span.name)]

    def said(self, name: str = "") -> list[Mapping[str, Any]]:
        """Their attributes."""
        return [dict(span.attributes or {}) for span in self.ended(name)]


def kept(sampler: Sampler | None = None) -> Kept:
    """With an exporter that keeps all."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Kept(Spans(provider.get_tracer("tests"), group=GROUP, base_url=BASE_URL), exporter)


class TracedDriven(Driven):
    """Tells telemetry what the runner tells it, when the runner does."""

    def __init__(self, sampler: Sampler | None = None, policy: Policy | None = None) -> None:
        """As :class:`Driven`; ``sampler`` None: every span is kept."""
        self.kept = kept(sampler)
        self.metrics = PrometheusTelemetry(
            lambda: Status(version="1"),
            rules=(),
            contact_tags=ContactTags(b"k" * 16),
            now=lambda: 0.0,
            version="1",
            left=lambda _: None,
            finished=lambda _: None,
            lettered=lambda *_: None,
        )
        self.telemetry = TracedTelemetry(self.metrics, self.kept.spans, self._is_open)
        super().__init__(policy)

    def tell(self, what: str, *arguments: Any) -> list[Effect]:
        """Tells both."""
        if what in {"assigned", "revoked", "lost"}:
            self.telemetry.rebalanced(what, len(arguments[0]))
        if what == "selected":
            for partition, received in arguments[0].items():
                self.telemetry.received(partition, received)
        effects = super().tell(what, *arguments)
        self.telemetry.happened(effects)
        return effects

    def answer(self, attempt: Attempt, outcome: Outcome = DONE) -> list[Effect]:
        """Both hear of it."""
        self.telemetry.answered(attempt, outcome, 0.01)
        return super().answer(attempt, outcome)

    def _is_open(self, position: Position) -> bool:
        partition = self.pipeline.partitions.get(TopicPartition(position.topic, position.partition))
        return partition is not None and position.offset in partition.open
