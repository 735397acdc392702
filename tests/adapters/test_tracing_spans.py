"""What a span says, and whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.semconv._incubating.attributes import messaging_attributes as messaging
from opentelemetry.semconv._incubating.attributes import url_attributes as url
from opentelemetry.semconv.attributes import error_attributes as error
from opentelemetry.semconv.attributes import http_attributes as http
from opentelemetry.semconv.attributes import server_attributes as server
from opentelemetry.trace import SpanKind, StatusCode

from consumer.adapters.tracing_spans import HANDED_BACK
from consumer.core.effect import Attempt, Fate, Letter
from consumer.core.outcome import Outcome, Verdict
from consumer.core.record import Headers, Record
from consumer.core.request import PROBE, Call, HttpRequest, find_user
from tests.adapters.traced import GROUP, Kept, kept

TRACE: Final = 0x4BF92F3577B34DA6A3CE929D0E0E4736
PARENT: Final = 0x00F067AA0BA902B7
TRACEPARENT: Final = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PERSONAL: Final = "someone@example.com"
RECORD: Final = Record("events", 3, 7, 0, PERSONAL.encode(), f'{{"email":"{PERSONAL}"}}'.encode())
REQUEST: Final = HttpRequest(Call.SEND, "POST", "/events/send", RECORD.value, "key-1")
ATTEMPT: Final = Attempt(1, REQUEST, 2, "trial", ("e" + PERSONAL,), 0.25, 5, (RECORD,))
DONE: Final = Outcome(Verdict.DONE, "ok", 200, PERSONAL)


def test_a_record_s_span_says_what_the_conventions_ask_for() -> None:
    """By the names of their own package; its fate and the rule are ours."""
    seen = kept()
    seen.spans.begin_record(RECORD)
    seen.spans.end_record(RECORD.position, Fate.DELIVERED, "trial")
    (span,) = seen.ended()

    assert ("process events", SpanKind.CONSUMER, StatusCode.UNSET) == (span.name, span.kind, span.status.status_code)
    assert {
        messaging.MESSAGING_SYSTEM: messaging.MessagingSystemValues.KAFKA.value,
        messaging.MESSAGING_OPERATION_NAME: "process",
        messaging.MESSAGING_OPERATION_TYPE: messaging.MessagingOperationTypeValues.PROCESS.value,
        messaging.MESSAGING_CONSUMER_GROUP_NAME: GROUP,
        messaging.MESSAGING_DESTINATION_NAME: "events",
        messaging.MESSAGING_DESTINATION_PARTITION_ID: "3",
        messaging.MESSAGING_KAFKA_OFFSET: 7,
        messaging.MESSAGING_MESSAGE_BODY_SIZE: len(RECORD.value or b""),
        "loops_consumer.fate": "delivered",
        "loops_consumer.rule": "trial",
    } == seen.said()[0]


def test_a_request_s_span_says_what_the_conventions_ask_for() -> None:
    """And is its record's child."""
    seen = kept()
    asked(seen, ATTEMPT, DONE)
    request, record = seen.ended()

    assert ("POST /events/send", SpanKind.CLIENT, StatusCode.UNSET) == (
        request.name,
        request.kind,
        request.status.status_code,
    )
    assert request.parent is not None
    assert context_of(record) == (request.parent.trace_id, request.parent.span_id)
    assert {
        http.HTTP_REQUEST_METHOD: "POST",
        http.HTTP_REQUEST_RESEND_COUNT: 1,
        http.HTTP_RESPONSE_STATUS_CODE: 200,
        url.URL_TEMPLATE: "/events/send",
        url.URL_FULL: "https://app.loops.example/api/v1/events/send",
        server.SERVER_ADDRESS: "app.loops.example",
        server.SERVER_PORT: 443,
        "loops_consumer.call": "events_send",
        "loops_consumer.rule": "trial",
        "loops_consumer.waited_s": 0.25,
        "loops_consumer.verdict": "done",
        "loops_consumer.reason": "ok",
    } == seen.said()[0]


def test_nobody_s_identifier_is_in_any_span() -> None:
    """Not of the key, the value, the lanes, the query, or what Loops says."""
    seen = kept()
    looking = Attempt(2, find_user(PERSONAL), records=(RECORD,), lanes=("u" + PERSONAL,))
    seen.spans.begin_request(looking)
    asked(seen, ATTEMPT, replace(DONE, message=PERSONAL))
    seen.spans.begin_record(RECORD)
    seen.spans.begin_request(looking)
    seen.spans.dead_letter(Letter(1, RECORD, "deliver", "refused", PERSONAL))
    seen.spans.end_request(looking, Outcome(Verdict.REFUSED, "refused", 400, PERSONAL))
    seen.spans.end_record(RECORD.position, Fate.DEAD_LETTERED, "trial")

    assert 4 == len(seen.ended())
    assert [] == [span.name for span in seen.ended() if "someone" in span.to_json()]
    assert "https://app.loops.example/api/v1/contacts/find?userId=REDACTED" in [
        said.get("url.full") for said in seen.said()
    ]


@pytest.mark.parametrize(
    ("outcome", "kind"),
    (
        (Outcome(Verdict.RETRY, "timeout"), "timeout"),
        (Outcome(Verdict.RETRY, "server_error", 503), "503"),
        (Outcome(Verdict.THROTTLED, "throttled", 429), "429"),
        (Outcome(Verdict.REFUSED, "refused", 400), "400"),
        (Outcome(Verdict.RETRY, "bad_body", 200), "bad_body"),
        (Outcome(Verdict.DONE, "conflict", 409), None),
        (Outcome(Verdict.NOT_FOUND, "not_found", 404), None),
    ),
)
def test_what_did_not_come_to_what_was_asked_for_is_an_error(outcome: Outcome, kind: str | None) -> None:
    """An answer that says that nothing had to be done is none, whatever its status."""
    seen = kept()
    asked(seen, ATTEMPT, outcome)
    request = seen.ended()[0]

    assert kind == (request.attributes or {}).get(error.ERROR_TYPE)
    assert (kind is not None) is (request.status.status_code is StatusCode.ERROR)


def test_a_dead_letter_is_an_error_with_its_reason() -> None:
    """And the stage at which it came to that."""
    seen = kept()
    seen.spans.begin_record(RECORD)
    seen.spans.dead_letter(Letter(1, RECORD, "map", "no_contact", ""))
    seen.spans.end_record(RECORD.position, Fate.DEAD_LETTERED, "trial")
    (span,) = seen.ended()

    assert StatusCode.ERROR is span.status.status_code
    assert ("no_contact", "map") == (seen.said()[0][error.ERROR_TYPE], seen.said()[0]["loops_consumer.stage"])


def test_the_trace_of_the_record_s_headers_goes_on() -> None:
    """With its state."""
    seen = kept()
    begun(seen, [("traceparent", TRACEPARENT), ("tracestate", b"vendor=1,other=2"), ("X", None)])
    (span,) = seen.ended()

    assert span.parent is not None
    assert (TRACE, PARENT, True) == (span.parent.trace_id, span.parent.span_id, span.parent.is_remote)
    assert TRACE == context_of(span)[0]
    assert {"vendor": "1", "other": "2"} == dict(span.parent.trace_state)


@pytest.mark.parametrize(
    "headers",
    (
        (),
        [("tracestate", b"vendor=1")],
        [("traceparent", None)],
        [("traceparent", b"")],
        [("traceparent", b"\xff\xfe" * 20)],
        [("traceparent", b"00-00000000000000000000000000000000-00f067aa0ba902b7-01")],
        [("traceparent", b"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")],
        [("traceparent", TRACEPARENT + b"-" + b"x" * 1_000_000)],
    ),
)
def test_headers_that_make_no_sense_begin_a_trace_of_its_own(headers: Headers) -> None:
    """Whatever a producer wrote there."""
    seen = kept()
    begun(seen, headers)

    assert [None] == [span.parent for span in seen.ended()]


def test_a_state_that_is_too_long_is_none() -> None:
    """The trace goes on without it."""
    seen = kept()
    begun(seen, [("traceparent", TRACEPARENT), ("tracestate", b"a=" + b"x" * 600)])
    (span,) = seen.ended()

    assert span.parent is not None
    assert (TRACE, {}) == (context_of(span)[0], dict(span.parent.trace_state))


def test_a_producer_that_does_not_sample_is_followed() -> None:
    """Of such a record nothing is kept, and its requests have no span."""
    seen = kept(ParentBased(ALWAYS_OFF))
    record = replace(RECORD, headers=[("traceparent", TRACEPARENT[:-2] + b"00")])
    seen.spans.begin_record(record)
    seen.spans.begin_request(replace(ATTEMPT, records=(record,)))

    assert (0, None) == (len(seen.spans), seen.spans.end_request(ATTEMPT, DONE))


def test_a_request_that_tells_of_several_records_is_linked_with_each() -> None:
    """It is the newest one's child; where that is not sampled, of the newest that is."""
    older, own = replace(RECORD, offset=6), RECORD
    seen = kept()
    for record in (older, own):
        seen.spans.begin_record(record)
    seen.spans.begin_request(replace(ATTEMPT, records=(older, own)))
    seen.spans.end_request(ATTEMPT, DONE)
    seen.spans.end_all()
    request, first, second = seen.ended()

    assert request.parent is not None
    assert (context_of(second)[1], [context_of(first)]) == (
        request.parent.span_id,
        [(link.context.trace_id, link.context.span_id) for link in request.links],
    )


def test_a_probe_is_a_trace_of_its_own() -> None:
    """It is of no record."""
    seen = kept()
    seen.spans.begin_request(Attempt(5, PROBE))
    seen.spans.end_request(Attempt(5, PROBE), DONE)
    (span,) = seen.ended()

    assert ("GET /api-key", None) == (span.name, span.parent)


def test_an_exemplar_names_the_request_s_own_span() -> None:
    """In hexadecimal, as the headers have it."""
    seen = kept()
    exemplar = asked(seen, ATTEMPT, DONE)
    trace, span = context_of(seen.ended()[0])

    assert {"trace_id": f"{trace:032x}", "span_id": f"{span:016x}"} == exemplar


def test_at_the_end_everything_ends() -> None:
    """Without a fate, and as an error of a request that was cut off."""
    seen = kept()
    seen.spans.begin_record(RECORD)
    seen.spans.begin_request(ATTEMPT)
    seen.spans.end_all()
    record, request = seen.said()

    assert (HANDED_BACK, "interrupted", 0) == (
        record["loops_consumer.fate"],
        request[error.ERROR_TYPE],
        len(seen.spans),
    )


def asked(seen: Kept, attempt: Attempt, outcome: Outcome) -> object:
    """A record whose request comes to this; returns the exemplar."""
    seen.spans.begin_record(RECORD)
    seen.spans.begin_request(attempt)
    exemplar = seen.spans.end_request(attempt, outcome)
    seen.spans.end_record(RECORD.position, Fate.DELIVERED, "trial")
    return exemplar


def begun(seen: Kept, headers: Headers | Sequence[tuple[str, bytes | None]]) -> None:
    """A record with these headers, delivered."""
    seen.spans.begin_record(replace(RECORD, headers=headers))
    seen.spans.end_record(RECORD.position, Fate.DELIVERED, None)


def context_of(span: ReadableSpan) -> tuple[int, int]:
    """Its trace, and itself."""
    context = span.get_span_context()
    assert context is not None
    return context.trace_id, context.span_id
