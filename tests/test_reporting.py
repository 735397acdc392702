"""The status, made of a pipeline and a source."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from consumer.adapters.kafka_status import Counts, KafkaPartition, KafkaStatus
from consumer.core.completions import Completions, encode
from consumer.core.demand import Demand
from consumer.core.effect import Committable, Letter
from consumer.core.policy import Policy
from consumer.core.record import Record, TopicPartition
from consumer.core.request import Call
from consumer.core.rules import Rules
from consumer.freshness import FRESH_S, Freshness
from consumer.reporting import Reporter
from consumer.status import (
    DeadLettersStatus,
    LoadState,
    MappingStatus,
    OutageStatus,
    PartitionStatus,
    RateStatus,
    RuleLoad,
    SourceState,
    Status,
)
from tests.core.driving import P0, P1, UNAUTHORIZED, WALL, Driven, attempts, batch, send, update


@dataclass
class _Source:
    ends: dict[TopicPartition, KafkaPartition] = field(default_factory=dict)
    poll_age_s: float = 0.25

    def status(self) -> KafkaStatus:
        counts = Counts(jumps=3, jumps_checked=4, jumps_unanswered=5, records_missed=6, handovers_late=1)
        return KafkaStatus(SourceState.JOINED, "", self.ends, counts=counts)


def _report(driven: Driven, ends: dict[TopicPartition, KafkaPartition]) -> Status:
    return _reporter(driven, ends)()


def _reporter(driven: Driven, ends: dict[TopicPartition, KafkaPartition]) -> Reporter:
    return Reporter(
        driven.pipeline,
        _Source(ends),
        lambda: ["mapping.yaml:3: rules: no"],
        lambda: "timeout",
        "1.2.3",
        lambda: driven.now,
        lambda: WALL + driven.now,
        0.0,
        retention_s=lambda: {"events": 86_400.0},
        freshness=Freshness(lambda: WALL + driven.now),
    )


def test_what_is_idle_shows_its_part_of_the_rate_and_no_lag() -> None:
    """Nothing read, nothing to read."""
    status = _report(Driven(), {P0: KafkaPartition(position=0, high_watermark=0)})
    assert PartitionStatus("events", 0, 0, 0, 0, 0, 0, 0.0) == status.partitions[0]
    assert (RateStatus(10, 10, 0, 0.03), 0.0) == (status.rate, status.drains_in_s)
    assert ("1.2.3", 2.0, 0.25, 3, 1) == (
        status.version,
        status.uptime_s,
        status.source.poll_age_s,
        status.source.jumps,
        status.source.handovers_late,
    )
    assert ("timeout",) == status.last_errors
    assert (4, 5, 6) == (
        status.source.jumps_checked,
        status.source.jumps_unanswered,
        status.source.records_missed,
    )


def test_the_mapping_in_use_is_shown_and_why_another_is_not() -> None:
    """Since when, and which rules went with it."""
    driven = Driven()
    driven.tell("mapping", Rules("abc", frozenset({"r", "s"})))
    driven.tell("selected", batch({0: [send("a")]}, last=0))
    driven.tell("mapping", Rules("def", frozenset({"s"}), paused=True))
    driven.now = 5.0
    shown = MappingStatus("def", 1, 3.0, True, {"r": 1}, ("mapping.yaml:3: rules: no",))
    assert shown == _report(driven, {}).mapping


def test_lag_counts_from_what_may_be_committed_to_the_end() -> None:
    """In records, and in seconds since the oldest unfinished one."""
    driven = Driven()
    driven.tell("selected", batch({4: [send("a")]}, last=9))
    driven.now = 32.0
    status = _report(driven, {P0: KafkaPartition(position=10, high_watermark=25)})
    (first, _) = status.partitions
    assert (4, 21, 32.0, 1, 4) == (
        first.watermark,
        first.lag_records,
        first.lag_s,
        first.in_flight_records,
        first.in_flight_bytes,
    )
    assert (1, 4, 1, 0.1) == (status.in_flight_records, status.in_flight_bytes, status.on_wire, status.drains_in_s)


def test_where_all_that_was_read_is_finished_lag_is_as_old_as_the_last_record_read() -> None:
    """The next one is younger, but nothing older is known."""
    driven = Driven()
    driven.tell("selected", batch({}, last=9))
    driven.now = 12.0
    assert 12.0 == _report(driven, {P0: KafkaPartition(position=10, high_watermark=25)}).partitions[0].lag_s


def test_an_outage_is_shown_and_then_nothing_drains() -> None:
    """For each call that is held back."""
    driven = Driven()
    (attempt,) = attempts(driven.tell("selected", batch({0: [send("a")]}, last=0)))
    driven.answer(attempt, UNAUTHORIZED)
    driven.now += 3
    status = _report(driven, {})
    assert OutageStatus("events_send", "unauthorized", 3.0) == status.outages[0]
    assert ("timeout", "unauthorized") == status.last_errors
    assert (len(Call) - 1, None, 1, 3.0) == (
        len(status.outages),
        status.drains_in_s,
        status.ready,
        status.oldest_wait_s,
    )


def test_dead_letters_are_shown_since_the_start_and_name_nobody() -> None:
    """How many, and the last one's fixed words: the record and what Loops said of it may hold an address."""
    driven, address = Driven(), "someone@example.com"
    reporter = _reporter(driven, {})
    record = Record("events", 0, 1, 0, address.encode(), address.encode())
    refused = Letter(1, record, "deliver", "refused", f"400 {address}", "trial", idempotency_key=address)
    assert DeadLettersStatus(0, "", "", "", None) == reporter().dead_letters

    reporter.letters.decided(refused, driven.now)
    driven.now += 3
    assert DeadLettersStatus(1, "deliver", "refused", "trial", 3.0) == reporter().dead_letters
    assert address not in repr(reporter.letters)

    reporter.letters.decided(replace(refused, number=2, stage="decode", reason="undecodable", rule=None), driven.now)
    assert DeadLettersStatus(2, "decode", "undecodable", "", 0.0) == reporter().dead_letters


def test_a_partition_of_which_kafka_tells_nothing_yet_has_no_lag() -> None:
    """Unknown is not zero."""
    (first, _) = _report(Driven(), {}).partitions
    assert (None, None) == (first.lag_records, first.lag_s)


def test_lanes_are_counted_by_how_long_ago_their_first_record_was_written() -> None:
    """What became one request is as old as its oldest part; where two bands meet it is of the older one."""
    driven = Driven(Policy(merge_updates=True))
    read = batch({0: [update("a")], 1: [update("a")], 2: [send("b")]}, last=2)
    first = read[P0].wanted[0]
    read[P0].wanted[0] = replace(first, record=replace(first.record, timestamp_ms=int((WALL - 50) * 1000)))
    driven.tell("selected", read)
    driven.now = 10.0
    assert [(0.0, 0), (1.0, 0), (10.0, 1), (60.0, 1), (300.0, 0), (3_600.0, 0)] == [
        (ages.from_s, ages.lanes) for ages in _report(driven, {}).lanes_by_age
    ]


def test_the_load_is_what_left_and_what_waits_here_and_on_the_topic() -> None:
    """Every fifth record is wanted. Of 20 requests 10 leave at once; meanwhile 100 records came: 20 in five seconds."""
    driven = Driven()
    ends = {P0: KafkaPartition(position=0, high_watermark=100), P1: KafkaPartition(position=0, high_watermark=0)}
    reporter = _reporter(driven, ends)
    driven.now = 10.0
    assert LoadState.KEEPING_UP is reporter.look().state
    for attempt in attempts(driven.tell("selected", batch({at: [send(f"u{at}")] for at in range(20)}, last=99))):
        reporter.load.left(attempt.rule)
    ends[P0] = KafkaPartition(position=50, high_watermark=200)
    driven.now = 15.0
    load = reporter.look()
    assert (4.0, 2.0, 10, 20) == (
        load.arriving_per_s,
        load.leaving_per_s,
        load.waiting_requests,
        load.unread_requests,
    )
    assert (RuleLoad("r", 2.0, 10),) == load.rules
    assert {"high": 0.0, "normal": 5.0, "low": 0.0} == load.oldest_wait_s


def test_under_a_paused_mapping_the_load_is_held() -> None:
    """As in an outage."""
    driven = Driven()
    driven.tell("mapping", Rules("def", frozenset({"s"}), paused=True))
    assert LoadState.HELD is _report(driven, {}).load.state
    driven.tell("mapping", Rules("def", frozenset({"s"})))
    assert LoadState.KEEPING_UP is _report(driven, {}).load.state


def test_in_an_outage_the_load_is_held_unless_another_call_may_leave() -> None:
    """Events wait for Loops; while updates leave, what waits does not wait for that alone."""
    driven = Driven(Policy(on_wire_max=1))
    driven.tell("selected", batch({0: [send("a")], 1: [send("b")]}, last=1))
    driven.pipeline.wire.outages.breakers[Call.SEND].trip("server_error", now=driven.now)
    assert LoadState.HELD is _report(driven, {}).load.state
    driven.tell("selected", batch({2: [update("c")], 3: [update("d")]}, first=2, last=3))
    assert LoadState.KEEPING_UP is _report(driven, {}).load.state


def test_a_partition_that_goes_to_another_is_no_part_of_the_load() -> None:
    """What of it was unread is the other's."""
    driven = Driven()
    ends = {P0: KafkaPartition(position=0, high_watermark=100), P1: KafkaPartition(position=0, high_watermark=7)}
    driven.tell("selected", batch({0: [send("a")]}, last=0))
    reporter = _reporter(driven, ends)
    reporter.look()
    driven.tell("revoked", [P0])
    driven.now += 5
    assert reporter.look().arriving_per_s is None


def test_what_a_replica_wants_is_shown_and_how_old_what_it_knows_of_the_others_is() -> None:
    """It has one of two partitions, and 50 requests wait; the other's owner told what it wants 7 s before."""
    driven = Driven(Policy(demand_every_s=2.0))
    driven.tell("revoked", [P1])
    demand = Demand(int(WALL) - 2, 3, 2, idle=False)
    driven.tell("demand_read", {P1: Committable(0, encode(Completions(demand=demand), offset=0))})
    driven.tell("selected", batch({at: [send(f"u{at}")] for at in range(50)}, last=49))
    driven.now = 5.0
    driven.tell("tick")
    rate = _report(driven, {}).rate
    assert (10, 1, 7.0) == (rate.wanted_per_s, rate.others_told, rate.others_told_ago_s)
    assert rate.others_read_ago_s is not None


def test_what_waits_too_long_is_late_at_a_look_unless_the_mapping_is_paused() -> None:
    """A pause is somebody's wish."""
    driven = Driven()
    driven.tell("selected", batch({0: [send("a")]}, last=9))
    reporter = _reporter(driven, {})
    driven.at(FRESH_S + 1)
    assert 0 == reporter().records_late
    reporter.look()
    assert (0, 1, {"events": 86_400.0}) == (reporter().records_fresh, reporter().records_late, reporter().retention_s)

    driven = Driven()
    driven.tell("selected", batch({0: [send("a")]}, last=9))
    reporter = _reporter(driven, {})
    driven.tell("mapping", Rules("00000001", paused=True))
    driven.at(FRESH_S + 1)
    reporter.look()
    assert 0 == reporter().records_late
