"""Spans: one for each record that a rule wants, from being received to its fate, and one for each request.

Names and attributes are those of OpenTelemetry's conventions for messaging and for HTTP clients. No key, no value, no
identifier of a contact and no text of Loops is in any.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from consumer.core.effect import Attempt, Fate, Letter
from consumer.core.outcome import Outcome, Verdict
from consumer.core.record import Headers, Position, Record
from consumer.core.request import HttpRequest

__all__ = ["HANDED_BACK", "Spans"]

HANDED_BACK: Final = "handed_back"
"""In a fate's place: another member has the record now, or it is read again later."""

_HEADER_BYTES_MAX: Final = {"traceparent": 256, "tracestate": 512}
"""A longer one is none: W3C asks to pass on 512 characters of the state; of the parent it defines 55, and a later
version may have more."""

_Attributes: TypeAlias = dict[str, str | int | float]

_TAKEN: Final = frozenset({Verdict.DONE, Verdict.UNCHANGED, Verdict.NOT_FOUND})
_AS_TEXT: Final = TraceContextTextMapPropagator()
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


class Spans:
    """Those that are open: at most one for each record in flight and one for each request on the wire.

    What the sampler does not want is not kept, nor are requests of such records alone.
    """

    def __init__(self, tracer: Tracer, *, group: str, base_url: str) -> None:
        """``group`` is the consumer group, ``base_url`` Loops' address."""
        self._tracer = tracer
        self._base_url = base_url.rstrip("/")
        server = urlsplit(base_url)
        port = server.port or _DEFAULT_PORTS.get(server.scheme, 443)
        self._of_records: _Attributes = {
            "messaging.system": "kafka",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.consumer.group.name": group,
        }
        self._of_requests: _Attributes = {"server.address": server.hostname or "", "server.port": port}
        self._records: dict[Position, Span] = {}
        self._requests: dict[int, Span] = {}

    def __len__(self) -> int:
        """How many are open."""
        return len(self._records) + len(self._requests)

    def records(self) -> list[Position]:
        """Of which records."""
        return list(self._records)

    def __contains__(self, position: Position) -> bool:
        """Whether that of this record is open."""
        return position in self._records

    def begin_record(self, record: Record) -> None:
        """It was received; its span goes on from the one that its headers name."""
        attributes: _Attributes = {
            **self._of_records,
            "messaging.destination.name": record.topic,
            "messaging.destination.partition.id": str(record.partition),
            "messaging.kafka.offset": record.offset,
            "messaging.message.body.size": len(record.value or b""),
        }
        context = _context_of(record.headers)
        span = self._tracer.start_span(f"process {record.topic}", context, SpanKind.CONSUMER, attributes)
        if span.is_recording():
            self._records[record.position] = span

    def dead_letter(self, letter: Letter) -> None:
        """Its record cannot be delivered; the record's end comes when the broker has the letter."""
        if span := self._records.get(letter.record.position):
            span.set_attributes({"error.type": letter.reason, "loops_consumer.stage": letter.stage})

    def end_record(self, position: Position, fate: Fate, rule: str | None) -> None:
        """It has its fate, by this rule."""
        if span := self._records.pop(position, None):
            span.set_attributes({"loops_consumer.fate": fate.value, "loops_consumer.rule": rule or ""})
            if fate is Fate.DEAD_LETTERED:
                span.set_status(Status(StatusCode.ERROR))
            span.end()

    def hand_back(self, position: Position) -> None:
        """It is no longer in flight here, and has no fate."""
        if span := self._records.pop(position, None):
            span.set_attribute("loops_consumer.fate", HANDED_BACK)
            span.end()

    def forget(self, position: Position) -> None:
        """It was not taken in: as if it had not been received."""
        self._records.pop(position, None)

    def begin_request(self, attempt: Attempt) -> None:
        """It leaves: the child of its own record's span, linked with those of the others that it tells of.

        A probe, which is of no record, is a trace of its own.
        """
        parents = [span for record in attempt.records if (span := self._records.get(record.position))]
        if attempt.records and not parents:
            return
        request = attempt.request
        span = self._tracer.start_span(
            f"{request.method} {request.path}",
            set_span_in_context(parents[-1], Context()) if parents else Context(),
            SpanKind.CLIENT,
            {**self._of_requests, **_attributes_of(attempt), "url.full": self._base_url + _without_values(request)},
            [Link(other.get_span_context()) for other in parents[:-1]],
        )
        if span.is_recording():
            self._requests[attempt.number] = span

    def end_request(self, attempt: Attempt, outcome: Outcome) -> Mapping[str, str] | None:
        """It came to this. Returns the labels of an exemplar; None where nobody will find its trace."""
        span = self._requests.pop(attempt.number, None)
        if span is None:
            return None
        span.set_attribute("loops_consumer.verdict", outcome.verdict.value)
        span.set_attribute("loops_consumer.reason", outcome.reason)
        if outcome.status is not None:
            span.set_attribute("http.response.status_code", outcome.status)
        if outcome.verdict not in _TAKEN:
            refused = outcome.status is not None and outcome.status >= 400
            span.set_attribute("error.type", str(outcome.status) if refused else outcome.reason)
            span.set_status(Status(StatusCode.ERROR))
        span.end()
        context = span.get_span_context()
        if not context.trace_flags.sampled:
            return None
        return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}

    def end_all(self) -> None:
        """The process stops: what is open has no end here."""
        for position in self.records():
            self.hand_back(position)
        for span in self._requests.values():
            span.set_attribute("error.type", "interrupted")
            span.set_status(Status(StatusCode.ERROR))
            span.end()
        self._requests.clear()


def _attributes_of(attempt: Attempt) -> _Attributes:
    request = attempt.request
    attributes: _Attributes = {
        "http.request.method": request.method,
        "url.template": request.path,
        "loops_consumer.call": request.call.value,
        "loops_consumer.waited_s": attempt.waited_s,
    }
    if attempt.rule is not None:
        attributes["loops_consumer.rule"] = attempt.rule
    if attempt.try_number > 1:
        attributes["http.request.resend_count"] = attempt.try_number - 1
    return attributes


def _without_values(request: HttpRequest) -> str:
    """A query holds an identifier; the conventions say what stands in its place."""
    query = "&".join(f"{name}=REDACTED" for name in request.query)
    return f"{request.path}?{query}" if query else request.path


def _context_of(headers: Headers) -> Context:
    """What the producer says of its own span; a value that makes no sense is none."""
    found = {
        name.lower(): value.decode("latin-1")
        for name, value in headers
        if value is not None and len(value) <= _HEADER_BYTES_MAX.get(name.lower(), -1)
    }
    return _AS_TEXT.extract(found, Context()) if "traceparent" in found else Context()
