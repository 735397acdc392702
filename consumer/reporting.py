"""What the pipeline and the source show of themselves, as one status."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from typing import Protocol

from consumer.adapters.kafka_status import KafkaPartition, KafkaStatus
from consumer.core.effect import Letter
from consumer.core.lane import Lanes
from consumer.core.partition import Partition
from consumer.core.pipeline import Pipeline
from consumer.core.record import TopicPartition
from consumer.core.remapping import RulesInUse
from consumer.core.terms import Priority
from consumer.core.wire import Wire
from consumer.freshness import Freshness
from consumer.load import Load, Reading, Standing
from consumer.status import (
    DeadLettersStatus,
    LaneAges,
    LoadStatus,
    MappingStatus,
    OutageStatus,
    PartitionStatus,
    RateStatus,
    SourceStatus,
    Status,
)

__all__ = ["LetterTally", "Reporter"]

_NOT_READ = KafkaPartition()

_LANE_AGES_S = (1.0, 10.0, 60.0, 300.0, 3_600.0)
"""Between these; 300 s are the freshness aimed at."""


class Source(Protocol):
    """The part of the source that is reported."""

    @property
    def poll_age_s(self) -> float:
        """Seconds since its thread last polled."""

    def status(self) -> KafkaStatus:
        """The thread, at one moment."""


@dataclass(slots=True)
class LetterTally:
    """Counts dead letters since the start. Neither a record nor a message is kept: either may name somebody."""

    _seen: DeadLettersStatus = field(default_factory=DeadLettersStatus)
    _at: float = 0.0

    def decided(self, letter: Letter, now: float) -> None:
        """One was decided on; tell each once, however often it is written. ``now`` is monotonic seconds."""
        self._seen = DeadLettersStatus(self._seen.count + 1, letter.stage, letter.reason, letter.rule or "")
        self._at = now

    def status(self, now: float) -> DeadLettersStatus:
        """At this moment."""
        return replace(self._seen, last_ago_s=now - self._at) if self._seen.count else self._seen


@dataclass(frozen=True, slots=True)
class Reporter:
    """Makes the status at each call; reads only what the event loop's thread may read."""

    pipeline: Pipeline
    source: Source
    refused: Callable[[], Sequence[str]]
    """Why what the mapping's files hold now is not in use."""
    last_error: Callable[[], str]
    """Why the last call to Loops got no answer; empty after one that got one."""
    version: str
    now: Callable[[], float]
    """Monotonic seconds."""
    wall: Callable[[], float]
    """Seconds since 1970."""
    born: float
    """When the process began, monotonic seconds."""
    retention_s: Callable[[], Mapping[str, float]] = dict
    """By topic, for how long it keeps a record, where that is known."""
    freshness: Freshness = field(default_factory=lambda: Freshness(time.time))
    """What was delivered in time; whoever hears of it tells it, :meth:`look` finds what waits too long."""
    load: Load = field(default_factory=Load)
    """What left and what waited; whoever sends tells it, :meth:`look` does the rest."""
    letters: LetterTally = field(default_factory=LetterTally)
    """Whoever hears of a dead letter tells it."""

    def __call__(self) -> Status:
        """At this moment."""
        pipeline, wire, policy = self.pipeline, self.pipeline.wire, self.pipeline.policy
        now, wall = self.now(), self.wall()
        kafka = self.source.status()
        load = self._load(kafka, now)
        outages = _outages(wire, now)
        return Status(
            version=self.version,
            uptime_s=now - self.born,
            source=self._source(kafka),
            mapping=_mapping(pipeline.rules, self.refused(), now),
            rate=_rate(pipeline, now, wall),
            load=load,
            partitions=tuple(
                _partition(partition, kafka.partitions.get(tp, _NOT_READ), wall)
                for tp, partition in pipeline.partitions.items()
            ),
            records_fresh=self.freshness.fresh,
            records_late=self.freshness.late,
            retention_s=self.retention_s(),
            in_flight_records=pipeline.in_flight,
            in_flight_bytes=sum(partition.bytes_in_flight for partition in pipeline.partitions.values()),
            in_flight_records_max=policy.in_flight_records_max,
            in_flight_bytes_max=policy.in_flight_bytes_max,
            on_wire=len(wire),
            uncommitted=pipeline.commits.uncommitted,
            on_wire_max=wire.size_max,
            held_back=sum(len(partition.held_back) for partition in pipeline.partitions.values()),
            lanes_waiting=len(wire.lanes),
            lanes_by_age=_lanes_by_age(wire.lanes, wall),
            ready=len(wire.ready),
            oldest_wait_s=max(load.oldest_wait_s.values()),
            letters_waiting=len(pipeline.letters),
            dead_letters=self.letters.status(now),
            outages=outages,
            last_errors=_errors(self.last_error(), outages),
            drains_in_s=None if outages or not wire.pacer.slots else pipeline.in_flight / wire.pacer.slots,
        )

    def look(self) -> LoadStatus:
        """Notes what waits now. The load is measured between such looks: take one every few seconds."""
        now, kafka = self.now(), self.source.status()
        self.load.look(self._standing(kafka), now=now)
        if not self.pipeline.rules.now.paused:
            self.freshness.look(self.pipeline.partitions.values())
        return self._load(kafka, now)

    def _load(self, kafka: KafkaStatus, now: float) -> LoadStatus:
        ready, breakers = self.pipeline.wire.ready, self.pipeline.wire.outages.breakers
        outage = not all(breaker.closed for breaker in breakers.values())
        held = self.pipeline.rules.now.paused or (outage and not any(breakers[one.call].closed for one in ready))
        since = {priority: ready.oldest_since(priority) for priority in Priority}
        waits = {one.name.lower(): 0.0 if at is None else now - at for one, at in since.items()}
        return replace(self.load.status(self._standing(kafka), held=held), oldest_wait_s=waits)

    def _standing(self, kafka: KafkaStatus) -> Standing:
        pipeline = self.pipeline
        waiting = Counter(one.request.rule for each in pipeline.partitions.values() for one in each.deliveries)
        waiting.subtract(one.request.rule for one in pipeline.wire.deliveries())
        reading = _reading(pipeline.partitions.values(), kafka.partitions)
        return Standing(waiting, pipeline.wire.pacer.slots, reading, pipeline.received)

    def _source(self, kafka: KafkaStatus) -> SourceStatus:
        return SourceStatus(kafka.state, kafka.waits_for, self.source.poll_age_s, **asdict(kafka.counts))


def _rate(pipeline: Pipeline, now: float, wall: float) -> RateStatus:
    pacer, quota = pipeline.wire.pacer, pipeline.sharing.quota
    told = quota.others_told
    read_ago_s = quota.heard_ago_s(now=now)
    return RateStatus(
        quota.rate_per_s,
        pacer.slots,
        pacer.used(now),
        pacer.margin_s,
        pacer.taken_by_others_per_s,
        quota.wanted_per_s,
        None if math.isinf(read_ago_s) else read_ago_s,
        len(told),
        pipeline.policy.reserve_per_s,
        max(0.0, wall - min(told)) if told else None,
    )


def _outages(wire: Wire, now: float) -> tuple[OutageStatus, ...]:
    breakers = wire.outages.breakers.items()
    return tuple(OutageStatus(call.value, each.reason, now - each.since) for call, each in breakers if not each.closed)


def _lanes_by_age(lanes: Lanes, wall: float) -> tuple[LaneAges, ...]:
    """What became one request is as old as its oldest part. Sorted first, as there may be tens of thousands."""
    written_s = sorted(
        [(one.carries[0] if one.carries else one).of.record.timestamp_ms / 1000 for one in lanes.heads()]
    )
    counts = [len(written_s) - bisect_right(written_s, wall - below_s) for below_s in _LANE_AGES_S]
    bands = zip(pairwise((0.0, *_LANE_AGES_S)), pairwise((0, *counts)), strict=True)
    known = [LaneAges(ages[0], ages[1], lanes[1] - lanes[0]) for ages, lanes in bands]
    return (*known, LaneAges(_LANE_AGES_S[-1], None, len(written_s) - counts[-1]))


def _reading(
    partitions: Iterable[Partition], kafka: Mapping[TopicPartition, KafkaPartition]
) -> dict[tuple[TopicPartition, int], Reading]:
    """As far as it is known; a partition that goes to another member is read no more."""
    reading = {}
    for partition in partitions:
        seen = kafka.get(partition.tp, _NOT_READ)
        position = partition.watermark.next_offset if partition.received_any else seen.position
        if position is not None and seen.high_watermark is not None and not partition.revoked:
            reading[partition.tp, partition.epoch] = Reading(position, seen.high_watermark)
    return reading


def _mapping(rules: RulesInUse, refused: Sequence[str], now: float) -> MappingStatus:
    in_use = rules.now
    return MappingStatus(in_use.digest, len(in_use.ids), now - rules.since, in_use.paused, rules.gone, tuple(refused))


def _errors(last: str, outages: Iterable[OutageStatus]) -> tuple[str, ...]:
    """Why the last call got no answer, and what an answer said that holds calls back; each once."""
    reasons = (outage.reason for outage in outages if not last.startswith(outage.reason))
    return tuple(dict.fromkeys([last, *reasons] if last else reasons))


def _partition(partition: Partition, kafka: KafkaPartition, wall: float) -> PartitionStatus:
    """Lag counts from what may be committed: a record in flight is not done, though it is read."""
    end = kafka.high_watermark
    committed = None if partition.committed is None else partition.committed.offset
    watermark = partition.watermark.offset if partition.received_any else committed
    lag = None if end is None or watermark is None else max(0, end - watermark)
    oldest_ms = partition.oldest_unfinished_ms()
    if oldest_ms is None and lag:
        oldest_ms = partition.last_timestamp_ms or None
    lag_s = 0.0 if lag == 0 else None if oldest_ms is None else max(0.0, wall - oldest_ms / 1000)
    return PartitionStatus(
        topic=partition.tp.topic,
        partition=partition.tp.partition,
        committed=committed,
        watermark=watermark,
        position=kafka.position,
        high_watermark=end,
        lag_records=lag,
        lag_s=lag_s,
        finished_runs=partition.watermark.runs_count,
        in_flight_records=len(partition.open),
        in_flight_bytes=partition.bytes_in_flight,
        paused=tuple(sorted(partition.pauses)),
    )
