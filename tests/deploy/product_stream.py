"""Products that go on producing, each to the topic of a job of its own, at a rate and with an age of their own."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import Producer

from tests.kafka import product
from tests.kafka.job import Job
from tests.repeated import Repeated

__all__ = ["Stream", "produce_aged"]

_EVERY_S: Final = 0.25
_ENDS_WITHIN_S: Final = 30
_USERS: Final = 400


def produce_aged(job: Job, events: Iterable[product.Made], *, age_s: float) -> None:
    """Writes events whose records were produced so many seconds ago, by their own time."""
    producer = Producer({"bootstrap.servers": job.kafka.bootstrap_servers, "linger.ms": 5, "log_level": 0})
    _write(producer, job.topic, events, age_s)
    assert 0 == producer.flush(_ENDS_WITHIN_S)


@dataclass(slots=True)
class _Fed:
    """One job that is fed; ``age_s`` may be changed at any time."""

    job: Job
    per_s: int
    age_s: float = 0.0
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(10_000))


class Stream(Repeated):
    """Feeds from ``with`` to its end, on a thread of its own and by one connection."""

    def __init__(self, bootstrap_servers: str) -> None:
        """Nobody is fed yet."""
        super().__init__(every_s=_EVERY_S, ends_within_s=_ENDS_WITHIN_S)
        self._producer = Producer({"bootstrap.servers": bootstrap_servers, "linger.ms": 5, "log_level": 0})
        self._fed: dict[str, _Fed] = {}

    def feed(self, job: Job, *, per_s: int, age_s: float = 0.0) -> None:
        """From now on this job has so many wanted events a second, whose records are so old; in place of any before."""
        numbers = self._fed[job.topic].numbers if job.topic in self._fed else itertools.count(10_000)
        self._fed = {**self._fed, job.topic: _Fed(job, per_s, age_s, numbers)}

    def _once(self) -> None:
        for topic, fed in self._fed.items():
            numbers = itertools.islice(fed.numbers, round(fed.per_s * _EVERY_S))
            _write(self._producer, topic, [product.Made(n % _USERS, n) for n in numbers], fed.age_s)
        self._producer.poll(0)

    def _finish(self) -> None:
        self._producer.flush(_ENDS_WITHIN_S)


def _write(producer: Producer, topic: str, events: Iterable[product.Made], age_s: float) -> None:
    at_ms = round((time.time() - age_s) * 1000)
    for event in events:
        producer.produce(topic, event.value(), event.key, event.partition, timestamp=at_ms)
