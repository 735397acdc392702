"""The product: writes its traffic to a topic as time passes, and keeps what has to become of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from confluent_kafka import KafkaError, Message, Producer

from consumer.sandbox.arrivals import Arrival
from consumer.sandbox.traffic import Produced

__all__ = ["Ledger", "Place", "Product"]

_TICK_S: Final = 0.02
_FLUSH_WITHIN_S: Final = 10.0


class Place(NamedTuple):
    """Where a record came to lie."""

    partition: int
    offset: int


@dataclass(slots=True)
class Ledger:
    """What was produced so far."""

    records: int = 0
    arrivals: list[Arrival] = field(default_factory=list)
    """What Loops has to receive, in the order in which it happened."""
    letters: set[Place] = field(default_factory=set)
    """Records that have to become dead letters."""
    ends: dict[int, int] = field(default_factory=dict)
    """By partition, the offset after the last record."""
    failed: int = 0
    """Records that the broker did not take."""
    by_second: Counter[int] = field(default_factory=Counter)
    """How many were produced in each second of the event loop's clock."""


class Product:
    """Produces to ``topic`` of the broker at ``bootstrap_servers``."""

    def __init__(self, bootstrap_servers: str, topic: str, *, judged: bool = True) -> None:
        """Connects. Where nobody judges what becomes of it, the ledger stays empty, and it may run for ever."""
        self.ledger = Ledger()
        self._judged = judged
        self._topic = topic
        self._producer = Producer(
            {"bootstrap.servers": bootstrap_servers, "enable.idempotence": True, "linger.ms": 5, "log_level": 0}
        )

    async def run(self, records: Iterator[Produced], for_s: float, ended: asyncio.Event) -> None:
        """Produces each record when its time has come, for ``for_s`` seconds or until ``ended``.

        Returns when the broker has them all; those that it does not take within 10 s count as failed.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        record = next(records)
        while not ended.is_set() and (passed_s := loop.time() - began) < for_s:
            while record.at_s <= min(passed_s, for_s):
                self._produce(record)
                record = next(records)
            self._producer.poll(0)
            await _either(ended, _TICK_S)
        self.ledger.failed += await asyncio.to_thread(self._producer.flush, _FLUSH_WITHIN_S)

    def _produce(self, record: Produced) -> None:
        def told(error: KafkaError | None, message: Message) -> None:
            self._told(record, error, message)

        if not self._judged:
            self._producer.produce(self._topic, record.value, record.key)
            return
        self.ledger.records += 1
        self.ledger.by_second[int(asyncio.get_running_loop().time())] += 1
        if record.arrival is not None:
            self.ledger.arrivals.append(record.arrival)
        self._producer.produce(self._topic, record.value, record.key, on_delivery=told)

    def _told(self, record: Produced, error: KafkaError | None, message: Message) -> None:
        partition, offset = message.partition(), message.offset()
        if error is not None or partition is None or offset is None:
            self.ledger.failed += 1
            return
        self.ledger.ends[partition] = max(offset + 1, self.ledger.ends.get(partition, 0))
        if record.letter:
            self.ledger.letters.add(Place(partition, offset))


async def _either(event: asyncio.Event, within_s: float) -> None:
    """Returns when the event is set, or when the time has passed."""
    try:
        async with asyncio.timeout(within_s):
            await event.wait()
    except TimeoutError:
        return
