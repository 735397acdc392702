"""What a product would produce: Segment events of numbered users, each with a number of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Final

from confluent_kafka import Producer

__all__ = ["PARTITIONS", "WANTED", "Made", "make", "mixed", "produce"]

PARTITIONS: Final = 4
WANTED: Final = "Trial Started"
"""The only event that the tests' mapping wants."""

_UNWANTED: Final = ("Page Viewed", "Button Clicked", "Search Performed", "Report Exported", "Session Began")
_DELIVERED_WITHIN_S: Final = 60


@dataclass(frozen=True, slots=True)
class Made:
    """One event. A user's events all go to one partition."""

    user: int
    number: int
    name: str = WANTED
    note: str = ""
    """Free text that is sent along as a property."""

    @property
    def partition(self) -> int:
        """Where it goes."""
        return self.user % PARTITIONS

    @property
    def key(self) -> bytes:
        """The record's key."""
        return f"user-{self.user}".encode()

    def value(self) -> bytes:
        """The record's value, as of now."""
        document = {
            "type": "track",
            "messageId": f"event-{self.number}",
            "event": self.name,
            "userId": f"user-{self.user}",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "context": {"traits": {"email": f"user-{self.user}@example.com"}},
            "properties": {"number": self.number} | ({"note": self.note} if self.note else {}),
        }
        return json.dumps(document).encode()


def make(count: int, *, users: int, first: int = 0, note: str = "") -> list[Made]:
    """So many wanted events, the users in turn, numbered from ``first``."""
    return [Made(number % users, number, note=note) for number in range(first, first + count)]


def mixed(count: int, *, wanted: int, users: int, seed: int = 7) -> list[Made]:
    """So many events of which ``wanted`` are wanted, in an order that the seed decides."""
    random = Random(seed)  # noqa: S311 - the same each time
    names = [WANTED] * wanted + [random.choice(_UNWANTED) for _ in range(count - wanted)]
    random.shuffle(names)
    return [Made(random.randrange(users), number, name) for number, name in enumerate(names)]


def produce(bootstrap_servers: str, topic: str, events: Iterable[Made], *, partitions: int = PARTITIONS) -> None:
    """Writes them to a topic of so many partitions; they are there when it returns."""
    producer = Producer({"bootstrap.servers": bootstrap_servers, "linger.ms": 5, "log_level": 0})
    for event in events:
        producer.produce(topic, event.value(), event.key, event.user % partitions)
    left = producer.flush(_DELIVERED_WITHIN_S)
    if left:
        raise TimeoutError(f"{left} records were not taken within {_DELIVERED_WITHIN_S} s")
