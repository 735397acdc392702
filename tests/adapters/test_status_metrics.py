"""Gauges and the source's counts show the status of the moment of the scrape."""

from __future__ import annotations

import math

from prometheus_client import CollectorRegistry

from consumer.adapters.metrics import BY_NAME, Kind
from consumer.adapters.status_metrics import StatusCollector
from consumer.status import (
    LoadState,
    LoadStatus,
    MappingStatus,
    OutageStatus,
    PartitionStatus,
    RateStatus,
    RuleLoad,
    SourceState,
    SourceStatus,
    Status,
)

BUSY = Status(
    version="1",
    source=SourceStatus(SourceState.JOINED, "", 0.2),
    mapping=MappingStatus("abc", 3),
    rate=RateStatus(limit_per_s=10, allowed_per_s=7, used_last_s=6, margin_s=0.005, taken_by_others_per_s=4.5),
    partitions=(
        PartitionStatus("events", 0, lag_records=12, lag_s=3.5, paused=("full", "dead_letters")),
        PartitionStatus("events", 1, paused=("full",)),
    ),
    in_flight_records=5,
    outages=(OutageStatus("events_send", "server_error", 9.0),),
    drains_in_s=4.0,
)


def scraped(status: Status) -> CollectorRegistry:
    """A registry that shows this status."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(StatusCollector(lambda: status, version="1.2.3", python="3.11"))
    return registry


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    """What one series shows, None where it is not there."""
    return registry.get_sample_value(f"loops_consumer_{name}", labels)


def test_every_gauge_of_the_table_is_shown_and_no_other() -> None:
    """In the table's order."""
    shown = [family.name for family in scraped(BUSY).collect() if family.type == "gauge"]

    assert [metric.name for metric in BY_NAME.values() if metric.kind is Kind.GAUGE] == shown


def test_what_the_kafka_thread_counts_is_shown() -> None:
    """As counters, 0 from the start."""
    source = SourceStatus(
        jumps=1,
        records_skipped_by_retention=2,
        positions_lost=3,
        handovers_late=4,
        handover_commit_failures=5,
        callback_errors=6,
        jumps_checked=7,
        jumps_unanswered=8,
        records_missed=9,
    )
    names = (
        "offset_jumps",
        "records_skipped_by_retention",
        "lost_positions",
        "late_handovers",
        "handover_commit_failures",
    )
    registry = scraped(Status(version="1", source=source, records_fresh=10, records_late=11))

    judged = [value(registry, "judged_records_total", freshness=kind) for kind in ("fresh", "late")]
    assert [10, 11] == judged
    assert [1, 2, 3, 4, 5] == [value(registry, f"{name}_total") for name in names]
    assert 6 == value(registry, "callback_errors_total")
    assert [7, 8, 9] == [
        value(registry, f"{name}_total") for name in ("checked_jumps", "unanswered_jump_checks", "missed_records")
    ]
    assert 0 == value(scraped(BUSY), "offset_jumps_total")


def test_totals_and_rate_are_shown() -> None:
    """As the status has them."""
    registry = scraped(BUSY)

    assert (5, 7, 6) == tuple(
        value(registry, name)
        for name in ("in_flight_records", "rate_allowed_requests_per_second", "rate_used_requests_per_second")
    )
    assert (0.005, 4.5) == tuple(value(registry, name) for name in ("pacer_margin_seconds", "limit_taken_by_others"))
    assert (0.2, 4.0) == (value(registry, "poll_age_seconds"), value(registry, "time_to_drain_seconds"))


def test_lag_is_shown_where_it_is_known() -> None:
    """A partition whose end is not known yet has no series, instead of a wrong 0."""
    registry = scraped(BUSY)

    assert 12 == value(registry, "lag_records", topic="events", partition="0")
    assert 3.5 == value(registry, "lag_seconds", topic="events", partition="0")
    assert value(registry, "lag_seconds", topic="events", partition="1") is None


def test_states_are_shown_with_those_that_are_not_so() -> None:
    """0 for every other call, reason and state: an alert can tell ``no`` from ``gone``."""
    registry = scraped(BUSY)

    assert [1, 0] == [value(registry, "outage", call=call) for call in ("events_send", "contacts_update")]
    assert [2, 1, 0] == [
        value(registry, "paused_partitions", reason=reason) for reason in ("full", "dead_letters", "undecodable")
    ]
    assert [1, 0] == [value(registry, "source_state", state=state) for state in ("joined", "failed")]
    assert 1 == value(registry, "mapping_info", digest="abc")
    assert [3, 0] == [value(registry, name) for name in ("mapping_rules", "mapping_refused")]
    assert 1 == value(scraped(Status("1", mapping=MappingStatus(refused=("no",)))), "mapping_refused")
    assert 1 == value(registry, "build_info", version="1.2.3", python="3.11")


def test_what_never_drains_is_infinite() -> None:
    """So that ``> 3600`` holds for it."""
    assert math.inf == value(scraped(Status(version="1")), "time_to_drain_seconds")


def test_an_overload_is_shown_with_the_rules_that_make_it() -> None:
    """What is not measured yet has no series: a sum over the replicas is of those that know."""
    rules = (RuleLoad("digest", 9.5, 4_000), RuleLoad("trial", 0.5, 2))
    waits = {"high": 0.1, "normal": 0.0, "low": 310.0}
    load = LoadStatus(LoadState.OVERLOADED, 12.5, 10.0, 10.0, 4_002, 900, None, rules, waits)
    registry, unknown = scraped(Status("1", load=load)), scraped(Status("1", load=LoadStatus(unread_requests=None)))

    assert [1, 0] == [value(registry, "load_state", state=state) for state in ("overloaded", "catching_up")]
    assert (12.5, 900, math.inf) == tuple(
        value(registry, name) for name in ("arriving_requests_per_second", "unread_requests", "backlog_drain_seconds")
    )
    assert [4_000, 2, None] == [value(registry, "waiting_requests", rule=rule) for rule in ("digest", "trial", "none")]
    assert [0.1, 310.0] == [
        value(registry, "oldest_priority_wait_seconds", priority=priority) for priority in ("high", "low")
    ]
    assert value(unknown, "arriving_requests_per_second") is None
    assert value(unknown, "unread_requests") is None


def test_what_is_told_and_heard_of_the_limit_is_shown() -> None:
    """No age where nothing has to be read."""
    rate = RateStatus(10, 7, 6, wanted_per_s=9, others_read_ago_s=1.5, others_told=8)
    registry = scraped(Status("1", rate=rate))

    assert [9, 8, 1.5] == [
        value(registry, name)
        for name in ("rate_wanted_requests_per_second", "others_told_partitions", "others_read_age_seconds")
    ]
    assert value(scraped(BUSY), "others_read_age_seconds") is None


def test_what_is_left_to_others_is_shown_beside_the_limit() -> None:
    """What they take within it is theirs."""
    registry = scraped(Status(version="1", rate=RateStatus(reserve_per_s=3)))

    assert 3 == value(registry, "rate_reserve_requests_per_second")


def test_a_topic_whose_retention_is_not_known_shows_none() -> None:
    """A lag is held against what is known alone."""
    registry = scraped(Status(version="1", retention_s={"events": 86_400.0}))

    assert 86_400 == value(registry, "retention_seconds", topic="events")
    assert value(registry, "retention_seconds", topic="others") is None
