"""From records to what a mapping is made of."""

from __future__ import annotations

import gzip
from typing import Any

import orjson
import pytest

from consumer.core.record import Headers
from consumer.infer.inference import SAMPLED_EVERY, Inference, SchemaNeeded
from consumer.mapping.envelope import Encoding, Unreadable
from tests.infer.topics import OWN, messages
from tests.mapping.making import TRIAL, Message


def test_every_record_is_counted_and_one_in_fifty_looked_at() -> None:
    """Those by which the format is recognized besides."""
    inference = Inference()
    inference.take(messages(TRIAL, 300))
    first = inference.looked_at
    for number in range(10):
        inference.take(messages(TRIAL | {"event": f"e{number}"}, 77))

    assert 770 // SAMPLED_EVERY <= inference.looked_at - first <= 770 // SAMPLED_EVERY + 1
    assert (1_070, 300) == (inference.records, inference.names["Trial Started"])


def test_records_wait_until_the_format_is_known() -> None:
    """At the end however few there are."""
    inference = Inference()
    for _ in range(5):
        inference.take(messages(TRIAL, 2))
    assert (0, []) == (inference.records, inference.topics)

    inference.end()
    (topic,) = inference.topics
    assert (10, "segment", 10) == (inference.records, topic.recognized.name, topic.sample.looked_at)


def test_large_records_do_not_wait_for_many_of_them() -> None:
    """What waits is bounded in bytes."""
    inference = Inference()
    large = Message(orjson.dumps(TRIAL | {"properties": {"text": "x" * 1_000_000}}))
    inference.take([large] * 9)

    assert 9 == inference.records


def test_each_topic_has_its_own_format() -> None:
    """In the order of their names, also where they come together."""
    inference = Inference()
    both = [*messages(TRIAL, 300, of_topic="web"), *messages(OWN, 200, of_topic="billing")]
    inference.take(both)
    inference.take(messages(OWN, 200, of_topic="billing") + messages(TRIAL, 1, of_topic="web"))

    assert [("billing", "json"), ("web", "segment")] == [
        (topic.name, topic.recognized.name) for topic in inference.topics
    ]
    assert {"invoice.paid": 400, "Trial Started": 301} == inference.names


def test_what_is_around_the_values_is_taken_away() -> None:
    """Of all of them."""
    inference = Inference()
    inference.take([Message(gzip.compress(orjson.dumps(TRIAL)))] * 3)
    inference.end()

    assert {"Trial Started": 3} == inference.names
    assert "gzip" == inference.topics[0].recognized.wrapping.compression


def test_records_that_are_not_of_the_format_are_counted() -> None:
    """So are those without a value."""
    inference = Inference()
    inference.take([*messages(TRIAL, 3), Message(b"junk"), Message(None)])
    inference.end()

    assert (1, {"Trial Started": 3, "(cannot be read)": 1, "(no value)": 1}) == (
        inference.topics[0].sample.unreadable,
        inference.names,
    )


class Decoder:
    """Decodes one encoding, behind five bytes that name a schema."""

    def __init__(self, encoding: Encoding) -> None:
        """Which."""
        self._encoding = encoding

    def decode(self, encoding: Encoding, topic: str, value: bytes, headers: Headers) -> Any:
        """As a registry's decoder does."""
        del topic, headers
        if encoding != self._encoding:
            raise Unreadable("another encoding")
        return orjson.loads(value[5:][::-1])


FRAMED = b"\x00\x00\x00\x00\x07" + orjson.dumps(TRIAL)[::-1]


def test_values_with_a_schema_are_decoded_with_what_makes_sense_of_them() -> None:
    """Which encoding it is follows from that."""
    inference = Inference(Decoder("protobuf"))
    inference.take([Message(FRAMED)] * 3)
    inference.end()

    assert ("protobuf", {"Trial Started": 3}) == (inference.topics[0].encoding, inference.names)


def test_without_a_registry_it_is_said_what_is_missing() -> None:
    """And of which topic."""
    inference = Inference()
    inference.take([Message(FRAMED)] * 3)
    with pytest.raises(SchemaNeeded, match="the values of events bear the id of a schema, and"):
        inference.end()


def test_a_registry_that_makes_no_sense_of_them_is_said() -> None:
    """The topic by its name."""
    inference = Inference(Decoder("avro"))
    inference.take([Message(b"\x00\x00\x00\x00\x07junk" + bytes(range(90)))] * 3)
    with pytest.raises((SchemaNeeded, orjson.JSONDecodeError)):
        inference.end()
