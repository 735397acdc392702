"""Fills a topic with Segment records of 460 bytes: ``python -m tests.bench.fill SERVERS TOPIC COUNT wanted|all``.

A process of its own, so that whoever measures has neither the work nor the memory.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from confluent_kafka import Producer

from tests.kafka.product import PARTITIONS, WANTED

__all__ = ["RECORD_BYTES", "WANTED_EVERY", "fill"]

RECORD_BYTES: Final = 460
WANTED_EVERY: Final = 100
"""One record in so many is wanted."""

_USERS: Final = 5_000
_NAMES: Final = tuple(
    f"{thing} {done}" for thing in ("Page", "Report", "Cart", "Search") for done in ("Viewed", "Left")
)
_FILL_WITHIN_S: Final = 300
_POLL_EVERY: Final = 10_000


def fill(servers: str, topic: str, count: int, *, wanted_alone: bool = False) -> None:
    """Writes ``count`` records, or of those ``count`` only the wanted ones; returns when the broker has them."""
    command = [
        sys.executable,
        "-m",
        "tests.bench.fill",
        servers,
        topic,
        str(count),
        "wanted" if wanted_alone else "all",
    ]
    subprocess.run(  # noqa: S603 - this Python and arguments of ours
        command, check=True, timeout=_FILL_WITHIN_S, cwd=Path(__file__).parents[2]
    )


def records(count: int, *, wanted_alone: bool) -> Iterator[tuple[int, bytes, bytes]]:
    """Partition, key and value of each."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for number in range(count):
        wanted = number % WANTED_EVERY == number // WANTED_EVERY % WANTED_EVERY
        if wanted_alone and not wanted:
            continue
        user = number * 7919 % _USERS
        value = _value(number, user, WANTED if wanted else _NAMES[number % len(_NAMES)], time)
        yield user % PARTITIONS, b"user-%d" % user, value


def _value(number: int, user: int, name: str, time: str) -> bytes:
    head = (
        f'{{"type":"track","messageId":"ajs-next-1779{number:09d}","event":"{name}","userId":"user-{user}",'
        f'"anonymousId":"0f6ccd72-8c2a-4a0b-9d3e-{user:012d}","timestamp":"{time}","context":{{"traits":'
        f'{{"email":"user-{user}@example.com"}},"library":{{"name":"analytics.js","version":"2.11.1"}}}},'
        f'"properties":{{"number":{number},"path":"'
    )
    return f"{head}{'/a/page/of/the/product' * 20}"[: RECORD_BYTES - 3].encode() + b'"}}'


def _main(servers: str, topic: str, count: str, which: str) -> None:
    properties = {"linger.ms": 50, "batch.num.messages": 10_000, "queue.buffering.max.messages": 1_000_000}
    producer = Producer({"bootstrap.servers": servers, **properties})
    for made, (partition, key, value) in enumerate(records(int(count), wanted_alone=which == "wanted")):
        while True:
            try:
                producer.produce(topic, value, key, partition)
                break
            except BufferError:
                producer.poll(0.1)
        if made % _POLL_EVERY == 0:
            producer.poll(0)
    if left := producer.flush(_FILL_WITHIN_S):
        sys.exit(f"{left} records were not taken")


if __name__ == "__main__":
    _main(*sys.argv[1:5])
