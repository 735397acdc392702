"""How long a consumer takes to end."""

from __future__ import annotations

import time
from typing import Final

from tests.kafka import oracles, product
from tests.kafka.job import MakeJob, sandbox_of
from tests.waiting import until

RATE_PER_S: Final = 20
LATENCY_S: Final = 2.0
MORE_S: Final = 1.0
"""What ending may take beside the slowest request on the wire."""
RECORDS: Final = 200


def test_from_sigterm_to_the_end_it_takes_the_slowest_request_and_a_second(make_job: MakeJob) -> None:
    """With a request that has only just left: finish it, commit it, leave the group, end with 0."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    made = product.make(RECORDS, users=40)
    job.produce(made)
    consumer = job.start().until_ready()
    until(lambda: job.sandbox.received_count() >= RATE_PER_S, 30, "requests are on the wire")

    came = job.sandbox.received_count()
    until(lambda: job.sandbox.received_count() > came, 10, "one more has just left")
    consumer.terminate()
    began = time.monotonic()
    assert 0 == consumer.exit_code(within_s=LATENCY_S + 10)
    took_s = time.monotonic() - began
    assert took_s <= LATENCY_S + MORE_S, f"{took_s:.2f} s\n{consumer.tail()}"
    arrived = oracles.sightings(job.sandbox.received())
    assert sum(job.committed().values()) == len(arrived)
