"""Whatever is answered in Loops' place: memory stays bounded, nothing is lost, and it goes on by itself."""

from __future__ import annotations

from typing import Final

import orjson

from tests.kafka import product
from tests.kafka.hostile_loops import BAD_ANSWERS, HostileLoops
from tests.kafka.job import MakeJob
from tests.kafka.peak_memory import forget_peak, peak_mb
from tests.waiting import until

RECORDS: Final = 40
ROUNDS: Final = 2
GROWS_MB_MAX: Final = 16
"""Ten answers at once hold 64 KiB each, and as much in the buffers of their connections."""


def test_no_answer_costs_memory_or_a_record(make_job: MakeJob) -> None:
    """Each bad answer comes twice; none makes a dead letter. Once answers are good, every event arrives."""
    job = make_job()
    with HostileLoops() as loops:
        job.configure(
            loops={"base_url": loops.base_url, "timeout_s": 0.6, "connect_timeout_s": 0.6, "outage_probe_max_s": 0.5},
            delivery={"attempts_max": 2, "backoff_min_s": 0.05, "backoff_max_s": 0.2},
        )
        consumer = job.start().until_ready()
        before_mb = forget_peak(consumer.pid)
        job.produce(product.make(RECORDS, users=20))
        until(lambda: min(loops.given.get(name, 0) for name in BAD_ANSWERS) >= ROUNDS, 150, "all bad answers are given")
        grown_mb = peak_mb(consumer.pid) - before_mb

        assert grown_mb <= GROWS_MB_MAX
        assert consumer.page("/livez")[0] == consumer.page("/readyz")[0] == 200
        assert 0 == consumer.metric("loops_consumer_dead_letters_total")
        assert 0 == consumer.metric("loops_consumer_requests_total", verdict="refused")
        assert set(job.committed().values()) <= {0}

        loops.heal()
        job.until_committed(within_s=60)

    sent = {orjson.loads(body)["eventProperties"]["number"] for body in loops.taken if body}
    assert set(range(RECORDS)) == sent
