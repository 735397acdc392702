"""What one pod costs that is at the limit, and what a record more costs it: docs/capacity.md is computed from this."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tests.bench.figure import Baseline, Figure
from tests.bench.process_cost import cpu_s, resident_mb
from tests.bench.stand import Stand
from tests.bench.steady import steady
from tests.kafka.job import sandbox_of
from tests.kafka.product import PARTITIONS

__all__ = ["GOAL_M", "GOAL_MB", "Cost", "at_pace", "measure"]

GOAL_M: Final = 60
GOAL_MB: Final = 180
PER_S: Final = 1_000
SETTLED_AFTER_S: Final = 15
SECONDS: Final = 45
BARE_SECONDS: Final = 15
LIMIT_PER_S: Final = 10

_METHOD: Final = f"""\
A product produces {PER_S:,} records a second of 460 bytes (`linger.ms` 5), one every millisecond, to four partitions of
a real Kafka. One in a hundred is wanted, {LIMIT_PER_S} a second, and the sandbox takes {LIMIT_PER_S} a second: the
limit. The consumer is a process with the shipped settings, of which `/metrics` is read every 15 s. CPU of the process
(user and system, all threads) is read over {SECONDS} s, from {SETTLED_AFTER_S} s after it is ready; 1 m is a thousandth
of a core. Memory is its resident memory at the end. Beside it, on such a topic: a process that does nothing but `poll`
of confluent-kafka, with the client's default fetch settings and with ours, for {BARE_SECONDS} s each."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process."""

    cpu_m: float
    """Thousandths of a core."""
    memory_mb: float
    records_per_s: float
    """Received."""
    requests_per_s: float
    """Finished at Loops."""


def measure(stand: Stand) -> list[Figure]:
    """CPU and memory of a pod at the limit, for a topic of a thousand records a second."""
    cost = at_pace(stand, PER_S, SECONDS)
    bare = [Baseline(f"poll alone, {which} fetch settings", _bare_m(stand, which)) for which in ("default", "shipped")]
    return [
        Figure(
            "one pod at the limit, 1,000 records a second: CPU", "m", cost.cpu_m, GOAL_M, _METHOD, baselines=(*bare,)
        ),
        Figure("one pod at the limit, 1,000 records a second: memory", "MB", cost.memory_mb, GOAL_MB, _METHOD),
    ]


def at_pace(stand: Stand, per_s: int, seconds: int, *, limit_per_s: int = LIMIT_PER_S) -> Cost:
    """What the consumer costs while so many records a second come; 0: none."""
    never = threading.Event()
    with stand.job(sandbox_of(limit_per_s, latency_s=0.03, jitter_s=0.02)) as job:
        job.configure(kafka={"client": {}}, loops={"rate_per_s": "auto"})
        consumer = job.start().until_ready()

        def at() -> tuple[float, float]:
            return cpu_s(consumer.pid), consumer.metric("loops_consumer_received_records_total")

        def taken() -> Cost:
            never.wait(SETTLED_AFTER_S)
            before_s, received = at()
            requests = job.sandbox.received_count()
            for _ in range(seconds // 15):
                never.wait(15)
                consumer.page("/metrics")
            after_s, now = at()
            sent = job.sandbox.received_count() - requests
            memory_mb = resident_mb(consumer.pid)
            return Cost(1000 * (after_s - before_s) / seconds, memory_mb, (now - received) / seconds, sent / seconds)

        if not per_s:
            return taken()
        with steady(job.kafka.bootstrap_servers, job.topic, per_s, 2 * SETTLED_AFTER_S + 2 * seconds):
            return taken()


def _bare_m(stand: Stand, which: Literal["default", "shipped"]) -> float:
    topic = stand.kafka.new_topic(PARTITIONS)
    servers = stand.kafka.bootstrap_servers
    command = [sys.executable, "-m", "tests.bench.bare_pace", servers, topic, which, str(BARE_SECONDS)]
    with steady(servers, topic, PER_S, 4 * BARE_SECONDS):
        ran = subprocess.run(  # noqa: S603 - this Python, and words of ours
            command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=120
        )
    return float(ran.stdout)
