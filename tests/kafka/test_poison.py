"""One contact that fails, is refused, or has a thousand records waiting: the others do not notice."""

from __future__ import annotations

import time
from typing import Final

import pytest

from tests.kafka import oracles, product
from tests.kafka.job import MakeJob, sandbox_of
from tests.waiting import until

RATE_PER_S: Final = 100
HOT: Final = 0
FAILING: Final = 1
HANGING: Final = 2
WAITING: Final = 1_000
OTHERS: Final = 12
EACH: Final = 40

PASSED_WITHIN_S: Final = 1.0
"""From a refusal to a commit that has passed it."""


@pytest.mark.timeout(90)
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
    job.sandbox.until_events(RATE_PER_S, 30)

    others = [product.Made(HANGING + 1 + number % OTHERS, 2 * WAITING + number) for number in range(OTHERS * EACH)]
    began = time.monotonic()
    job.produce(others)
    until(lambda: oracles.lost(others, oracles.sightings(job.sandbox.received())) == [], 60, "the others are done")
    took_s = time.monotonic() - began
    hot_left = oracles.lost(troubled, oracles.sightings(job.sandbox.received()))
    job.sandbox.heal()
    job.sandbox.until_events(len(troubled) + len(others), 60)
    job.until_committed()

    seen = oracles.sightings(job.sandbox.received())
    assert [] == oracles.twice_in_effect(seen)
    assert [] == oracles.out_of_order(seen)
    assert len(hot_left) > WAITING // 2, "the hot contact had records waiting all the while"
    assert took_s <= fair_s()


def fair_s() -> float:
    """How long the others may take where each contact has one place in the queue; and 2 s until they are read."""
    return OTHERS * EACH / RATE_PER_S * (OTHERS + 3) / OTHERS + 2.0


def test_the_commit_passes_a_refused_record_within_a_second(make_job: MakeJob) -> None:
    """Its dead letter is confirmed first; the neighbours of its partition wait for nothing else."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.sandbox.inject(body_contains="user-4@example.com", status=400)
    made = [product.Made(4 * (number % 3), number) for number in range(60)]
    job.produce(made)
    job.start().until_ready()
    until(lambda: len(job.sandbox.received()) >= len(made), 30, "all have been sent")

    job.until_committed({0: len(made)}, within_s=PASSED_WITHIN_S)

    assert 20 == len(job.letters(20))
