"""Spans follow what the pipeline does with records and requests."""

from __future__ import annotations

from prometheus_client.exposition import choose_encoder

from consumer.adapters.tracing_spans import HANDED_BACK
from consumer.core.effect import Committable, Handed, ReadAgain
from consumer.core.policy import Policy
from consumer.core.record import Position, Received
from consumer.core.rules import Rules
from tests.adapters.traced import TracedDriven
from tests.core.driving import BUSY, DONE, P0, P1, REFUSED, attempts, batch, letters, of, send, update

PROCESS = "process events"


def fates(driven: TracedDriven) -> list[object]:
    """Of the records whose spans have ended."""
    return [said["loops_consumer.fate"] for said in driven.kept.said(PROCESS)]


def test_a_record_has_one_span_and_each_attempt_has_one() -> None:
    """What no rule wants has none."""
    driven = TracedDriven()
    (first,) = attempts(driven.tell("selected", batch({3: [send("a")]}, last=9)))
    driven.answer(first, BUSY)
    (second,) = attempts(driven.at(10.0))
    driven.answer(second, DONE)

    assert ["POST /events/send", "POST /events/send", PROCESS] == [span.name for span in driven.kept.ended()]
    assert 1 == len({span.context.trace_id for span in driven.kept.ended() if span.context})
    assert (["delivered"], 0) == (fates(driven), len(driven.kept.spans))


def test_a_dead_letter_s_record_ends_when_the_broker_has_it() -> None:
    """Not before."""
    driven = TracedDriven()
    (attempt,) = attempts(driven.tell("selected", batch({0: [send("a")]}, last=0)))
    (letter,) = letters(driven.answer(attempt, REFUSED))
    assert [] == fates(driven)
    driven.tell("letter_confirmed", letter)

    assert ["dead_lettered"] == fates(driven)
    assert "refused" == driven.kept.said(PROCESS)[0]["error.type"]


def test_records_of_which_one_request_tells_share_its_end() -> None:
    """An update before an event has no request of its own; the event's is linked with it."""
    driven = TracedDriven(policy=Policy(merge_into_events=True))
    plans = batch({0: [update("a", contact={"x": 1})], 1: [send("a")]}, last=1)
    (attempt,) = attempts(driven.tell("selected", plans))
    driven.answer(attempt)

    assert ["delivered", "delivered"] == fates(driven)
    assert [1] == [len(span.links) for span in driven.kept.ended("POST /events/send")]


def test_what_the_pipeline_does_not_take_in_has_no_span() -> None:
    """Of a partition that is not ours, or what the commit's metadata calls finished."""
    driven = TracedDriven()
    driven.tell("lost", [P1])
    driven.tell("selected", batch({0: [send("a")]}, last=0, partition=P1))

    assert ([], 0) == (driven.kept.ended(), len(driven.kept.spans))


def test_what_is_read_once_more_keeps_its_span() -> None:
    """A rewind brings what is in flight again."""
    driven = TracedDriven(policy=Policy(rate_per_s=1))
    driven.tell("selected", batch({0: [send("a")], 1: [send("b")]}, last=1))
    driven.tell("rewound", P0, 0)
    driven.tell("selected", batch({0: [send("a")], 1: [send("b")]}, last=1))

    assert ([], 3) == (driven.kept.ended(), len(driven.kept.spans))


def test_records_of_a_partition_that_goes_are_handed_back() -> None:
    """When it is handed over, or at once where it is lost; a late answer ends its request."""
    driven = TracedDriven()
    (attempt,) = attempts(driven.tell("selected", batch({0: [send("a")], 1: [send("a")]}, last=1)))
    driven.tell("lost", [P0])
    assert [HANDED_BACK, HANDED_BACK] == fates(driven)
    driven.answer(attempt)
    assert 0 == len(driven.kept.spans)

    driven.tell("selected", batch({0: [send("b")]}, last=0, partition=P1))
    assert of(Handed, driven.tell("revoked", [P1]) + driven.at(30.0))
    assert [HANDED_BACK] * 3 == fates(driven)


def test_records_that_a_pause_forgets_are_handed_back_when_they_are_read_again() -> None:
    """And have a new span then."""
    driven = TracedDriven(policy=Policy(rate_per_s=1))
    (attempt,) = attempts(driven.tell("selected", batch({0: [send("a")], 1: [send("b")]}, last=1)))
    driven.tell("mapping", Rules("abc", frozenset({"r"}), paused=True))
    driven.answer(attempt)
    assert ["delivered", HANDED_BACK] == sorted(map(str, fates(driven)))
    effects = driven.tell("mapping", Rules("abc", frozenset({"r"})))
    assert [ReadAgain(P0, 1)] == of(ReadAgain, effects)
    driven.tell("rewound", P0, 1)
    driven.tell("selected", batch({1: [send("b")]}, first=1, last=1))

    assert Position("events", 0, 1) in driven.kept.spans


def test_as_many_are_open_as_records_and_requests_are() -> None:
    """Whatever happens to a partition's assignment, none is left over."""
    driven = TracedDriven(policy=Policy(in_flight_records_max=10))
    for turn in range(50):
        first = 10 * turn
        driven.tell("selected", batch({first + at: [send(f"u{at}")] for at in range(10)}, first=first, last=first + 9))
        if turn % 5 == 4:
            driven.tell("lost", [P0])
            driven.tell("assigned", {P0: Committable(first + 10)}, [P0, P1])

    assert driven.pipeline.in_flight + len(driven.pipeline.wire) >= len(driven.kept.spans)


def test_exemplars_are_on_the_histogram_in_openmetrics_alone() -> None:
    """Prometheus' older text has none; each names a trace that was exported."""
    driven = TracedDriven()
    (attempt,) = attempts(driven.tell("selected", batch({0: [send("a")]}, last=0)))
    driven.answer(attempt)
    plain, openmetrics = (
        choose_encoder(accept)[0](driven.metrics.registry).decode() for accept in ("", "application/openmetrics-text")
    )
    (span,) = driven.kept.ended("POST /events/send")
    assert span.context is not None
    named = f'# {{span_id="{span.context.span_id:016x}",trace_id="{span.context.trace_id:032x}"}} 0.01'
    lines = [line for line in openmetrics.splitlines() if named in line]

    assert ["loops_consumer_request_duration_seconds_bucket"] == [line.partition("{")[0] for line in lines]
    assert "trace_id" not in plain


def test_the_metrics_are_told_all_the_same() -> None:
    """Tracing takes nothing away."""
    driven = TracedDriven()
    driven.telemetry.received(P0, Received(records=5))
    driven.telemetry.delivered(1.0)
    driven.telemetry.committed(1, None)
    driven.telemetry.committed_read(known=True)
    driven.telemetry.mapping_refused("tests", ["one fails"])
    value = driven.metrics.registry.get_sample_value

    assert [5, 1, 1, 1, 1, 1] == [
        value(f"loops_consumer_{name}", labels)
        for name, labels in (
            ("received_records_total", {"topic": "events"}),
            ("event_age_seconds_count", {}),
            ("commits_total", {"result": "ok"}),
            ("demand_readings_total", {"result": "ok"}),
            ("mapping_reloads_total", {"result": "refused_tests"}),
            ("rebalances_total", {"kind": "assigned"}),
        )
    ]
