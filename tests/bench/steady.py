"""A product at a steady pace: ``python -m tests.bench.steady SERVERS TOPIC PER_S SECONDS``.

A process of its own, so that whoever measures has neither the work nor the memory. Records are those of ``fill``, one
in a hundred wanted, one every ``1 / PER_S`` seconds, and of each second those due within a millisecond at once.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from confluent_kafka import Producer

from tests.bench.fill import records

__all__ = ["steady"]

_LINGER_MS: Final = 5
"""Kafka's own producer waits so long by default, from version 4 on."""
_TICK_S: Final = 0.001
_ENDS_WITHIN_S: Final = 30


@contextmanager
def steady(servers: str, topic: str, per_s: int, seconds: int) -> Iterator[None]:
    """Produces meanwhile, for so many seconds at most; ``RuntimeError`` where it broke or ended before."""
    command = [sys.executable, "-m", "tests.bench.steady", servers, topic, str(per_s), str(seconds)]
    feeding = subprocess.Popen(command, cwd=Path(__file__).parents[2])  # noqa: S603 - this Python, and words of ours
    try:
        yield
        if feeding.poll() is not None:
            raise RuntimeError(f"the product ended early, with {feeding.returncode}")
    finally:
        feeding.terminate()
        feeding.wait(_ENDS_WITHIN_S)


def _main(servers: str, topic: str, per_s: str, seconds: str) -> None:
    producer = Producer({"bootstrap.servers": servers, "linger.ms": _LINGER_MS})
    never, made, began = threading.Event(), 0, time.monotonic()
    source = records(int(per_s) * int(seconds), wanted_alone=False)
    while (due := int((time.monotonic() - began) * int(per_s))) < int(per_s) * int(seconds):
        for partition, key, value in (next(source) for _ in range(due - made)):
            producer.produce(topic, value, key, partition)
        made = due
        producer.poll(0)
        never.wait(_TICK_S)
    producer.flush(_ENDS_WITHIN_S)


if __name__ == "__main__":
    _main(*sys.argv[1:5])
