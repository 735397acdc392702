"""Replicas share the team's limit by what each has to send, as they tell each other beside their commits."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from consumer.core.completions import demand_of
from consumer.core.demand import Demand
from consumer.sandbox.journal import Entry
from tests.kafka import oracles, product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import CLIENT, Job, MakeJob, numbers_of, sandbox_of
from tests.kafka.standstills import StandStills
from tests.waiting import until

RATE_PER_S: Final = 10
LATENCY_S: Final = 0.03
MOST: Final = 40
MOST_WITHIN_S: Final = 5.7
"""Seven a second: eight slots, while a lone event's owner still holds two, and each rests a little over a second. By
partitions alone one of the four has three at most, and two have five or six."""
LONE_WITHIN_S: Final = 0.5
"""From produced to received: 10 to 40 ms on an idle machine. The best of a few events for each partition counts."""
LONE_EVENTS_MAX: Final = 4
APART: Final = 25
"""So many other events lie between two lone ones: more than two seconds."""
REFUSED_SHARE_MAX: Final = 0.05
"""Of the requests, those answered 429; those by which the margin is learned are among them. Replicas of which each one
used the whole limit would have a fifth of theirs refused."""
MORE: Final = 6
"""Of ten, where another one wants them all too and one slot is kept for who is idle: five. Where the other one is dead
and keeps no more than its share by partitions, three at most: six."""
WALL_WITHIN_S: Final = 60
"""What a replica tells has the time of its clock: not that of another clock, nor of the records."""
LOST_SHARE_WITHIN_S: Final = 45
"""A wish counts for 10 s after it was told last; then come a reading each 2 s and 1.2 s until more is used."""
NAMED_SESSION_MS: Final = 180_000
"""Longer than the test goes on after that: nobody takes the dead one's place meanwhile."""
BOTH: Final = 40
"""Events of the other one that come when its share has grown."""


def test_who_has_all_the_work_has_most_of_the_limit_and_lone_events_leave_at_once(
    make_job: MakeJob, standstills: StandStills
) -> None:
    """What the others do not need is given up at once; a slot stays for what comes to them now and then."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    one, *others = start(job, 3)
    (busy,) = partitions(one)
    job.produce(event_of(partition, partition) for partition in range(product.PARTITIONS))
    job.until_committed()
    job.produce(event_of(busy, number) for number in range(10, 2_000))
    until(lambda: is_fast(job.sandbox.events(), standstills), 60, "most of the limit is used")

    elsewhere = [partition for other in others for partition in partitions(other)]
    numbers = itertools.count(3_000)
    took_s = {partition: lone_events_s(job, standstills, partition, numbers) for partition in elsewhere}

    until(lambda: is_fast(job.sandbox.events(), standstills), 60, "most of the limit is used still")
    assert max(took_s.values()) <= LONE_WITHIN_S, took_s
    received = job.sandbox.received()
    calm = [entry for entry in received if not standstills.touch(entry.now, for_s=1.0)]
    assert oracles.refused_by_the_limit(calm) <= REFUSED_SHARE_MAX * len(received)


def test_what_each_replica_wants_stands_beside_its_offsets(make_job: MakeJob) -> None:
    """For whoever reads the group's commits: much while there is a backlog, told again and again, and then nothing."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    start(job, 2)
    job.produce(event_of(partition, partition) for partition in range(product.PARTITIONS))
    job.produce(event_of(0, number) for number in range(10, 130))

    (told,) = until(lambda: wishes(job, 0), 60, "the one with the backlog wants some of the limit")
    assert told.wants_per_s >= RATE_PER_S / product.PARTITIONS
    assert not told.idle
    assert abs(time.time() - told.wall_s) < WALL_WITHIN_S
    until(lambda: len(demands(job)) == product.PARTITIONS and not wanting(job), 60, "nobody wants any of it")


def test_what_a_dead_replica_wanted_does_not_stand_for_ever(make_job: MakeJob) -> None:
    """Its place is kept for it for longer, so nobody has its partitions; the other one may send more all the same."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    one, other, _ = start(job, 3, named=True)
    (ours, *_), (theirs, *_) = partitions(one), partitions(other)
    job.produce(event_of(partition, partition) for partition in range(product.PARTITIONS))
    job.produce(event_of(partition, number) for number in range(10, 600) for partition in (ours, theirs))
    until(lambda: {ours, theirs} <= wanting(job), 60, "both want much of the limit")
    until(lambda: used(job) >= RATE_PER_S - 2 and allowed(other) < MORE, 60, "it is all used, and shared")

    one.kill()
    until(lambda: allowed(other) >= MORE, LOST_SHARE_WITHIN_S, "the other one may send more")
    seen, so_far = (len(of_partition(job.sandbox.events(), partition)) for partition in (ours, theirs))
    until(lambda: len(of_partition(job.sandbox.events(), theirs)) >= so_far + BOTH, 60, "and does")

    assert seen == len(of_partition(job.sandbox.events(), ours))


def start(job: Job, replicas: int, *, named: bool = False) -> list[ConsumerProcess]:
    """So many replicas, each with a partition at least, those with the fewest first; ``named``: as static members."""
    consumers = []
    for number in range(replicas):
        if named:
            client = {**CLIENT, "session.timeout.ms": NAMED_SESSION_MS}
            job.configure(kafka={"client": client, "group_instance_id": f"pod-{number}"})
        consumers.append(job.start().until_ready())
    everything = list(range(product.PARTITIONS))
    until(lambda: sorted(itertools.chain(*map(partitions, consumers))) == everything, 60, "all are owned, once each")
    return sorted(consumers, key=lambda consumer: len(partitions(consumer)))


def event_of(partition: int, number: int) -> product.Made:
    """An event of a user of its own, in this partition."""
    return product.Made(number * product.PARTITIONS + partition, number * product.PARTITIONS + partition)


def of_partition(entries: Iterable[Entry], partition: int) -> list[int]:
    """The numbers of those that lay there."""
    return [number for number in numbers_of(entries) if number % product.PARTITIONS == partition]


def lone_events_s(job: Job, standstills: StandStills, partition: int, numbers: Iterator[int]) -> float:
    """Some events elsewhere, in the middle of others, until one was quick: seconds from produced to received."""
    took_s: list[float] = []
    while len(took_s) < 2 or (len(took_s) < LONE_EVENTS_MAX and min(took_s) > LONE_WITHIN_S):
        took_s.append(lone_event_s(job, standstills, event_of(partition, next(numbers))))
    return min(took_s)


def lone_event_s(job: Job, standstills: StandStills, event: product.Made) -> float:
    """Seconds from produced to received of one."""
    came = job.sandbox.received_count()
    job.produce([event])
    began = time.monotonic()
    arrived = until(lambda: moments_of(event, job.sandbox.received(came)), 60, "the lone event")
    job.sandbox.until_events(len(job.sandbox.events()) + APART, 60)
    return standstills.took_s(began, max(began, arrived[0]))


def moments_of(event: product.Made, entries: Iterable[Entry]) -> list[float]:
    """When its requests came."""
    return [entry.now for entry in entries if numbers_of([entry]) == [event.number]]


def is_fast(entries: Sequence[Entry], standstills: StandStills) -> bool:
    """Whether the last events came as fast as only one who has more than its part can send them."""
    return len(entries) >= MOST and standstills.took_s(entries[-MOST].now, entries[-1].now) <= MOST_WITHIN_S


def demands(job: Job) -> dict[int, Demand]:
    """What is told beside each partition's offset."""
    told = {number: demand_of(at.metadata, offset=at.offset) for number, at in job.commits().items()}
    return {number: demand for number, demand in told.items() if demand is not None}


def wishes(job: Job, partition: int) -> list[Demand]:
    """What its owner tells, where it wants some of the limit."""
    return [demand for number, demand in demands(job).items() if number == partition and demand.wants_per_s]


def wanting(job: Job) -> set[int]:
    """The partitions whose owners want some of the limit."""
    return {number for number, demand in demands(job).items() if demand.wants_per_s}


def used(job: Job) -> int:
    """How many events came within the last second of them."""
    events = job.sandbox.events()
    return sum(event.now > events[-1].now - 1 for event in events)


def allowed(consumer: ConsumerProcess) -> float:
    """A replica's own part of the limit."""
    return consumer.metric("loops_consumer_rate_allowed_requests_per_second")


def partitions(consumer: ConsumerProcess) -> list[int]:
    """Those that a consumer owns."""
    return [partition["partition"] for partition in consumer.status()["partitions"]]
