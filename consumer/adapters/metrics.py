"""Every metric of the program, in one table: what it is called, counts and means, and which labels it can have.

Names are ``loops_consumer_<name>_<unit>``, counters end in ``_total``. Labels are bounded: either their values are
named here, or at most so many different ones are told apart and the rest is ``other``.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import Enum
from typing import Final

from consumer.core.effect import Fate
from consumer.core.outcome import Verdict
from consumer.core.request import Call
from consumer.core.terms import Priority
from consumer.status import LoadState, SourceState

__all__ = ["BY_NAME", "METRICS", "OTHER", "Kind", "Label", "Metric", "readme_table"]

OTHER: Final = "other"
"""What a label shows beyond its bound."""


class Kind(Enum):
    """How Prometheus treats it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Label:
    """Either ``values`` are all it can have (beside ``other``), or it has at most ``values_max`` different ones."""

    name: str
    values: tuple[str, ...] = ()
    values_max: int = 0


@dataclass(frozen=True, slots=True)
class Metric:
    """One row. ``buckets`` are upper bounds in the metric's unit, without infinity."""

    name: str
    kind: Kind
    unit: str
    meaning: str
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()


HTTP_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""OpenTelemetry's advice for ``http.client.request.duration``."""
WAIT_BUCKETS_S: Final = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
"""From nothing waiting to a backlog of an hour."""
AGE_BUCKETS_S: Final = (
    *(0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0),
    *(3600.0, 7200.0, 21600.0, 43200.0, 86400.0),
)
"""From the milliseconds of an idle program to the day for which Loops remembers keys; 300 is the freshness aimed at."""

ANSWER_REASONS: Final = (
    *("ok", "exists", "conflict", "not_found", "refused", "throttled", "bad_body", "server_error"),
    *("request_timeout", "too_early", "unexpected_status", "timeout", "connect_failed", "connection_broken"),
    *("unauthorized", "forbidden", "method_not_allowed", "no_such_page", "redirected"),
)
"""Every ``Outcome.reason``."""

LETTER_REASONS: Final = {
    "decode": ("undecodable",),
    "map": ("expression", "value", "no_contact"),
    "deliver": (
        *("refused", "over_budget", "unknown_contact", "conflict", "bad_body", "server_error", "request_timeout"),
        *("too_early", "unexpected_status", "timeout", "connect_failed", "connection_broken"),
    ),
}
"""Why a record becomes a dead letter, by the stage at which it does."""

PAUSE_REASONS: Final = ("full", "dead_letters", "undecodable", "mapping_paused", "draining")
"""Every ``Pause.reason``."""

_RULE: Final = Label("rule", values_max=100)
_TOPIC: Final = Label("topic", values_max=100)
_PARTITION: Final = Label("partition", values_max=10_000)
_CALL: Final = Label("call", tuple(call.value for call in Call))
_VERDICT: Final = Label("verdict", tuple(verdict.value for verdict in Verdict))
_REASON: Final = Label("reason", ANSWER_REASONS)
_PREFIX: Final = "loops_consumer_"


def _counter(name: str, unit: str, meaning: str, *labels: Label) -> Metric:
    return Metric(f"{_PREFIX}{name}_total", Kind.COUNTER, unit, meaning, labels)


def _gauge(name: str, unit: str, meaning: str, *labels: Label) -> Metric:
    return Metric(f"{_PREFIX}{name}", Kind.GAUGE, unit, meaning, labels)


def _histogram(name: str, meaning: str, buckets: tuple[float, ...], *labels: Label) -> Metric:
    return Metric(f"{_PREFIX}{name}_seconds", Kind.HISTOGRAM, "seconds", meaning, labels, buckets)


_RECORDS: Final = (
    _counter("received_records", "records", "Read from Kafka.", _TOPIC),
    _counter(
        "finished_records",
        "records",
        "Whose fate is final; `rule` is the one that decided it, empty where none did.",
        Label("fate", tuple(fate.value for fate in Fate)),
        _RULE,
    ),
    _counter(
        "judged_records",
        "records",
        "That a rule wants: delivered within 300 s of being produced (`fresh`), or not (`late`: as soon as that is "
        "seen, delivered or not). What is never to be delivered is not judged, nor what lay there at a start anew.",
        Label("freshness", ("fresh", "late")),
    ),
    _counter(
        "dead_letters",
        "letters",
        "Decided on, each once; `finished_records` counts the records when the broker has confirmed them.",
        Label("stage", tuple(LETTER_REASONS)),
        Label("reason", tuple(itertools.chain(*LETTER_REASONS.values()))),
    ),
    _gauge("unconfirmed_letters", "letters", "Dead letters that the broker has not confirmed yet."),
    _gauge("in_flight_records", "records", "That a rule wants, received and not finished."),
    _gauge("in_flight_bytes", "bytes", "Keys and values of the records in flight."),
    _gauge(
        "in_flight_limit_records",
        "records",
        "How many may be in flight; a partition pauses when it holds as much as is free.",
    ),
    _gauge("in_flight_limit_bytes", "bytes", "How many bytes may be in flight."),
)

_REQUESTS: Final = (
    _counter(
        "requests",
        "requests",
        "Attempts that ended, by what they came to. `conflict` on the first try means a key used before.",
        _CALL,
        _VERDICT,
        _REASON,
        Label("try", ("first", "again")),
    ),
    _counter(
        "sent_requests",
        "requests",
        "Attempts that left, each a part of the limit; `rule` is empty for the probes of an outage.",
        _RULE,
    ),
    _histogram("request_duration", "From sending to the end of the answer.", HTTP_BUCKETS_S, _CALL, _VERDICT),
    _counter(
        "retries",
        "requests",
        "Attempts that failed and will be made again; those of an outage and a 429 are not `counted`.",
        _REASON,
        Label("counted", ("true", "false")),
    ),
    _counter(
        "requests_saved",
        "requests",
        "That needed not be sent: what they say was told by an update or an event behind them, or is unchanged.",
        Label("by", ("updates", "into_events", "unchanged")),
    ),
    _gauge("on_wire_requests", "requests", "Sent and not answered."),
    _gauge("uncommitted_requests", "requests", "Final, and in no commit that was taken: a crash sends them again."),
    _gauge("on_wire_limit_requests", "requests", "How many may be on the wire or uncommitted at once."),
    _gauge("held_back_requests", "requests", "Whose end would find no room in the commit's metadata."),
    _gauge("waiting_lanes", "lanes", "Identifiers of contacts with at least one request that has not left."),
    _gauge("ready_requests", "requests", "First in their lanes, held by the pacer alone."),
    _gauge("oldest_wait_seconds", "seconds", "How long the oldest of the ready requests has been ready."),
    _histogram("event_age", "From the event's time to Loops' answer that took it.", AGE_BUCKETS_S),
    _counter(
        "outages",
        "outages",
        "Times that a call, or all of them, was held back because Loops did not take it.",
        Label("call", (*_CALL.values, "all")),
        _REASON,
    ),
    _gauge("outage", "boolean", "1 while the call is held back until Loops takes one again.", _CALL),
)

_RATE: Final = (
    _histogram("pacer_wait", "How long a request stood ready before it left.", WAIT_BUCKETS_S),
    _gauge("rate_limit_requests_per_second", "requests/s", "The team's limit, less the reserve."),
    _gauge("rate_reserve_requests_per_second", "requests/s", "Of the team's limit, left to other programs."),
    _gauge("rate_allowed_requests_per_second", "requests/s", "This replica's part of the limit."),
    _gauge("rate_used_requests_per_second", "requests/s", "Requests that left within the last second."),
    _gauge(
        "rate_wanted_requests_per_second", "requests/s", "What this replica tells the group's others that it would use."
    ),
    _gauge("others_told_partitions", "partitions", "Of other replicas, of which it was told what is wanted."),
    _gauge("others_read_age_seconds", "seconds", "Since what the others want was read; none where nothing has to be."),
    _gauge("pacer_margin_seconds", "seconds", "What the pacer adds to the second between a slot's two uses."),
    _gauge(
        "limit_taken_by_others",
        "requests/s",
        "Of the team's limit, what programs take that are not of this group, as far as Loops' answers tell.",
    ),
    _gauge(
        "time_to_drain_seconds",
        "seconds",
        "What is in flight, at the allowed rate; +Inf while nothing can leave.",
    ),
    _gauge(
        "load_state",
        "boolean",
        "1 for how this replica stands with its part of the limit, 0 for the others.",
        Label("state", tuple(state.value for state in LoadState)),
    ),
    _gauge(
        "arriving_requests_per_second",
        "requests/s",
        "What new records want, read or not, over the last minute; none until it is measured.",
    ),
    _gauge(
        "waiting_requests",
        "requests",
        "Received and not on the wire, by rule; those that use most of the limit.",
        _RULE,
    ),
    _gauge("unread_requests", "requests", "What the records not read yet will come to, if they are like those before."),
    _gauge(
        "backlog_drain_seconds",
        "seconds",
        "Until nothing waits, read or not, at the allowed rate less what arrives; +Inf: never.",
    ),
    _gauge(
        "oldest_priority_wait_seconds",
        "seconds",
        "How long the oldest of the ready requests of a priority has been ready.",
        Label("priority", tuple(priority.name.lower() for priority in Priority)),
    ),
)

_KAFKA: Final = (
    _gauge("lag_records", "records", "From the watermark to the end of the partition.", _TOPIC, _PARTITION),
    _gauge("lag_seconds", "seconds", "Age of the oldest record that is not finished.", _TOPIC, _PARTITION),
    _gauge(
        "retention_seconds", "seconds", "How long a record is kept; none where that is for ever, or not told.", _TOPIC
    ),
    _gauge("assigned_partitions", "partitions", "Partitions that this replica owns."),
    _gauge("paused_partitions", "partitions", "Not read for now, by reason.", Label("reason", PAUSE_REASONS)),
    _counter("pauses", "pauses", "Times that a partition was paused.", Label("reason", PAUSE_REASONS)),
    _counter("commits", "commits", "Commits that ended.", Label("result", ("ok", "failed"))),
    _counter(
        "begun_commits",
        "commits",
        "Commits that were asked for: as something is finished, or only to tell the others what is wanted.",
        Label("reason", ("progress", "demand")),
    ),
    _counter(
        "commit_failures", "commits", "Commits that failed, by the client's error.", Label("error", values_max=20)
    ),
    _counter(
        "demand_readings",
        "readings",
        "Of what the group has committed, to see what each replica needs of the team's rate.",
        Label("result", ("ok", "failed")),
    ),
    _counter(
        "rebalances",
        "rebalances",
        "Changes of what this replica owns, one that brings nothing among them.",
        Label("kind", ("assigned", "revoked", "lost")),
    ),
    _counter(
        "ignored_metadata",
        "commits",
        "Commits found at an assignment whose metadata said nothing; what they called finished may be sent again.",
        Label("reason", ("foreign", "newer", "damaged")),
    ),
    _counter("late_outcomes", "requests", "Answers for a partition that was no longer ours; they commit nothing."),
    _counter("offset_jumps", "jumps", "Breaks in a partition's offsets: compaction, transaction markers, or a loss."),
    _counter("checked_jumps", "jumps", "Jumps that were looked at on the broker: one a minute and partition."),
    _counter("unanswered_jump_checks", "checks", "That the broker did not answer; each is made again."),
    _counter(
        "missed_records", "records", "Found by a check, and not delivered before; read again with all that followed."
    ),
    _counter("records_skipped_by_retention", "records", "Gone before they were read."),
    _counter("lost_positions", "positions", "Positions that the broker did not have any more."),
    _counter("late_handovers", "handovers", "Revokes that returned before what was on the wire had ended."),
    _counter(
        "handover_commit_failures", "commits", "Last commits of a partition that went to another member, which failed."
    ),
    _counter("callback_errors", "errors", "Faults of this program inside a callback of the client."),
    _gauge("poll_age_seconds", "seconds", "Since the Kafka thread last polled; it stands still where this grows."),
    _gauge(
        "source_state",
        "boolean",
        "1 for the state that the Kafka thread is in, 0 for the others.",
        Label("state", tuple(state.value for state in SourceState)),
    ),
)

_PROGRAM: Final = (
    _gauge("mapping_rules", "rules", "In use."),
    _counter(
        "mapping_reloads",
        "mappings",
        "Found in the mapping's files: in use since, or refused for its faults, or because one of its tests fails.",
        Label("result", ("applied", "refused_faults", "refused_tests")),
    ),
    _gauge("mapping_refused", "boolean", "1 while what the mapping's files hold is refused; what was in use stays."),
    _gauge("mapping_info", "boolean", "1, with the digest of the mapping in use.", Label("digest", values_max=1)),
    _gauge(
        "build_info",
        "boolean",
        "1, with the versions of the program and of Python.",
        Label("version", values_max=1),
        Label("python", values_max=1),
    ),
)

METRICS: Final = (*_RECORDS, *_REQUESTS, *_RATE, *_KAFKA, *_PROGRAM)
"""All of them, in the order of the README's table."""

BY_NAME: Final = {metric.name.removeprefix(_PREFIX): metric for metric in METRICS}
"""The same, by the name without the prefix that all have."""


def readme_table() -> str:
    """The table as Markdown, ending in a line break."""
    lines = ["| Metric | Kind | Labels | Unit | Meaning |", "|---|---|---|---|---|"]
    for metric in METRICS:
        labels = " ".join(f"`{label.name}`" for label in metric.labels)
        lines.append(f"| `{metric.name}` | {metric.kind.value} | {labels} | {metric.unit} | {metric.meaning} |")
    return "\n".join(lines) + "\n"
