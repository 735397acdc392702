"""The least that reading can cost: ``python -m tests.bench.bare SERVERS TOPIC COUNT consume|decode``.

Reads a topic with the consumer's own client properties and ``consume(1000)``, and does nothing with it, or reads the
event's name with msgspec. Prints the CPU of the process in µs a record, and the records a second, from the first batch
on.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec
from confluent_kafka import Consumer, TopicPartition

from consumer.adapters.kafka_config import consumer_properties
from tests.kafka.product import PARTITIONS

__all__ = ["Bare", "bare_reading"]

_WITHIN_S: Final = 300
_BATCH: Final = 1_000


class Head(msgspec.Struct):
    """What tells whether a Segment record is wanted."""

    type: str
    event: str | None = None


@dataclass(frozen=True)
class Config:
    """What the consumer's properties follow from."""

    bootstrap_servers: str
    topics: tuple[str, ...]
    group_id: str = "bare"
    group_instance_id: None = None
    start: Literal["earliest"] = "earliest"
    dead_letter_topic: str = "none"
    client: dict[str, str | int | float | bool] = field(default_factory=dict)

    def secrets(self) -> dict[str, str]:
        """None."""
        return {}


class Bare(NamedTuple):
    """What it came to."""

    cost_us: float
    """CPU of a record."""
    per_s: float
    """Records."""


def bare_reading(servers: str, topic: str, count: int, what: Literal["consume", "decode"]) -> Bare:
    """Runs it in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bare", servers, topic, str(count), what]
    ran = subprocess.run(  # noqa: S603 - this Python and arguments of ours
        command, check=True, timeout=_WITHIN_S, capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    return Bare(*map(float, ran.stdout.split()))


def _main(servers: str, topic: str, count: str, what: str) -> None:
    client = Consumer(consumer_properties(Config(servers, (topic,))))
    client.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
    decode = msgspec.json.Decoder(Head).decode
    read = len(client.consume(1, 30))
    began, began_s, read_before = time.process_time(), time.perf_counter(), read
    while read < int(count):
        messages = client.consume(_BATCH, 1)
        read += len(messages)
        if what == "decode":
            for message in messages:
                decode(message.value() or b"")
    records = read - read_before
    cost_us, per_s = (time.process_time() - began) / records * 1e6, records / (time.perf_counter() - began_s)
    print(cost_us, per_s)  # noqa: T201 - the other process reads it
    client.close()


if __name__ == "__main__":
    _main(*sys.argv[1:5])
