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
FEW_ATTEMPTS: Final = {"attempts_max": 2, "backoff_min_s": 0.05, "backoff_max_s": 0.2}
"""Two failures that counted would be a dead letter. One may count: of a request that was on the wire as the outage
began, while another's success came in."""


def test_an_outage_of_loops_gives_nothing_up(make_job: MakeJob) -> None:
    """503 for all, for a while: many probes later all arrive, and none has become a dead letter."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.configure(delivery=FEW_ATTEMPTS, loops={"outage_probe_max_s": 0.5})
    job.produce(product.make(RECORDS, users=20))
    consumer = job.start().until_ready()
    job.sandbox.until_events(40, 30)

    job.sandbox.inject(status=503, for_s=DOWN_S, body="html")
    until(lambda: consumer.status()["outages"], 10, "the outage is noticed")
    job.sandbox.until_events(RECORDS, 30)
    job.until_committed()

    assert list(range(RECORDS)) == sorted(numbers_of(job.sandbox.events()))
    assert dead_lettered(consumer) == 0
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
    assert dead_lettered(consumer) == 0


def test_a_refused_key_loses_nothing_and_a_new_file_goes_on_without_a_restart(make_job: MakeJob) -> None:
    """Kubernetes replaces the file of a secret; the process stays the same."""
    job = make_job(sandbox_of(RATE_PER_S))
    job.environment = {}
    job.key_file.write_text("the-key-of-last-year\n")
    job.configure(delivery=FEW_ATTEMPTS, loops={"api_key_file": job.key_file.name, "outage_probe_max_s": 0.5})
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
    assert dead_lettered(consumer) == 0
    assert consumer.metric("loops_consumer_retries_total", counted="true") == 0
    assert consumer.running


def dead_lettered(consumer: ConsumerProcess) -> float:
    """How many records were given up."""
    return consumer.metric("loops_consumer_finished_records_total", fate="dead_lettered")
