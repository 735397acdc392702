"""From where to where a look goes, on librdkafka's mock cluster, which knows no offsets by time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Producer

from consumer.adapters.kafka_span import Begin, Since, Span, Spans, spans
from consumer.core.record import TopicPartition
from consumer.sandbox.broker import MockBroker

ONE, OTHER, EMPTY = (TopicPartition("events", number) for number in range(3))


@pytest.fixture
def client(broker: MockBroker) -> Iterator[Consumer]:
    """One that sees ten records in the first partition, of which four are gone, and three in the second."""
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "log_level": 0})
    for number in range(13):
        producer.produce("events", b"x", partition=number // 10, timestamp=1_000 + number)
    assert 0 == producer.flush(10)
    broker.delete_records("events", 0, 4)
    client = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "spans", "log_level": 0})
    yield client
    client.close()


def _spans(client: Consumer, begin: object) -> Spans:
    return spans(client, (ONE, OTHER, EMPTY), begin, within_s=10)  # type: ignore[arg-type]  # each kind in turn


def test_from_the_beginning_it_goes_from_the_first_record_that_is_there(client: Consumer) -> None:
    """To where the partition ends."""
    found = _spans(client, Begin.BEGINNING)
    assert {ONE: Span(4, 10, True), OTHER: Span(0, 3, True), EMPTY: Span(0, 0, True)} == found.spans
    assert [6, 3, 0] == [span.records for span in found.spans.values()]


def test_from_now_it_begins_where_the_partitions_end(client: Consumer) -> None:
    """Nothing of it is there yet."""
    assert {ONE: Span(10, 10), OTHER: Span(3, 3), EMPTY: Span(0, 0)} == _spans(client, Begin.NOW).spans


def test_offsets_are_kept_within_what_is_there(client: Consumer) -> None:
    """And partitions that are not named, or are not there, are not read."""
    found = _spans(client, {ONE: 2, OTHER: 9, TopicPartition("events", 8): 0})
    assert {ONE: Span(4, 10, True), OTHER: Span(3, 3)} == found.spans
    assert {ONE: Span(5, 10)} == _spans(client, {ONE: 5}).spans


def test_where_the_broker_knows_no_offsets_by_time_all_of_it_is_read(client: Consumer) -> None:
    """And it is said: whoever reads has to look at the records' times."""
    found = _spans(client, Since(1_005))
    assert (False, Span(4, 10, True)) == (found.by_time, found.spans[ONE])


def test_an_age_that_reaches_to_before_1970_is_not_taken_for_the_end(client: Consumer) -> None:
    """Which is what -1 stands for."""
    found = _spans(client, Since(-1))
    assert (False, Span(4, 10, True)) == (found.by_time, found.spans[ONE])


def test_of_nothing_no_time_need_be_known(broker: MockBroker) -> None:
    """An empty topic gives no reason to say anything."""
    client = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "spans", "log_level": 0})
    assert Spans({ONE: Span(0, 0, True)}) == spans(client, (ONE,), Since(1_005), within_s=10)
    client.close()
