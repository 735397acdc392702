"""What arrives on the topic, and when."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from random import Random
from typing import NamedTuple

from consumer.core.terms import Priority

__all__ = ["Arrival", "Kind", "every", "poisson", "standing"]


class Kind(Enum):
    """What a record comes to."""

    EVENT = "event"
    UPDATE = "update"


class Arrival(NamedTuple):
    """One record that a rule wants."""

    at_s: float
    """When it is produced: seconds from the beginning."""
    contact: str
    priority: Priority = Priority.NORMAL
    kind: Kind = Kind.EVENT
    partition: int | None = None
    """Where it lies; None: where its contact's records do."""


def standing(count: int, *, contacts: int, partition: int | None = None) -> Iterator[Arrival]:
    """So many that lie there from the beginning, of so many contacts in turn; of a partition other contacts."""
    where = "" if partition is None else f"{partition}-"
    for number in range(count):
        yield Arrival(0.0, f"{where}{number % contacts}", partition=partition)


def poisson(per_s: float, *, for_s: float, seed: int | str, contacts: int = 10_000) -> Iterator[Arrival]:
    """So many a second on the mean, each by itself, of anybody."""
    random = Random(f"{seed}/poisson")  # noqa: S311 - a seed decides a simulation
    at_s = random.expovariate(per_s)
    while at_s < for_s:
        yield Arrival(at_s, str(random.randrange(contacts)))
        at_s += random.expovariate(per_s)


def every(period_s: float, *, for_s: float, seed: int, like: Arrival) -> Iterator[Arrival]:
    """One a period, at any moment of it, each of a contact of its own; otherwise ``like`` that one."""
    random = Random(f"{seed}/every")  # noqa: S311 - a seed decides a simulation
    for number in range(int(for_s / period_s)):
        at_s = (number + random.random()) * period_s
        yield like._replace(at_s=at_s, contact=f"{like.contact}-{number}")
