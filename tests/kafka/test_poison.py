"""One contact that fails, is refused, or has a thousand records waiting: the others do not notice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

from confluent_kafka import Consumer, TopicPartition

from tests.kafka import oracles, product
from tests.kafka.job import Job, MakeJob, sandbox_of
from tests.kafka.standstills import StandStills
from tests.waiting import until

RATE_PER_S: Final = 100
HOT: Final = 0
FAILING: Final = 1
HANGING: Final = 2
WAITING: Final = 1_000
OTHERS: Final = 12
EACH: Final = 40
MEANWHILE_MAX: Final = 2 * EACH
"""Requests of one troubled contact, from the first of the others to their last, each of which has ``EACH``: as many as
any other contact's, and some while theirs are running out. One that had all it could get would have hundreds."""

PASSED_WITHIN_S: Final = 1.0
"""From a refusal to a commit that has passed it."""
ROUNDS_MAX: Final = 3
ROUND: Final = 60


def test_a_hot_contact_and_failing_ones_take_one_place_each_and_no_more(make_job: MakeJob) -> None:
    """The others share the rate with them as with any other contact, in each partition."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.configure(delivery={"attempts_max": 1_000, "backoff_max_s": 1.0}, loops={"timeout_s": 5})
    job.sandbox.inject(body_contains=f"user-{FAILING}@example.com", status=500)
    job.sandbox.inject(body_contains=f"user-{HANGING}@example.com", hang=True)
    troubled = [product.Made(HOT, number) for number in range(WAITING)]
    troubled += [product.Made(user, WAITING + user) for user in (FAILING, HANGING)]
    job.produce(troubled)
    job.start().until_ready()
    job.sandbox.until_events(RATE_PER_S, 60)

    others = [product.Made(HANGING + 1 + number % OTHERS, 2 * WAITING + number) for number in range(OTHERS * EACH)]
    job.produce(others)
    before = job.sandbox.received_count()
    until(lambda: job.sandbox.received_count() >= before + len(others) and done(job, others), 60, "the others are done")
    seen = oracles.sightings(job.sandbox.received())
    hot_left = oracles.lost(troubled, seen)
    job.sandbox.heal()
    job.sandbox.until_events(len(troubled) + len(others), 60)
    job.until_committed()

    places = [place for place, each in enumerate(seen) if each.user > HANGING]
    meanwhile = Counter(each.user for each in seen[places[0] : places[-1]] if each.user <= HANGING)
    assert len(hot_left) > 2, "the hot contact had records waiting all the while"
    assert max(meanwhile.values()) <= MEANWHILE_MAX, meanwhile
    seen = oracles.sightings(job.sandbox.received())
    assert [] == oracles.twice_in_effect(seen)
    assert [] == oracles.out_of_order(seen)


def done(job: Job, events: Sequence[product.Made]) -> bool:
    """Whether all of these have taken effect."""
    return [] == oracles.lost(events, oracles.sightings(job.sandbox.received()))


def test_the_commit_passes_a_refused_record_within_a_second(make_job: MakeJob, standstills: StandStills) -> None:
    """Its dead letter is confirmed first; the neighbours of its partition wait for nothing else. The best of a few."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.sandbox.inject(body_contains="user-4@example.com", status=400)
    job.start().until_ready()
    took_s: list[float] = []
    while len(took_s) < ROUNDS_MAX and min(took_s, default=2 * PASSED_WITHIN_S) > PASSED_WITHIN_S:
        first = len(took_s) * ROUND
        job.produce(product.Made(4 * (number % 3), number) for number in range(first, first + ROUND))
        answered_at = until(lambda count=first + ROUND: last_of(job, count), 60, "all have been answered")  # type: ignore[misc]  # mypy infers no default in a lambda
        took_s.append(standstills.took_s(answered_at, committed_at(job, first + ROUND)))

    letters = len(took_s) * ROUND // 3
    assert letters == len(job.letters(letters))
    assert min(took_s) <= PASSED_WITHIN_S, took_s


def last_of(job: Job, count: int) -> float:
    """When the last of so many came to its end; 0 while they have not."""
    moments = [entry.now for entry in job.sandbox.received() if entry.status in {200, 400}]
    return moments[-1] if len(moments) >= count else 0.0


def committed_at(job: Job, offset: int) -> float:
    """When the first partition's commit was seen there, by a client that only asks."""
    client = Consumer({"bootstrap.servers": job.kafka.bootstrap_servers, "group.id": job.group, "log_level": 0})
    asked = [TopicPartition(job.topic, 0)]
    try:
        until(lambda: client.committed(asked, timeout=60)[0].offset >= offset, 60, f"a commit at {offset}")
        return time.monotonic()
    finally:
        client.close()
