"""Figure 1: what a record costs that no rule wants."""

from __future__ import annotations

from statistics import median
from typing import Final

from tests.bench.bare import bare_reading
from tests.bench.figure import Baseline, Figure
from tests.bench.process_cost import cpu_s
from tests.bench.stand import RECORDS, WANTED_RECORDS, Stand
from tests.kafka.job import sandbox_of
from tests.waiting import until

__all__ = ["GOAL_US", "measure"]

GOAL_US: Final = 2.5
RUNS: Final = 3

_METHOD: Final = f"""\
{RECORDS:,} Segment records of 460 bytes lie in four partitions of a real Kafka, one in a hundred of them wanted. The
consumer reads, sends and commits all of it, and the CPU of its process (user and system, all threads, those of the
Kafka client among them) is read when the last offset is committed. A second run over the {WANTED_RECORDS:,} wanted
records alone costs the same for starting and for sending; the difference, divided by the unwanted records, is the
figure. Both are run {RUNS} times in turn, and the medians are taken. The sandbox answers at once and has no limit that
matters. Beside it, on the same topic and with the same client properties: a loop of `consume(1000)` that does nothing,
and one that reads each event's name with msgspec."""


def measure(stand: Stand) -> list[Figure]:
    """The figure, with both baselines."""
    runs = [(_cost_s(stand, stand.full_topic), _cost_s(stand, stand.wanted_topic)) for _ in range(RUNS)]
    everything_s, wanted_s = median(each[0] for each in runs), median(each[1] for each in runs)
    cost_us = (everything_s - wanted_s) / (RECORDS - WANTED_RECORDS) * 1e6
    servers = stand.kafka.bootstrap_servers
    baselines = (
        Baseline("consume(1000) alone", bare_reading(servers, stand.full_topic, RECORDS, "consume").cost_us),
        Baseline("and the name, by msgspec", bare_reading(servers, stand.full_topic, RECORDS, "decode").cost_us),
    )
    return [Figure("CPU of a record that no rule wants", "µs", cost_us, GOAL_US, _METHOD, baselines=baselines)]


def _cost_s(stand: Stand, topic: str) -> float:
    """Seconds of CPU from the process' start until all is committed."""
    with stand.job(sandbox_of(1_000_000), topic=topic) as job:
        job.configure(loops={"rate_per_s": 10_000, "on_wire_max": 50})
        consumer = job.start().until_ready()
        until(lambda: job.sandbox.received_count() >= WANTED_RECORDS, 120, "all wanted records are sent")
        job.until_committed(within_s=60)
        return cpu_s(consumer.pid)
