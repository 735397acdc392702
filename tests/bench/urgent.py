"""How soon an event leaves that is of high priority in a backlog, and one below the limit."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any, Final

from tests.bench.figure import Figure
from tests.bench.latency import GOAL_MEDIAN_MS, p99, produce_one_by_one, waits_s
from tests.bench.stand import Stand
from tests.kafka import product
from tests.kafka.job import MAPPING, numbers_of, sandbox_of
from tests.waiting import until

__all__ = ["measure_below", "measure_urgent"]

RATE_PER_S: Final = 10
"""Loops' own limit."""

BACKLOG: Final = 5_000
URGENT: Final = 100
URGENT_EVERY_S: Final = (0.2, 0.8)
GOAL_URGENT_MEDIAN_MS: Final = 600
GOAL_URGENT_P99_MS: Final = 1_200
_LEAVES_MEANWHILE: Final = 400
"""Of the backlog, while they are produced: by half of it the backlog is longer at the beginning, and shorter then."""
_FIRST: Final = BACKLOG + _LEAVES_MEANWHILE
"""Events in the backlog when the replica starts."""
_STANDS_WITHIN_S: Final = 120
_ARRIVES_WITHIN_S: Final = 30

BELOW: Final = 200
BELOW_EVERY_S: Final = (0.15, 0.35)

_NAME: Final = "Payment Failed"
_SENT: Final = "paymentFailed"
_URGENT_RULE: Final[Mapping[str, Any]] = {
    "name": "payment-failed",
    "when": _NAME,
    "send": _SENT,
    "event": {"number": "properties.number"},
    "priority": "high",
}

_URGENT_METHOD: Final = f"""\
One replica has {BACKLOG:,} events of as many contacts in flight, half of what it may hold, at ten requests a second;
it is {_LEAVES_MEANWHILE // 2} more at the beginning and as many less at the end. Meanwhile {URGENT} events of other
contacts, whose rule has `priority: high`, are produced one every {URGENT_EVERY_S[0] * 1000:g} to
{URGENT_EVERY_S[1] * 1000:g} ms at random. The time runs from just before the call of the producer to the moment at
which the sandbox counted the request."""

_BELOW_METHOD: Final = f"""\
{BELOW} events of as many contacts, one every {BELOW_EVERY_S[0] * 1000:g} to {BELOW_EVERY_S[1] * 1000:g} ms at random,
under Loops' limit of ten a second; otherwise as *produced to received* is measured in the section above."""


def measure_urgent(stand: Stand) -> list[Figure]:
    """Median and 99th of a hundred."""
    waits = [1000 * each for each in _urgent_waits_s(stand)]
    what = f"high priority in a backlog of {BACKLOG:,}, produced to received"
    return [
        Figure(f"{what}, median", "ms", median(waits), GOAL_URGENT_MEDIAN_MS, _URGENT_METHOD),
        Figure(f"{what}, 99th of 100", "ms", p99(waits), GOAL_URGENT_P99_MS, _URGENT_METHOD),
    ]


def measure_below(stand: Stand) -> list[Figure]:
    """The median."""
    waits = [1000 * each for each in waits_s(stand, RATE_PER_S, BELOW, BELOW_EVERY_S)]
    return [Figure("below the limit, produced to received, median", "ms", median(waits), GOAL_MEDIAN_MS, _BELOW_METHOD)]


def _urgent_waits_s(stand: Stand) -> list[float]:
    events = product.make(_FIRST, users=_FIRST)
    urgent = [product.Made(number, number, _NAME) for number in range(_FIRST, _FIRST + URGENT)]
    with stand.job(sandbox_of(RATE_PER_S)) as job:
        job.map({**MAPPING, "rules": [*MAPPING["rules"], _URGENT_RULE]})
        job.produce(events)
        consumer = job.start().until_ready()

        def stands() -> bool:
            status = consumer.status()
            read = sum(partition["position"] or 0 for partition in status["partitions"])
            return bool(read == len(events) and status["in_flight_records"] <= BACKLOG + _LEAVES_MEANWHILE // 2)

        until(stands, _STANDS_WITHIN_S, "the backlog is in flight")
        produced = produce_one_by_one(job, urgent, URGENT_EVERY_S)

        def came() -> dict[int, float]:
            arrived = [entry for entry in job.sandbox.events() if entry.event_name == _SENT]
            return dict(zip(numbers_of(arrived), (entry.now for entry in arrived), strict=True))

        until(lambda: len(came()) == URGENT, _ARRIVES_WITHIN_S, "all of high priority arrived")
        return [came()[number] - at for number, at in produced.items()]
