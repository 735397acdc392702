"""A place on a topic, on a real Kafka, whose offsets have gaps."""

from __future__ import annotations

import pytest
import typer
from confluent_kafka import Producer

from consumer.cli.given_records import on_topic
from consumer.core.record import Position
from consumer.settings import KafkaSettings
from tests.kafka.real_kafka import RealKafka


def test_a_place_that_is_no_record_is_said_with_the_next_one(
    real_kafka: RealKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    """A transaction's end takes an offset too."""
    topic = real_kafka.new_topic()
    producer = Producer({"bootstrap.servers": real_kafka.bootstrap_servers, "transactional.id": topic})
    producer.init_transactions(30)
    for value in ("first", "second"):
        producer.begin_transaction()
        producer.produce(topic, value)
        producer.commit_transaction(30)
    kafka = KafkaSettings(bootstrap_servers=real_kafka.bootstrap_servers, topics=(topic,), group_id="explaining")

    assert [b"first", b"second"] == [on_topic(kafka, Position(topic, 0, at)).record.value for at in (0, 2)]
    for at, said in ((1, "the next one is at offset 2"), (3, "or behind it")):
        with pytest.raises(typer.Exit):
            on_topic(kafka, Position(topic, 0, at))
        assert said in capsys.readouterr().err
