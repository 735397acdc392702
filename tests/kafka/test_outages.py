"""Loops is down, or refuses the key: nothing is lost, nothing becomes a dead letter, and it goes on by itself."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.kafka import oracles, product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.feeding import Feeding
from tests.kafka.job import Job, MakeJob, numbers_of, sandbox_of
from tests.kafka.standstills import StandStills
from tests.redaction import API_KEY
from tests.waiting import until

RECORDS: Final = 200
RATE_PER_S: Final = 50
PROBES: Final = 8
"""So many meet an outage: at least four seconds of it."""
FEW_ATTEMPTS: Final = {"attempts_max": 2, "backoff_min_s": 0.05, "backoff_max_s": 0.2}
"""Two failures that counted would be a dead letter. One may count: of a request that was on the wire as the outage
began, while another's success came in."""

OUTAGES: Final[tuple[tuple[float, Mapping[str, Any]], ...]] = (
    (15.0, {"status": 503, "body": "html"}),
    (5.0, {"reset": True, "after_effect": True}),
    (5.0, {"status": 401}),
)
"""One after the other: for how many seconds, and what happens to every request."""
FULL_PER_S: Final = 50
"""A limit that a busy machine can use up."""
FULL: Final = 45
"""So many within a second are the full rate."""
AHEAD: Final = 2 * FULL_PER_S
"""Events that wait at least: to get to the full rate there must be enough to send."""
BURST_MAX: Final = 1.5 * FULL_PER_S
"""In any second, as they arrive: what left a moment over a second apart may arrive closer. What had been held back
would be far more; a sender that forgets what it sent before has twice the limit."""
AGAIN_WITHIN_S: Final = 5.0
FULL_WITHIN_S: Final = 10.0
DURING_MAX: Final = 25
"""Requests in an outage: what left until it was noticed, and then probes, which grow to four seconds apart."""


def test_three_outages_in_a_run_each_end_by_themselves_and_without_a_burst(
    make_job: MakeJob, standstills: StandStills
) -> None:
    """503, lost answers, 401: a few probes meanwhile; soon after each it sends again, and then at the full rate."""
    job = make_job(sandbox_of(FULL_PER_S))
    with Feeding(job, users=40, ahead=AHEAD) as product_of_job:
        consumer = job.start().until_ready()
        until(lambda: full_second_at(answers(job)), 60, "the full rate at first")
        for for_s, fault in OUTAGES:
            during, again_after_s, full_after_s = outage(job, standstills, for_s, fault)
            assert during <= DURING_MAX, fault
            assert again_after_s <= AGAIN_WITHIN_S, fault
            assert full_after_s <= FULL_WITHIN_S, fault
    job.sandbox.until_events(len(product_of_job.made), 60)
    job.until_committed()

    received = job.sandbox.received()
    seen = oracles.sightings(received)
    calm = [entry.now for entry in received if not standstills.touch(entry.now, for_s=1.0)]
    assert oracles.most_within(calm) <= BURST_MAX
    assert [] == oracles.lost(product_of_job.made, seen)
    assert [] == oracles.twice_in_effect(seen)
    assert [] == oracles.out_of_order(seen)
    assert [] == oracles.together_on_the_wire(seen)
    assert dead_lettered(consumer) == 0


def test_an_outage_of_loops_gives_nothing_up(make_job: MakeJob) -> None:
    """503 for all, for a while: many probes later all arrive, and none has become a dead letter."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.configure(delivery=FEW_ATTEMPTS, loops={"outage_probe_max_s": 0.5})
    with Feeding(job, users=20, ahead=2 * RATE_PER_S) as product_of_job:
        consumer = job.start().until_ready()
        job.sandbox.until_events(40, 60)

        fault = job.sandbox.inject(status=503, body="html")
        until(lambda: consumer.status()["outages"], 60, "the outage is noticed")
        noticed = met(job, fault)
        until(lambda: met(job, fault) >= noticed + PROBES, 60, "probes meet it")
        job.sandbox.heal()
    records = len(product_of_job.made)
    job.sandbox.until_events(records, 60)
    job.until_committed()

    assert list(range(records)) == sorted(numbers_of(job.sandbox.events()))
    assert dead_lettered(consumer) == 0
    assert consumer.status()["outages"] == []


def test_requests_that_are_reset_or_never_answered_are_sent_again(make_job: MakeJob) -> None:
    """Whether they took effect is not known; the key tells Loops that they are the same."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.configure(loops={"timeout_s": 1, "connect_timeout_s": 1, "outage_probe_max_s": 0.5})
    job.sandbox.inject(reset=True, after_effect=True, share=0.2, count=10)
    job.sandbox.inject(hang=True, after_effect=True, count=3)
    job.produce(product.make(RECORDS, users=20))
    consumer = job.start().until_ready()

    job.sandbox.until_events(RECORDS, 60)
    job.until_committed()

    assert list(range(RECORDS)) == sorted(numbers_of(job.sandbox.events()))
    assert dead_lettered(consumer) == 0


def test_a_refused_key_loses_nothing_and_a_new_file_goes_on_without_a_restart(make_job: MakeJob) -> None:
    """Kubernetes replaces the file of a secret; the process stays the same."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.environment = {}
    job.key_file.write_text("the-key-of-last-year\n")
    job.configure(delivery=FEW_ATTEMPTS, loops={"api_key_file": job.key_file.name, "outage_probe_max_s": 0.5})
    job.produce(product.make(RECORDS, users=20))
    consumer = job.start().until_ready()
    until(lambda: consumer.status()["outages"], 60, "the outage is noticed")
    assert job.sandbox.events() == []
    assert sum(job.committed().values()) == 0

    renewed = job.key_file.with_suffix(".new")
    renewed.write_text(f"{API_KEY}\n")
    renewed.replace(job.key_file)
    job.sandbox.until_events(RECORDS, 60)
    job.until_committed()

    assert list(range(RECORDS)) == sorted(numbers_of(job.sandbox.events()))
    assert dead_lettered(consumer) == 0
    assert consumer.metric("loops_consumer_retries_total", counted="true") == 0
    assert consumer.running


def dead_lettered(consumer: ConsumerProcess) -> float:
    """How many records were given up."""
    return consumer.metric("loops_consumer_finished_records_total", fate="dead_lettered")


def met(job: Job, fault: int) -> int:
    """How many requests met this fault."""
    return sum(entry.fault == fault for entry in job.sandbox.received())


def outage(job: Job, standstills: StandStills, for_s: float, fault: Mapping[str, Any]) -> tuple[int, float, float]:
    """Has one, and waits until it is overcome.

    Returns how many requests met it, and how many seconds after its end the first one was answered and the first full
    second was over.
    """
    number = job.sandbox.inject(**fault)
    end = time.monotonic() + for_s
    until(lambda: time.monotonic() >= end, for_s + 60, "its time is over")
    healed = time.monotonic()
    job.sandbox.heal()
    came = job.sandbox.received_count()
    full_at = until(lambda: full_second_at(answers(job, came)) or 0.0, 60, "a full second")
    again_after_s = standstills.took_s(healed, answers(job, came)[0])
    return met(job, number), again_after_s, standstills.took_s(healed, full_at)


def answers(job: Job, after: int = 0) -> list[float]:
    """The moments at which Loops took an event, or knew it, without the first so many requests."""
    return [seen.at for seen in oracles.sightings(job.sandbox.received(after)) if seen.status in {200, 409}]


def full_second_at(moments: Sequence[float]) -> float | None:
    """When the first second with the full rate was over; None where there was none yet."""
    return next((last for first, last in zip(moments, moments[FULL - 1 :], strict=False) if last - first < 1), None)
