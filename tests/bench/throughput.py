"""Figure 3: how many requests a second one process makes, and what each costs."""

from __future__ import annotations

from statistics import median
from typing import Final

from tests.bench.bare_http import bare_request_cost_us
from tests.bench.figure import Baseline, Figure
from tests.bench.process_cost import cpu_s
from tests.bench.stand import Stand
from tests.kafka import product
from tests.kafka.job import sandbox_of
from tests.kafka.sandbox_thread import SandboxThread
from tests.waiting import until

__all__ = ["GOAL_COST_US", "GOAL_PER_S", "measure"]

GOAL_PER_S: Final = 450
GOAL_COST_US: Final = 400
RATE_PER_S: Final = 500
LATENCY_S: Final = 0.02
ON_WIRE_MAX: Final = 20
REQUESTS: Final = 10_000
USERS: Final = 2_000

RUNS: Final = 3

_METHOD: Final = f"""\
The sandbox takes {LATENCY_S * 1000:g} ms for each answer and {RATE_PER_S} requests a second; `rate_per_s` is
{RATE_PER_S} and `on_wire_max` {ON_WIRE_MAX}. {REQUESTS:,} events of {USERS:,} users are produced when the consumer is
ready. Requests a second are counted from the first to the last that the sandbox received; the CPU of the consumer's
process from before the first record was produced until the last offset was committed is divided by the requests. It is
run {RUNS} times, and the medians are taken. Beside it: {ON_WIRE_MAX} workers, each of which sends one event after the
other to a sandbox with the same latency through a bare aiohttp session."""


def measure(stand: Stand) -> list[Figure]:
    """Requests a second, and CPU of each."""
    runs = [_run(stand) for _ in range(RUNS)]
    with SandboxThread(sandbox_of(1_000_000, latency_s=LATENCY_S)) as sandbox:
        bare = Baseline("aiohttp alone", bare_request_cost_us(sandbox.base_url, REQUESTS, ON_WIRE_MAX))
    return [
        Figure("requests of one process", "/s", median(each[0] for each in runs), GOAL_PER_S, _METHOD, at_least=True),
        Figure("CPU of a request", "µs", median(each[1] for each in runs), GOAL_COST_US, _METHOD, baselines=(bare,)),
    ]


def _run(stand: Stand) -> tuple[float, float]:
    """Requests a second, and µs of CPU of each."""
    with stand.job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S)) as job:
        job.configure(loops={"on_wire_max": ON_WIRE_MAX})
        consumer = job.start().until_ready()
        before_s = cpu_s(consumer.pid)
        job.produce(product.make(REQUESTS, users=USERS))
        until(lambda: job.sandbox.received_count() >= REQUESTS, 120, "all is sent")
        job.until_committed()
        cost_us = (cpu_s(consumer.pid) - before_s) / REQUESTS * 1e6
        times = [entry.now for entry in job.sandbox.events()]
    return (len(times) - 1) / (times[-1] - times[0]), cost_us
