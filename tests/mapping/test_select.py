"""What one read comes to."""

from __future__ import annotations

import dataclasses
import gzip
from typing import Any

import orjson
import pytest
from confluent_kafka import Message as KafkaMessage
from hypothesis import given
from hypothesis import strategies as st

from consumer.core.record import Headers, Received, Record, Rejection, TopicPartition
from consumer.core.request import SendEvent
from consumer.mapping.envelope import Encoding, Envelope, NotYet
from consumer.mapping.formats.segment import Segment
from consumer.mapping.rules import CompiledMapping
from consumer.mapping.select import Selector
from tests.mapping.making import MAY_FIRST_MS, TRIAL, Message, mapping_of, received, wanted

MAPPING = mapping_of("when: Trial Started, where: properties.plan != 'free', send: trialStarted")
WANTED = orjson.dumps(TRIAL)
UNWANTED = orjson.dumps(TRIAL | {"event": "Page Viewed"})


def runs(offsets: list[int]) -> list[tuple[int, int]]:
    """Runs of consecutive offsets, the plain way."""
    found: list[tuple[int, int]] = []
    for offset in offsets:
        if found and found[-1][1] + 1 == offset:
            found[-1] = (found[-1][0], offset)
        else:
            found.append((offset, offset))
    return found


def test_what_no_rule_wants_is_only_counted() -> None:
    """Its offset, the time of the last one, and which mapping said so."""
    messages = [Message(UNWANTED, at=offset, time=(1, 100 + offset)) for offset in range(5)]

    expected = Received(runs=[(0, 4)], records=5, wanted=[], last_timestamp_ms=104, mapping=MAPPING.digest)
    assert expected == received(MAPPING, *messages)


def test_what_a_rule_wants_comes_with_its_record_untouched() -> None:
    """And with the request that the rule makes."""
    found = wanted(MAPPING, WANTED, at=7, of_partition=2, with_headers=[("h", b"v")])

    assert found is not None
    assert found.record == Record("events", 2, 7, MAY_FIRST_MS, b"key", WANTED, (("h", b"v"),))
    assert [SendEvent] == [type(plan) for plan in found.plans]


def test_where_that_says_no_filters() -> None:
    """As if no rule were about it."""
    assert wanted(MAPPING, TRIAL | {"properties": {"plan": "free"}}) is None


def test_nothing_read_is_nothing() -> None:
    """An empty read has no partitions."""
    assert {} == Selector(MAPPING).select([])


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2), st.integers(1, 3), st.booleans()), max_size=30))
def test_every_record_is_in_a_run_of_its_partition(steps: list[tuple[str, int, int, bool]]) -> None:
    """However partitions take turns and offsets skip; and the wanted ones are in order."""
    last: dict[TopicPartition, int] = {}
    messages = []
    for topic, partition, step, is_wanted in steps:
        tp = TopicPartition(topic, partition)
        last[tp] = last.get(tp, -1) + step
        messages.append(Message(WANTED if is_wanted else UNWANTED, last[tp], topic, partition, (1, last[tp] + 1)))

    batch = Selector(MAPPING).select(messages)

    for tp, found in batch.items():
        ours = [message for message in messages if (message.of_topic, message.of_partition) == tp]
        assert runs([message.at for message in ours]) == found.runs
        assert len(ours) == found.records
        assert [message.at for message in ours if message.content is WANTED] == [
            one.record.offset for one in found.wanted
        ]
        assert last[tp] + 1 == found.last_timestamp_ms
    assert set(last) == set(batch)


@pytest.mark.parametrize(
    ("value", "message"),
    (
        (b"", "the value is empty"),
        (b"\x00\x01", "the value is not JSON in UTF-8, or is nested too deep"),
        (b"not json", "the value is not JSON in UTF-8, or is nested too deep"),
        (b'{"type":"track","event":"\xff"}', "the value is not JSON in UTF-8, or is nested too deep"),
        (b'{"type":"track","event":"Trial Started"', "the value is not JSON in UTF-8, or is nested too deep"),
        (b'{"a":' * 100_000, "the value is not JSON in UTF-8, or is nested too deep"),
        (b"[" * 500_000 + b"]" * 500_000, "the value is not JSON in UTF-8, or is nested too deep"),
        (b'{"type":"track","event":5}', "event is not text"),
        (b'{"type":5}', "type is not text"),
        (b"[]", "the value is JSON, and no object"),
        (b"null", "the value is JSON, and no object"),
        (b'"text"', "the value is JSON, and no object"),
    ),
    ids=range(12),
)
def test_a_record_whose_name_cannot_be_read_is_rejected(value: bytes, message: str) -> None:
    """By no rule; its neighbours go on."""
    found = received(MAPPING, Message(WANTED, 0), Message(value, 1), Message(WANTED, 2)).wanted

    assert (Rejection("undecodable", message),) == found[1].plans
    assert value == found[1].record.value
    assert [0, 1, 2] == [one.record.offset for one in found]


@pytest.mark.parametrize(
    "value",
    (
        None,
        b"{}",
        b'{"type":"track"}',
        b'{"type":"track","event":null}',
        b'{"type":null,"event":5}',
        b'{"type":"page","event":5}',
        b'{"type":"track","event":"Other","x":"\xff"}',
    ),
)
def test_a_record_without_a_name_that_is_wanted_is_filtered(value: bytes | None) -> None:
    """Tombstones, names that are absent or null, and damage where nobody looks."""
    assert wanted(MAPPING, value) is None


def test_a_wanted_record_that_is_damaged_elsewhere_is_rejected() -> None:
    """Its name is read first and all the rest then."""
    found = wanted(MAPPING, b'{"type":"track","event":"Trial Started","userId":"\xff"}')

    assert found is not None
    assert ["undecodable"] == [plan.reason for plan in found.plans if isinstance(plan, Rejection)]


def test_a_record_without_a_time_has_none() -> None:
    """Kafka's kind 0 says that the number means nothing."""
    assert 0 == received(MAPPING, Message(UNWANTED, time=(0, 5))).last_timestamp_ms


def test_each_topic_has_its_format() -> None:
    """As the map says; a topic that is not in it cannot be read."""
    top = "format: {a: segment, b: {name: json, event: kind}}\ncontact: {userId: userId}"
    mapping = mapping_of("when: Trial Started, send: a", top=top)
    own = orjson.dumps({"kind": "Trial Started", "userId": "u2"})

    batch = Selector(mapping).select(
        [Message(WANTED, 0, "a"), Message(own, 0, "b"), Message(own, 0, "c"), Message(None, 1, "c")]
    )

    ids = [getattr(one.plans[0], "user_id", None) for found in batch.values() for one in found.wanted]
    assert ["u1", "u2", None] == ids
    (rejected,) = batch[TopicPartition("c", 0)].wanted
    assert (Rejection("undecodable", "the mapping has no format for this topic"),) == rejected.plans


def test_the_clients_own_messages_are_taken() -> None:
    """Not only what looks like them."""
    message = KafkaMessage(topic="events", partition=1, offset=9, value=WANTED, timestamp=(1, MAY_FIRST_MS))

    (found,) = Selector(MAPPING).select([message])[TopicPartition("events", 1)].wanted

    assert (9, None, ()) == (found.record.offset, found.record.key, found.record.headers)


def test_a_number_past_64_bits_is_a_dead_letter_and_stops_nothing() -> None:
    """In the event and by JSONata's arithmetic alike."""
    huge = mapping_of("when: Trial Started, send: trialStarted, event: {seats: properties.seats}")
    grown = mapping_of("when: Trial Started, send: trialStarted, contact: {seats: '$power(10, 20)'}")

    for mapping in (huge, grown):
        found = wanted(mapping, orjson.dumps(TRIAL).replace(b'"seats":5', b'"seats":20000000000000000000'))
        assert found is not None
        for plan in found.plans:
            assert isinstance(plan, Rejection) or plan.http().body


class _Unreadable(Message):
    """A record with a header whose name is not UTF-8, as Kafka's client gives it."""

    def headers(self) -> list[tuple[str, bytes]] | None:
        """Raises, as the client does."""
        raise SystemError


def test_headers_that_cannot_be_read_do_not_stop_the_record() -> None:
    """It says so in their place."""
    (found,) = received(MAPPING, _Unreadable(WANTED)).wanted

    assert (("loops-consumer-headers-unreadable", b"1"),) == found.record.headers
    assert [SendEvent] == [type(plan) for plan in found.plans]


def enveloped(envelope: Envelope) -> CompiledMapping:
    """The mapping, for values that lie in this envelope."""
    form = Segment(envelope=envelope)
    rules = tuple(
        dataclasses.replace(rule, programs={form: program})
        for rule in MAPPING.rules
        for program in rule.programs.values()
    )
    return dataclasses.replace(MAPPING, formats=form, rules=rules)


@pytest.mark.parametrize(
    ("envelope", "pack"),
    (
        (Envelope("gzip"), gzip.compress),
        (Envelope(wrapped=True), lambda value: orjson.dumps(value.decode())),
        (Envelope("gzip", wrapped=True), lambda value: gzip.compress(orjson.dumps(value.decode()))),
    ),
    ids=("gzip", "wrapped", "both"),
)
def test_values_in_an_envelope_are_selected_as_without(envelope: Envelope, pack: Any) -> None:
    """The record stays what it was; an envelope that cannot be opened is one dead letter."""
    mapping, content = enveloped(envelope), pack(WANTED)

    found = received(mapping, Message(content, 0), Message(pack(UNWANTED), 1), Message(b'"\xff', 2), Message(None, 3))

    assert [0, 2] == [one.record.offset for one in found.wanted]
    assert (content, 4) == (found.wanted[0].record.value, found.records)
    assert [["SendEvent"], ["Rejection"]] == [[type(plan).__name__ for plan in one.plans] for one in found.wanted]
    assert ["undecodable"] == [getattr(plan, "reason", None) for plan in found.wanted[1].plans]


class _Registry:
    """A schema registry that does not answer until it does."""

    def __init__(self) -> None:
        self.answers = False

    def decode(self, encoding: Encoding, topic: str, value: bytes, headers: Headers) -> Any:  # noqa: ARG002 - a fake
        """The value as it is."""
        if not self.answers:
            raise NotYet("the registry does not answer")
        return orjson.loads(value)


def test_a_read_whose_schema_cannot_be_had_now_is_selected_again_as_a_whole() -> None:
    """Nothing of it is left over from the first time."""
    registry = _Registry()
    selector = Selector(enveloped(Envelope(encoding="avro")), registry)
    messages = [Message(None, 0), Message(WANTED, 1), Message(UNWANTED, 2)]

    for _ in range(2):
        with pytest.raises(NotYet):
            selector.select(messages)
    registry.answers = True
    (found,) = selector.select(messages).values()

    assert ([(0, 2)], 3, [1]) == (found.runs, found.records, [one.record.offset for one in found.wanted])
