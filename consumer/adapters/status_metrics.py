"""What ``/metrics`` shows of the status at the moment of a scrape: the gauges, and what the Kafka thread counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from consumer.adapters.metrics import BY_NAME, PAUSE_REASONS, Kind
from consumer.core.request import Call
from consumer.status import LoadState, SourceState, SourceStatus, Status

__all__ = ["StatusCollector"]

_Sample = tuple[Sequence[str], float]


class StatusCollector(Collector):
    """Asks ``status`` once a scrape, and shows every gauge of the table and what the Kafka thread has counted."""

    def __init__(self, status: Callable[[], Status], *, version: str, python: str) -> None:
        """``version`` and ``python`` are what ``build_info`` shows."""
        self._status = status
        self._build = (version, python)

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """One family for each of them, in the table's order."""
        status = self._status()
        samples = self._samples(status)
        counted = _counted(status)
        for name, metric in BY_NAME.items():
            if metric.kind is Kind.GAUGE:
                labels = [label.name for label in metric.labels]
                family = GaugeMetricFamily(metric.name, metric.meaning, labels=labels)
                for values, number in samples[name]:
                    family.add_metric(values, number)
                yield family
            elif name in counted:
                counter = CounterMetricFamily(
                    metric.name, metric.meaning, labels=[label.name for label in metric.labels]
                )
                for values, number in counted[name]:
                    counter.add_metric(values, number)
                yield counter

    def _samples(self, status: Status) -> dict[str, Iterable[_Sample]]:
        totals: dict[str, float] = {
            "unconfirmed_letters": status.letters_waiting,
            "in_flight_records": status.in_flight_records,
            "in_flight_bytes": status.in_flight_bytes,
            "in_flight_limit_records": status.in_flight_records_max,
            "in_flight_limit_bytes": status.in_flight_bytes_max,
            "on_wire_requests": status.on_wire,
            "uncommitted_requests": status.uncommitted,
            "on_wire_limit_requests": status.on_wire_max,
            "held_back_requests": status.held_back,
            "waiting_lanes": status.lanes_waiting,
            "ready_requests": status.ready,
            "oldest_wait_seconds": status.oldest_wait_s,
            "rate_limit_requests_per_second": status.rate.limit_per_s,
            "rate_allowed_requests_per_second": status.rate.allowed_per_s,
            "rate_reserve_requests_per_second": status.rate.reserve_per_s,
            "rate_used_requests_per_second": status.rate.used_last_s,
            "rate_wanted_requests_per_second": status.rate.wanted_per_s,
            "others_told_partitions": status.rate.others_told,
            "pacer_margin_seconds": status.rate.margin_s,
            "limit_taken_by_others": status.rate.taken_by_others_per_s,
            "time_to_drain_seconds": _or(math.inf, status.drains_in_s),
            "backlog_drain_seconds": _or(math.inf, status.load.drains_in_s),
            "assigned_partitions": len(status.partitions),
            "poll_age_seconds": status.source.poll_age_s,
            "mapping_rules": status.mapping.rules,
            "mapping_refused": bool(status.mapping.refused),
        }
        return {name: [((), number)] for name, number in totals.items()} | _labelled(status, self._build)


def _known(number: float | None) -> list[_Sample]:
    return [] if number is None else [((), number)]


def _or(unknown: float, number: float | None) -> float:
    return unknown if number is None else number


def _counted(status: Status) -> dict[str, list[_Sample]]:
    judged: list[_Sample] = [(("fresh",), status.records_fresh), (("late",), status.records_late)]
    return {"judged_records_total": judged} | {name: [((), number)] for name, number in _read(status.source).items()}


def _read(source: SourceStatus) -> dict[str, int]:
    return {
        "offset_jumps_total": source.jumps,
        "checked_jumps_total": source.jumps_checked,
        "unanswered_jump_checks_total": source.jumps_unanswered,
        "missed_records_total": source.records_missed,
        "records_skipped_by_retention_total": source.records_skipped_by_retention,
        "lost_positions_total": source.positions_lost,
        "late_handovers_total": source.handovers_late,
        "handover_commit_failures_total": source.handover_commit_failures,
        "callback_errors_total": source.callback_errors,
    }


def _labelled(status: Status, build: tuple[str, str]) -> dict[str, Iterable[_Sample]]:
    held_back = {outage.call for outage in status.outages}
    paused = Counter(reason for partition in status.partitions for reason in partition.paused)
    lag_records: list[_Sample] = []
    lag_seconds: list[_Sample] = []
    for partition in status.partitions:
        labels = (partition.topic, str(partition.partition))
        if partition.lag_records is not None:
            lag_records.append((labels, partition.lag_records))
        if partition.lag_s is not None:
            lag_seconds.append((labels, partition.lag_s))
    return {
        "outage": [((call.value,), float(call.value in held_back)) for call in Call],
        "lag_records": lag_records,
        "lag_seconds": lag_seconds,
        "retention_seconds": [((topic,), seconds) for topic, seconds in status.retention_s.items()],
        "others_read_age_seconds": _known(status.rate.others_read_ago_s),
        "arriving_requests_per_second": _known(status.load.arriving_per_s),
        "unread_requests": _known(status.load.unread_requests),
        "load_state": [((state.value,), float(state is status.load.state)) for state in LoadState],
        "waiting_requests": [((rule.rule,), rule.waiting) for rule in status.load.rules],
        "oldest_priority_wait_seconds": [((name,), wait_s) for name, wait_s in status.load.oldest_wait_s.items()],
        "paused_partitions": [((reason,), paused[reason]) for reason in PAUSE_REASONS],
        "source_state": [((state.value,), float(state is status.source.state)) for state in SourceState],
        "mapping_info": [((status.mapping.digest,), 1.0)],
        "build_info": [(build, 1.0)],
    }
