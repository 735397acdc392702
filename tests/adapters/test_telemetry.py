"""What happens is counted once, under bounded labels, and logged from the same event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import structlog
from prometheus_client.exposition import generate_latest

from consumer.adapters.metrics import BY_NAME, Kind
from consumer.adapters.telemetry import PrometheusTelemetry
from consumer.core.effect import (
    Attempt,
    Commit,
    Committable,
    DeadLetter,
    Drained,
    Fate,
    Finished,
    LateOutcome,
    Letter,
    OutageBegan,
    OutageEnded,
    Pause,
    Remapped,
    Resume,
    Retried,
    Saved,
    Send,
)
from consumer.core.outcome import Outcome, Verdict
from consumer.core.record import Received, Record, TopicPartition
from consumer.core.request import PROBE, Call, HttpRequest
from consumer.core.rules import Rules
from consumer.logs import ContactTags
from consumer.status import Status

PARTITION = TopicPartition("events", 3)
REQUEST = HttpRequest(Call.SEND, "POST", "/events/send", b'{"email":"someone@example.com"}', "key-1")
RECORD = Record("events", 3, 7, 0, b"someone@example.com", b'{"email":"someone@example.com"}')


def telemetry(
    *rules: str,
    now: Callable[[], float] = lambda: 0.0,
    left: Callable[[str | None], None] = lambda _: None,
    finished: Callable[[Finished], None] = lambda _: None,
    lettered: Callable[[Letter, float], None] = lambda *_: None,
) -> PrometheusTelemetry:
    """One that has seen nothing, at the time 0 for ever if no other is given."""
    tags = ContactTags(b"k" * 16)
    return PrometheusTelemetry(
        lambda: Status(version="1"),
        rules=rules,
        contact_tags=tags,
        now=now,
        version="1",
        left=left,
        finished=finished,
        lettered=lettered,
    )


def letter(number: int, reason: str = "refused") -> Letter:
    """A letter of a record with personal data."""
    return Letter(number, RECORD, "deliver", reason, "400 Bad plan", "trial", attempts=2)


def value(seen: PrometheusTelemetry, name: str, **labels: str) -> float | None:
    """What one series shows, None where it is not there."""
    return seen.registry.get_sample_value(f"loops_consumer_{name}", labels)


def lines_of(seen: PrometheusTelemetry, *effects: Any) -> list[Any]:
    """The lines that these effects write."""
    with structlog.testing.capture_logs() as lines:
        seen.happened(effects)
    return lines


def test_every_counter_and_histogram_of_the_table_is_there() -> None:
    """And none that the table does not have, the process's and the collector's apart."""
    shown = {family.name for family in telemetry().registry.collect() if family.name.startswith("loops_consumer_")}
    table = {metric.name.removesuffix("_total") for metric in BY_NAME.values()}

    assert table == shown


def test_there_are_no_created_series() -> None:
    """They double what is scraped and say nothing."""
    assert b"_created" not in generate_latest(telemetry().registry)


def test_records_are_counted_by_fate_and_rule() -> None:
    """Many at once where they were filtered; without a rule the label is empty."""
    seen = telemetry()
    seen.received(PARTITION, Received(records=500))
    seen.happened([Finished(PARTITION, Fate.FILTERED, 499), Finished(PARTITION, Fate.DELIVERED, 1, "trial")])

    assert 500 == value(seen, "received_records_total", topic="events")
    assert 499 == value(seen, "finished_records_total", fate="filtered", rule="")
    assert 1 == value(seen, "finished_records_total", fate="delivered", rule="trial")


def test_what_an_alert_counts_is_there_before_it_happens() -> None:
    """A first dead letter is an increase from 0, not a new series that no ``increase`` sees."""
    seen = telemetry("trial")

    assert 0 == value(seen, "finished_records_total", fate="dead_lettered", rule="trial")
    assert 0 == value(seen, "finished_records_total", fate="dead_lettered", rule="")
    assert 0 == value(seen, "commits_total", result="failed")
    assert 0 == value(seen, "pauses_total", reason="full")


def test_commits_are_counted_by_what_they_tell() -> None:
    """Those that bring nothing but what this replica wants are there from the start, too."""
    seen = telemetry()
    assert 0 == value(seen, "begun_commits_total", reason="demand")
    seen.happened([Commit({PARTITION: Committable(5)}), Commit({PARTITION: Committable(5)}, "demand"), Commit({})])

    assert [2, 1] == [value(seen, "begun_commits_total", reason=reason) for reason in ("progress", "demand")]


def test_what_leaves_is_counted_by_rule() -> None:
    """Each attempt as it leaves, whatever it comes to; a probe is no rule's."""
    left: list[str | None] = []
    seen = telemetry("trial", left=left.append)
    seen.happened(
        [Send(Attempt(1, REQUEST, 1, "trial")), Send(Attempt(2, REQUEST, 2, "trial")), Send(Attempt(3, PROBE))]
    )

    assert ["trial", "trial", None] == left
    assert (2, 1) == (value(seen, "sent_requests_total", rule="trial"), value(seen, "sent_requests_total", rule=""))


def test_an_attempt_is_counted_by_what_it_came_to() -> None:
    """With its duration; the first try apart from later ones."""
    seen = telemetry()
    done, again = Outcome(Verdict.DONE, "ok", 200), Outcome(Verdict.RETRY, "server_error", 503)
    seen.answered(Attempt(1, REQUEST, 1), again, 0.2)
    seen.answered(Attempt(1, REQUEST, 2), done, 0.02)

    labels = {"call": "events_send", "verdict": "done", "reason": "ok"}
    assert 1 == value(seen, "requests_total", **labels, **{"try": "again"})
    assert value(seen, "requests_total", **labels, **{"try": "first"}) is None
    assert 1 == value(seen, "request_duration_seconds_bucket", call="events_send", verdict="done", le="0.025")
    assert 0.2 == value(seen, "request_duration_seconds_sum", call="events_send", verdict="retry")


def test_waits_and_ages_are_observed() -> None:
    """The pacer's hold of a request that leaves, and the age of an event that arrives."""
    seen = telemetry()
    seen.happened([Send(Attempt(1, REQUEST, waited_s=0.3))])
    seen.delivered(250.0)

    assert 0.3 == value(seen, "pacer_wait_seconds_sum")
    assert 1 == value(seen, "event_age_seconds_bucket", le="300.0")
    assert 0 == value(seen, "event_age_seconds_bucket", le="120.0")


def test_outages_and_dead_letters_are_there_before_the_first() -> None:
    """At 0: the first one is an increase, which nobody sees of a series that begins with it."""
    seen = telemetry()

    assert 0 == value(seen, "outages_total", call="all", reason="unauthorized")
    assert 0 == value(seen, "dead_letters_total", stage="map", reason="no_contact")


def test_a_letter_is_counted_once_however_often_it_is_written() -> None:
    """The broker may refuse it for a while; each has its line, without what Loops said, which may name somebody."""
    told: list[tuple[int, float]] = []
    seen = telemetry(now=lambda: 5.0, lettered=lambda letter, now: told.append((letter.number, now)))
    lines = lines_of(seen, DeadLetter(letter(1)), DeadLetter(letter(2)), DeadLetter(letter(1)))

    assert [(1, 5.0), (2, 5.0)] == told
    assert 2 == value(seen, "dead_letters_total", stage="deliver", reason="refused")
    assert ["dead_letter", "dead_letter", "dead_letter_again"] == [line["event"] for line in lines]
    assert ("trial", "400", "events", 3, 7) == tuple(
        lines[0][name] for name in ("rule", "message", "topic", "partition", "offset")
    )


def test_the_other_reports_are_counted_and_logged() -> None:
    """Each under its own name."""
    seen = telemetry()
    lines = lines_of(
        seen,
        Retried("server_error", "trial", counted=True),
        Saved("updates", 3, "plan"),
        Pause(PARTITION, "full"),
        Resume(PARTITION),
        OutageBegan(None, "unauthorized"),
        OutageEnded("events_send", 12.34567),
        LateOutcome(PARTITION),
        Commit({PARTITION: Committable(8)}),
        Drained(),
    )

    assert 1 == value(seen, "retries_total", reason="server_error", counted="true")
    assert 3 == value(seen, "requests_saved_total", by="updates")
    assert 1 == value(seen, "pauses_total", reason="full")
    assert 1 == value(seen, "outages_total", call="all", reason="unauthorized")
    assert 1 == value(seen, "late_outcomes_total")
    assert ["retry", "paused", "resumed", "outage_began", "outage_ended", "late_outcome"] == [
        line["event"] for line in lines
    ]


def test_the_group_is_counted() -> None:
    """Rebalances by kind, commits and questions about them by how they ended."""
    seen = telemetry()
    seen.rebalanced("assigned", 0)
    seen.committed(2, None)
    seen.committed(2, "ILLEGAL_GENERATION")
    seen.committed_read(known=True)
    seen.committed_read(known=False)

    assert 1 == value(seen, "rebalances_total", kind="assigned")
    assert (1, 1) == (value(seen, "commits_total", result="ok"), value(seen, "commits_total", result="failed"))
    assert 1 == value(seen, "commit_failures_total", error="ILLEGAL_GENERATION")
    assert [1, 1] == [value(seen, "demand_readings_total", result=result) for result in ("ok", "failed")]


@pytest.mark.parametrize("error_count", (20, 500))
def test_a_label_without_end_ends_in_other(error_count: int) -> None:
    """Twenty errors are told apart; what more there are is one series."""
    seen = telemetry()
    for number in range(error_count):
        seen.committed(1, f"error-{number}")

    series = [sample for family in seen.registry.collect() for sample in family.samples if "error" in sample.labels]
    assert 1 == value(seen, "commit_failures_total", error="error-19")
    assert min(error_count, 21) == len(series)
    assert error_count == sum(sample.value for sample in series)


def test_a_value_that_the_table_does_not_name_is_other() -> None:
    """A new word in the program never makes an unbounded label."""
    seen = telemetry()
    seen.rebalanced("moved", 1)

    assert 1 == value(seen, "rebalances_total", kind="other")


def test_a_flood_of_one_event_is_bounded_in_lines_and_not_in_counts() -> None:
    """The first twenty of ten seconds are written; after that, how many were not."""
    now = [0.0]
    seen = telemetry(now=lambda: now[0])
    lines = lines_of(seen, *(LateOutcome(PARTITION) for _ in range(500)), Pause(PARTITION, "full"))
    now[0] = 11.0
    later = lines_of(seen, LateOutcome(PARTITION))

    assert 501 == value(seen, "late_outcomes_total")
    assert ["late_outcome"] * 20 + ["paused"] == [line["event"] for line in lines]
    assert [480] == [line.get("lines_kept_back") for line in later]


def test_a_key_used_before_is_told_on_a_first_try_only() -> None:
    """On a retry it is what makes the retry harmless; on a first try somebody sent this before."""
    seen = telemetry()
    conflict = Outcome(Verdict.DONE, "conflict", 409)
    with structlog.testing.capture_logs() as lines:
        seen.answered(Attempt(1, REQUEST, 1), conflict, 0.1)
        seen.answered(Attempt(1, REQUEST, 2), conflict, 0.1)

    assert [("key_used_before", "key-1")] == [(line["event"], line["key"]) for line in lines]


def test_no_line_names_a_contact() -> None:
    """Not even those for debugging: there is a tag, the same for the same contact."""
    seen = telemetry()
    attempt = Attempt(1, REQUEST, lanes=("esomeone@example.com",))
    lines = lines_of(seen, Send(attempt), Send(attempt), Send(Attempt(2, PROBE)), DeadLetter(letter(1)))

    assert "example" not in str(lines)
    assert [True, "-"] == [lines[0]["contact"] == lines[1]["contact"] != "-", lines[2]["contact"]]


def test_gauges_come_from_the_status_at_the_scrape() -> None:
    """One registry has both."""
    assert 0 == value(telemetry(), "in_flight_records")
    assert {Kind.GAUGE} == {BY_NAME[name].kind for name in ("in_flight_records", "poll_age_seconds")}


def test_another_mapping_is_counted_and_its_rules_are_shown() -> None:
    """The rules that are gone are warned about, in one line."""
    seen = telemetry("trial")
    lines = lines_of(seen, Remapped(Rules("abc", frozenset({"a", "b"}), paused=True), {"trial": 3}))

    assert [1, 0] == [value(seen, "mapping_reloads_total", result=result) for result in ("applied", "refused_tests")]
    assert 0 == value(seen, "finished_records_total", fate="delivered", rule="b")
    applied, gone = lines
    assert ("mapping_applied", "abc", 2, True) == tuple(
        applied[name] for name in ("event", "mapping", "rules", "paused")
    )
    assert ("warning", "rules_gone", {"trial": 3}) == (gone["log_level"], gone["event"], gone["under_way"])


def test_a_mapping_that_is_refused_is_counted_and_says_why() -> None:
    """Each reason is fit to be shown."""
    seen = telemetry()
    with structlog.testing.capture_logs() as lines:
        seen.mapping_refused("tests", ("its test 't' fails",))

    assert 1 == value(seen, "mapping_reloads_total", result="refused_tests")
    assert [("error", ("its test 't' fails",))] == [(line["log_level"], line["reasons"]) for line in lines]


def test_rules_of_another_mapping_are_told_apart_though_there_was_room_for_no_more() -> None:
    """Those that are gone make room, and no more of them than is needed; the number of series stays bounded."""
    seen = telemetry(*(f"r{number:02}" for number in range(99)))
    seen.happened([Finished(PARTITION, Fate.DELIVERED, 5, "r00"), Finished(PARTITION, Fate.DELIVERED, 5, "new")])
    assert value(seen, "finished_records_total", fate="delivered", rule="new") is None

    seen.happened(
        [Remapped(Rules("abc", frozenset({"new", "r01"})), {}), Finished(PARTITION, Fate.DELIVERED, 7, "new")]
    )

    assert [None, 0, 0, 7] == [
        value(seen, "finished_records_total", fate="delivered", rule=rule) for rule in ("r00", "r01", "r02", "new")
    ]


def test_records_are_summed_up_by_fate() -> None:
    """Whichever rule decided it."""
    seen = telemetry("a", "b")
    seen.happened([Finished(PARTITION, Fate.DELIVERED, 2, "a"), Finished(PARTITION, Fate.DELIVERED, 3, "b")])

    assert {**dict.fromkeys((fate.value for fate in Fate), 0), "delivered": 5} == seen.fates


def test_whoever_judges_the_fates_hears_of_each() -> None:
    """As it is counted."""
    heard: list[Finished] = []
    fates = [Finished(PARTITION, Fate.FILTERED, 499), Finished(PARTITION, Fate.DELIVERED, 1, "trial", 7, 1_000)]
    telemetry(finished=heard.append).happened(fates)

    assert fates == heard
