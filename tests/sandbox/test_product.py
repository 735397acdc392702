"""The product writes its traffic when its time has come, and keeps what has to become of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from consumer.sandbox.arrivals import Arrival
from consumer.sandbox.broker import MockBroker
from consumer.sandbox.inspection import Inspection
from consumer.sandbox.product import Ledger, Place, Product
from consumer.sandbox.traffic import Produced

TOPIC = "events"


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    """With one topic of two partitions."""
    with MockBroker() as cluster:
        cluster.create_topic(TOPIC, 2)
        yield cluster


def numbered(every_s: float) -> Iterator[Produced]:
    """A record every so many seconds, each with its arrival, each tenth a letter."""
    for number in count():
        key, value = b"u%d" % (number % 5), b"%d" % number
        yield Produced(number * every_s, key, value, Arrival(key.decode(), "sendEvent"), number % 10 == 0)


async def test_it_ends_in_time_with_all_that_was_due(broker: MockBroker) -> None:
    """What had to be produced by then is, and where it lies is known."""
    product = Product(broker.bootstrap_servers, TOPIC)
    await product.run(numbered(0.01), 0.3, asyncio.Event())
    ledger = product.ledger
    assert 0 < ledger.records <= 31
    assert ledger.records == len(ledger.arrivals) == sum(ledger.ends.values()) == sum(ledger.by_second.values())
    assert 0 == ledger.failed
    assert (ledger.records + 9) // 10 == len(ledger.letters)


async def test_where_nobody_judges_nothing_is_kept(broker: MockBroker) -> None:
    """It may run for ever."""
    product, ended = Product(broker.bootstrap_servers, TOPIC, judged=False), asyncio.Event()
    running = asyncio.create_task(product.run(numbered(0.001), 3600, ended))
    found = await asyncio.to_thread(read, broker, 101)
    ended.set()
    await running
    assert (Ledger(), 101) == (product.ledger, len(found))


async def test_it_ends_when_it_is_told(broker: MockBroker) -> None:
    """And has produced nothing that is not due."""
    ended = asyncio.Event()
    ended.set()
    product = Product(broker.bootstrap_servers, TOPIC)
    await product.run(numbered(1000), 3600, ended)
    assert 0 == product.ledger.records


async def test_a_users_records_are_in_one_partition_in_order(broker: MockBroker) -> None:
    """By their key."""
    product = Product(broker.bootstrap_servers, TOPIC)
    await product.run(numbered(0.001), 0.1, asyncio.Event())
    inspection = Inspection(broker.bootstrap_servers, "g")
    found = await asyncio.to_thread(read, broker, product.ledger.records)
    inspection.close()
    assert product.ledger.records == len(found)
    for key in {key for key, _, _ in found}:
        mine = [(place, value) for other, place, value in found if other == key]
        assert 1 == len({place.partition for place, _ in mine})
        assert [value for _, value in sorted(mine)] == sorted(value for _, value in mine)


def read(broker: MockBroker, records: int) -> list[tuple[bytes, Place, int]]:
    """Key, place and number of each record."""
    from confluent_kafka import Consumer, TopicPartition  # noqa: PLC0415 - the product's tests need it here alone

    client = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "read", "log_level": 0})
    client.assign([TopicPartition(TOPIC, partition, 0) for partition in range(2)])
    found = client.consume(records, timeout=20)
    client.close()
    return [
        (each.key() or b"", Place(each.partition() or 0, each.offset() or 0), int(each.value() or b"-1"))
        for each in found
    ]
