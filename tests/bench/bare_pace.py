"""A client that polls and does nothing else: ``python -m tests.bench.bare_pace SERVERS TOPIC default|shipped SECONDS``.

Prints the CPU of its process in thousandths of a core. ``default`` leaves to librdkafka how it fetches.
"""

from __future__ import annotations

import sys
import time

from confluent_kafka import Consumer, TopicPartition

from consumer.adapters.kafka_config import consumer_properties
from tests.bench.bare import Config
from tests.kafka.product import PARTITIONS

_FETCHING = ("queued.max.messages.kbytes", "fetch.queue.backoff.ms", "fetch.min.bytes", "fetch.wait.max.ms")
_SETTLED_AFTER_S = 3


def _main(servers: str, topic: str, which: str, seconds: str) -> None:
    properties = consumer_properties(Config(servers, (topic,)))
    if which == "default":
        properties = {name: value for name, value in properties.items() if name not in _FETCHING}
    client = Consumer(properties)
    client.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
    _poll(client, _SETTLED_AFTER_S)
    began = time.process_time()
    read = _poll(client, int(seconds))
    if not read:
        sys.exit("nothing came")
    print(1000 * (time.process_time() - began) / int(seconds))  # noqa: T201 - the other process reads it
    client.close()


def _poll(client: Consumer, seconds: float) -> int:
    end, read = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        read += client.poll(0.1) is not None
    return read


if __name__ == "__main__":
    _main(*sys.argv[1:5])
