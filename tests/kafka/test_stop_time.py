"""How long a consumer takes to end."""

from __future__ import annotations

import time
from typing import Final

from tests.kafka.feeding import Feeding
from tests.kafka.job import Job, MakeJob, sandbox_of
from tests.kafka.standstills import StandStills
from tests.waiting import until

RATE_PER_S: Final = 20
LATENCY_S: Final = 2.0
MORE_S: Final = 1.0
"""What ending may take beside the slowest request on the wire."""
AHEAD: Final = 160
STOPS_MAX: Final = 3


def test_from_sigterm_to_the_end_it_takes_the_slowest_request_and_a_second(
    make_job: MakeJob, standstills: StandStills
) -> None:
    """With a request that has only just left: finish it, commit it, leave the group, end with 0.

    The best of a few stops counts; at each of them all that arrived is committed.
    """
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    took_s: list[float] = []
    with Feeding(job, users=40, ahead=AHEAD):
        while len(took_s) < STOPS_MAX and min(took_s, default=LATENCY_S + 2 * MORE_S) > LATENCY_S + MORE_S:
            took_s.append(stop_s(job, standstills))
            assert job.finished() == len(job.sandbox.events())

    assert min(took_s) <= LATENCY_S + MORE_S, took_s


def stop_s(job: Job, standstills: StandStills) -> float:
    """Lets a consumer send for a while, and ends it; how many seconds that took."""
    before = job.sandbox.received_count()
    consumer = job.start().until_ready()
    until(lambda: job.sandbox.received_count() >= before + RATE_PER_S, 60, "requests are on the wire")

    came = job.sandbox.received_count()
    until(lambda: job.sandbox.received_count() > came, 60, "one more has just left")
    began = time.monotonic()
    consumer.terminate()
    assert 0 == consumer.exit_code()
    return standstills.took_s(began, time.monotonic())
