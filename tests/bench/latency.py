"""Figure 4: how soon an event is at Loops when nothing else happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from random import Random
from statistics import median, quantiles
from typing import Final

from confluent_kafka import Producer

from tests.bench.figure import Figure
from tests.bench.stand import Stand
from tests.kafka import product
from tests.kafka.job import Job, numbers_of, sandbox_of
from tests.waiting import until

__all__ = ["GOAL_MEDIAN_MS", "GOAL_P99_MS", "measure", "p99", "produce_one_by_one", "waits_s"]

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
    waits = [1000 * each for each in waits_s(stand, RATE_PER_S, EVENTS, WAIT_S)]
    return [
        Figure("produced to received, median", "ms", median(waits), GOAL_MEDIAN_MS, _METHOD),
        Figure("produced to received, 99th of 100", "ms", p99(waits), GOAL_P99_MS, _METHOD),
    ]


def p99(values: Sequence[float]) -> float:
    """The 99th of a hundred."""
    return quantiles(values, n=100, method="inclusive")[98]


def waits_s(stand: Stand, rate_per_s: int, count: int, every_s: tuple[float, float]) -> list[float]:
    """How long each of so many events took from the product to Loops, whose limit this is.

    One is produced ``every_s``, from the least to the most at random.
    """
    with stand.job(sandbox_of(rate_per_s)) as job:
        consumer = job.start().until_ready()
        until(lambda: consumer.status()["rate"]["allowed_per_s"] == rate_per_s, 10, "the rate of a settled replica")
        produced = produce_one_by_one(job, product.make(count + 1, users=count + 1), every_s)
        arrived = job.sandbox.until_events(count + 1, 30)
    came = dict(zip(numbers_of(arrived), (entry.now for entry in arrived), strict=True))
    return [came[number] - produced[number] for number in range(1, count + 1)]


def produce_one_by_one(
    job: Job, events: Iterable[product.Made], every_s: tuple[float, float], *, partitions: int = product.PARTITIONS
) -> dict[int, float]:
    """Produces one event after the other, with waits between them; returns when each was, by its number."""
    never, random = threading.Event(), Random(3)  # noqa: S311 - the same each time
    producer = Producer({"bootstrap.servers": job.kafka.bootstrap_servers, "linger.ms": 0})
    produced: dict[int, float] = {}
    for event in events:
        value = event.value()
        produced[event.number] = time.monotonic()
        producer.produce(job.topic, value, event.key, event.user % partitions)
        producer.flush(10)
        never.wait(random.uniform(*every_s))
    return produced
