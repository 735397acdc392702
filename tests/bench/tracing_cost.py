"""What tracing costs: nothing where it is off, and some CPU of each record and request where it is on."""

from __future__ import annotations

import time
from statistics import median
from typing import Final

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Sampler

from consumer.adapters.tracing_spans import Spans
from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.effect import Attempt, Fate
from consumer.core.outcome import Outcome, Verdict
from consumer.core.record import Record, TopicPartition
from consumer.core.request import Call, DeleteContact, HttpRequest
from tests.bench.figure import Figure
from tests.bench.stand import Stand

__all__ = ["measure"]

GOAL_OFF_US: Final = 2
GOAL_NOT_SAMPLED_US: Final = 40
GOAL_SAMPLED_US: Final = 200
COUNT: Final = 20_000
RUNS: Final = 5

_HEADERS: Final = [("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
_RECORD: Final = Record("events", 3, 7, 0, b"key", b"x" * 460, _HEADERS)
_REQUEST: Final = HttpRequest(Call.SEND, "POST", "/events/send", b"x" * 200, "key")
_DONE: Final = Outcome(Verdict.DONE, "ok", 200)

_METHOD: Final = f"""\
{COUNT:,} times one span of a record, which goes on from its producer's, and one of its request, as the consumer makes
them, within one process; the CPU of all its threads is divided by the pairs, {RUNS} times, and the median taken.
Sampled ones are batched by the SDK's own thread, and the exporter drops them. Off, no span is made and nothing of
OpenTelemetry is imported: that an attempt names its records is all that is left, and is measured alone."""


class _Dropping(SpanExporter):
    def export(self, spans: object) -> SpanExportResult:  # noqa: ARG002 - the library's form
        return SpanExportResult.SUCCESS


def measure(_: Stand | None = None) -> list[Figure]:
    """CPU of a record and its request: off, on and not sampled, on and sampled."""
    off = median(_naming_us() for _ in range(RUNS))
    not_sampled, sampled = (median(_spans_us(sampler) for _ in range(RUNS)) for sampler in (ALWAYS_OFF, ALWAYS_ON))
    what = "CPU that tracing adds to a record and its request"
    return [
        Figure(f"{what}, off", "µs", max(0.0, off), GOAL_OFF_US, _METHOD, of=what),
        Figure(f"{what}, not sampled", "µs", not_sampled, GOAL_NOT_SAMPLED_US, _METHOD, of=what),
        Figure(f"{what}, sampled", "µs", sampled, GOAL_SAMPLED_US, _METHOD, of=what),
    ]


def _naming_us() -> float:
    """As :class:`consumer.core.wire.Wire` does it for each attempt."""
    request = DeleteContact(rule="rule", email=None, user_id="u", event_time_ms=0)
    delivery = Delivery(request, OpenRecord(_RECORD, TopicPartition("events", 3), 1, 1), request.lanes)
    began = time.process_time()
    for _ in range(COUNT):
        tuple([of.record for of in delivery.records])
    return (time.process_time() - began) / COUNT * 1e6


def _spans_us(sampler: Sampler) -> float:
    provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(_Dropping()))
    spans = Spans(provider.get_tracer("bench"), group="group", base_url="https://app.loops.so/api/v1")
    began = time.process_time()
    for number in range(COUNT):
        attempt = Attempt(number, _REQUEST, rule="rule", records=(_RECORD,))
        spans.begin_record(_RECORD)
        spans.begin_request(attempt)
        spans.end_request(attempt, _DONE)
        spans.end_record(_RECORD.position, Fate.DELIVERED, "rule")
    provider.shutdown()
    return (time.process_time() - began) / COUNT * 1e6
