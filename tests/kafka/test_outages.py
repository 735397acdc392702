"""Loops is down, or refuses the key: nothing is lost, nothing becomes a dead letter, and it goes on by itself."""

from __future__ import annotations

from typing import Final

from tests.kafka import product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import MakeJob, numbers_of, sandbox_of
from tests.redaction import API_KEY
from tests.waiting import until

RECORDS: Final = 200
RATE_PER_S: Final = 50
DOWN_S: Final = 4
ONE_ATTEMPT: Final = {"attempts_max": 1, "backoff_min_s": 0.05, "backoff_max_s": 0.2}
"""Any failure that counted would be a dead letter."""


def test_an_outage_of_loops_costs_no_attempt(make_job: MakeJob) -> None:
    """503 for all, for a while: with one attempt allowed, all arrive."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.configure(delivery=ONE_ATTEMPT, loops={"outage_probe_max_s": 0.5})
    job.produce(product.make(RECORDS, users=20))
    consumer = job.start().until_ready()
    job.sandbox.until_events(40, 30)

    job.sandbox.inject(status=503, for_s=DOWN_S, body="html")
    until(lambda: consumer.status()["outages"], 10, "the outage is noticed")
    job.sandbox.until_events(RECORDS, 30)
    job.until_committed()

    assert list(range(RECORDS)) == sorted(numbers_of(job.sandbox.events()))
    assert nothing_was_given_up(consumer)
    assert consumer.status()["outages"] == []


def test_requests_that_are_reset_or_never_answered_are_sent_again(make_job: MakeJob) -> None:
    """Whether they took effect is not known; the key tells Loops that they are the same."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.configure(loops={"timeout_s": 1, "connect_timeout_s": 1, "outage_probe_max_s": 0.5})
    job.sandbox.inject(reset=True, after_effect=True, share=0.2, for_s=2)
    job.sandbox.inject(hang=True, after_effect=True, count=3)
    job.produce(product.make(RECORDS, users=20))
    consumer = job.start().until_ready()

    job.sandbox.until_events(RECORDS, 30)
    job.until_committed(within_s=30)

    assert list(range(RECORDS)) == sorted(numbers_of(job.sandbox.events()))
    assert consumer.metric("loops_consumer_finished_records_total", fate="dead_lettered") == 0


def test_a_refused_key_loses_nothing_and_a_new_file_goes_on_without_a_restart(make_job: MakeJob) -> None:
    """Kubernetes replaces the file of a secret; the process stays the same."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.environment = {}
    job.key_file.write_text("the-key-of-last-year\n")
    job.configure(delivery=ONE_ATTEMPT, loops={"api_key_file": job.key_file.name, "outage_probe_max_s": 0.5})
    job.produce(product.make(RECORDS, users=20))
    consumer = job.start().until_ready()
    until(lambda: consumer.status()["outages"], 20, "the outage is noticed")
    assert job.sandbox.events() == []
    assert sum(job.committed().values()) == 0

    renewed = job.key_file.with_suffix(".new")
    renewed.write_text(f"{API_KEY}\n")
    renewed.replace(job.key_file)
    job.sandbox.until_events(RECORDS, 30)
    job.until_committed()

    assert list(range(RECORDS)) == sorted(numbers_of(job.sandbox.events()))
    assert nothing_was_given_up(consumer)
    assert consumer.running


def nothing_was_given_up(consumer: ConsumerProcess) -> bool:
    """No failure counted and nothing became a dead letter."""
    counted = consumer.metric("loops_consumer_retries_total", counted="true")
    return counted == 0 and consumer.metric("loops_consumer_finished_records_total", fate="dead_lettered") == 0
