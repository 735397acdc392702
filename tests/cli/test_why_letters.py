"""The dead letters of some records, on librdkafka's mock cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from consumer.adapters.kafka_peek import PeekFailed
from consumer.adapters.kafka_span import Begin
from consumer.adapters.letter_marks import mark_headers
from consumer.adapters.letter_reading import Mark
from consumer.cli.why_letters import letters_of
from consumer.core.record import Position
from consumer.why.account import Letter
from tests.cli.why_stand import NOW_MS, TOPIC, WhyStand, event, why_stand
from tests.redrive.making import LETTERS


@pytest.fixture
def stand() -> Iterator[WhyStand]:
    """One of its own."""
    with why_stand() as stand:
        yield stand


def test_letters_are_found_by_where_their_record_lay(stand: WhyStand) -> None:
    """Each with its rule, reason and place, and with what became of it since; others are left aside."""
    wanted = Position(TOPIC, 0, 3)
    for offset, rule in ((3, "r0"), (4, "r0"), (3, "r1")):
        stand.add_letter(offset, event(), rule=rule)
    producer = Producer({"bootstrap.servers": stand.servers})
    producer.produce(LETTERS, partition=0, headers=mark_headers(Mark(Position(LETTERS, 0, 2), "delivered", NOW_MS)))
    assert producer.flush(20) == 0

    found = letters_of(stand.settings.kafka, [wanted], Begin.BEGINNING)

    place = Position(LETTERS, 0, 0)
    assert {wanted} == found.keys()
    first, second = found[wanted]
    assert first == Letter(place, "r0", "deliver", "refused", "400 Invalid plan", "3f2a", 1, NOW_MS + 30_000)
    assert ("r1", "delivered", NOW_MS) == (second.rule, second.fate, second.done_ms)


def test_where_no_record_was_found_nobody_is_asked(stand: WhyStand) -> None:
    """Not even whether there is such a topic."""
    kafka = stand.settings.kafka.model_copy(update={"dead_letter_topic": "nowhere"})

    assert {} == letters_of(kafka, [], Begin.BEGINNING)
    with pytest.raises(PeekFailed, match="nowhere"):
        letters_of(kafka, [Position(TOPIC, 0, 3)], Begin.BEGINNING)
