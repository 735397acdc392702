"""The consumer is killed, again and again, while thousands of records are finished above those that are not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final

from consumer.core.completions import Completions, decode
from tests.kafka import oracles, product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import CLIENT, Job, MakeJob, sandbox_of
from tests.kafka.standstills import StandStills
from tests.waiting import until

KILLS: Final = 6
OTHERS: Final = 2_000
"""Events of contacts whose requests go through; as many more are of contacts whose requests do not."""
BETWEEN_KILLS: Final = OTHERS // KILLS
RATE_PER_S: Final = 200
ON_WIRE_MAX: Final = 10
"""What it is by itself at Loops' own rate; here, with twenty times that, it would be more. So many may leave again."""
SCATTERED_MIN: Final = 1_800
"""Completions above the watermarks by the last kill."""

SHARED: Final = 600
SHARED_RATE_PER_S: Final = 40
SILENT_MAX_S: Final = CLIENT["session.timeout.ms"] / 1000 + 9.0
"""How long a partition may be silent by a kill: the session, then two rounds of the group and the rate's settling. It
takes 7 s where nothing else runs, and 10 beside other programs; a session more is too long."""

HELD_UP: Final[Mapping[int, Mapping[str, Any]]] = {
    0: {"hang": True},
    1: {"status": 500},
    2: {"hang": True, "after_effect": True},
    3: {"status": 503, "body": "html"},
}
"""In each partition one contact of which no request comes to an end, and what happens to them."""

SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "kafka": {"group_instance_id": "pod-0"},
    "delivery": {"attempts_max": 1_000, "backoff_max_s": 1.0},
    "loops": {"on_wire_max": ON_WIRE_MAX, "timeout_s": 5},
}


def test_six_kills_with_two_thousand_scattered_completions(make_job: MakeJob) -> None:
    """Nothing is lost, nothing takes effect twice, all is in order; each time only what was on the wire comes again."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.configure(**SETTINGS)
    for user, fault in HELD_UP.items():
        job.sandbox.inject(body_contains=f"user-{user}@example.com", **fault)
    made = list(interleaved())
    job.produce(made)
    ends: list[int] = []
    kept: list[int] = []
    consumer = job.start()
    for number in range(1, KILLS + 1):
        job.sandbox.until_events(number * BETWEEN_KILLS, 60)
        consumer.kill()
        ends.append(job.sandbox.received_count_of_ended())
        consumer = job.start()
        kept.append(completions(job))
    job.sandbox.until_events(OTHERS, 60)
    job.sandbox.heal()
    job.sandbox.until_events(len(made), 60)
    job.until_committed()

    seen = oracles.sightings(job.sandbox.received())
    again = [len(numbers) for numbers in oracles.again(seen, ends)]
    assert [] == oracles.lost(made, seen)
    assert [] == oracles.twice_in_effect(seen)
    assert [] == oracles.out_of_order(seen)
    assert [] == oracles.together_on_the_wire(seen, ends=ends)
    assert max(again) <= ON_WIRE_MAX, again
    assert kept[-1] >= SCATTERED_MIN, kept
    assert kept == sorted(kept)


def test_a_killed_replica_that_comes_back_holds_the_other_up_until_its_session_is_over_and_no_longer(
    make_job: MakeJob, standstills: StandStills
) -> None:
    """The group waits for the killed one, and the other's commits wait for the group: it keeps within its ten."""
    job = make_job(sandbox_of(SHARED_RATE_PER_S))
    job.configure(loops={"on_wire_max": ON_WIRE_MAX})
    first, killed = job.start().until_ready(), job.start().until_ready()
    until(lambda: partitions(first) == partitions(killed) == product.PARTITIONS // 2, 60, "each has its half")
    made = product.make(SHARED, users=40)
    job.produce(made)
    job.sandbox.until_events(100, 60)

    killed.kill()
    ends = [job.sandbox.received_count()]
    job.start()
    job.sandbox.until_events(SHARED, 60)
    job.until_committed()

    seen = oracles.sightings(job.sandbox.received())
    assert [] == oracles.lost(made, seen)
    assert [] == oracles.twice_in_effect(seen)
    assert [] == oracles.out_of_order(seen)
    assert [] == oracles.together_on_the_wire(seen, ends=ends)
    assert len(oracles.repeated(seen)) <= ON_WIRE_MAX
    silent_s = oracles.silences_s(seen, standstills.took_s)
    assert max(silent_s.values()) <= SILENT_MAX_S, silent_s


def partitions(consumer: ConsumerProcess) -> int:
    """How many a consumer owns."""
    return len(consumer.status()["partitions"])


def interleaved() -> Iterator[product.Made]:
    """In each partition in turn, one of the contact that is held up and one of another."""
    users = itertools.cycle(range(product.PARTITIONS, 26 * product.PARTITIONS))
    for number, user in zip(range(OTHERS), users, strict=False):
        yield product.Made(user % product.PARTITIONS, 2 * number)
        yield product.Made(user, 2 * number + 1)


def completions(job: Job) -> int:
    """How many offsets above the watermarks the commits call finished."""
    count = 0
    for commit in job.commits().values():
        found = decode(commit.metadata, offset=commit.offset)
        assert isinstance(found, Completions)
        count += sum(last - first + 1 for first, last in found.runs)
    return count
