"""Figure 4: how soon an event is at Loops when nothing else happens."""

from __future__ import annotations

import threading
import time
from random import Random
from statistics import median, quantiles
from typing import Final

from confluent_kafka import Producer

from tests.bench.figure import Figure
from tests.bench.stand import Stand
from tests.kafka import product
from tests.kafka.job import numbers_of, sandbox_of
from tests.waiting import until

__all__ = ["GOAL_MEDIAN_MS", "GOAL_P99_MS", "measure"]

GOAL_MEDIAN_MS: Final = 20
GOAL_P99_MS: Final = 100
EVENTS: Final = 300
WAIT_S: Final = (0.05, 0.15)
RATE_PER_S: Final = 100
"""Above what comes, so that the pacer holds nothing back: ten a second is the mean of what is produced."""

_METHOD: Final = f"""\
{EVENTS} events of as many users, one every {WAIT_S[0] * 1000:g} to {WAIT_S[1] * 1000:g} ms at random, `rate_per_s`
{RATE_PER_S} so that nothing waits for the pacer. The time runs from just before the call of the producer (`linger.ms`
0, acknowledged by the broker) to the moment at which the sandbox counted the request. One event before the first is not
counted: it opens the connections. The measurement begins when the replica has its part of the rate, 1.2 s after it was
born."""


def measure(stand: Stand) -> list[Figure]:
    """Median and 99th of a hundred."""
    waits = [1000 * each for each in _waits_s(stand)]
    p99 = quantiles(waits, n=100, method="inclusive")[98]
    return [
        Figure("produced to received, median", "ms", median(waits), GOAL_MEDIAN_MS, _METHOD),
        Figure("produced to received, 99th of 100", "ms", p99, GOAL_P99_MS, _METHOD),
    ]


def _waits_s(stand: Stand) -> list[float]:
    never, random = threading.Event(), Random(3)  # noqa: S311 - the same each time
    produced: dict[int, float] = {}
    with stand.job(sandbox_of(RATE_PER_S)) as job:
        consumer = job.start().until_ready()
        until(lambda: consumer.status()["rate"]["allowed_per_s"] == RATE_PER_S, 10, "the rate of a settled replica")
        producer = Producer({"bootstrap.servers": stand.kafka.bootstrap_servers, "linger.ms": 0})
        for event in product.make(EVENTS + 1, users=EVENTS + 1):
            value = event.value()
            produced[event.number] = time.monotonic()
            producer.produce(job.topic, value, event.key, event.partition)
            producer.flush(10)
            never.wait(random.uniform(*WAIT_S))
        arrived = job.sandbox.until_events(EVENTS + 1, 30)
    came = dict(zip(numbers_of(arrived), (entry.now for entry in arrived), strict=True))
    return [came[number] - produced[number] for number in range(1, EVENTS + 1)]
