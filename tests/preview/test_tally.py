"""Counting every record, and planning those that a rule wants."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.core.record import Position, Rejection
from consumer.core.request import SendEvent
from consumer.mapping.rules import load_mapping
from consumer.mapping.select import Selector
from consumer.preview import tally as module
from consumer.preview.tally import NO_VALUE, UNREADABLE, Tally
from tests.mapping.making import TRIAL, Message, mapping_of

MAPPING = mapping_of(
    "when: Trial Started, where: properties.plan != 'free', send: trialStarted",
    "when: {type: identify}, update: true",
    "when: {type: page, name: Pricing}, send: pricingViewed",
)
PRO = orjson.dumps(TRIAL)
FREE = orjson.dumps(TRIAL | {"properties": {"plan": "free"}})
NOBODY = orjson.dumps(TRIAL | {"userId": None, "context": {}})
PAGE = b'{"type": "page", "name": "Home"}'
CUT_SHORT = PRO[:-5]
VALUES = (
    PRO,
    FREE,
    NOBODY,
    PAGE,
    CUT_SHORT,
    None,
    b"",
    b"[]",
    b'{"type": 1}',
    b'{"type": "track"}',
    b'{"type":"identify"}',
)


def test_what_no_rule_wants_is_counted_by_name_alone() -> None:
    """A name of its own, or as a rule would have it."""
    tally = Tally(MAPPING)

    assert [] == tally.take(
        [Message(b'{"type":"track","event":"Viewed"}'), Message(PAGE), Message(PAGE), Message(b"{}")]
    )
    assert {"Viewed": 1, "{type: page}": 2, "(no name)": 1} == tally.names.counts
    assert 4 == tally.records


def test_what_a_rule_wants_comes_with_its_name_its_id_and_its_plans() -> None:
    """Where the rule's ``where`` says no nothing comes, and it is counted."""
    tally = Tally(MAPPING)
    (looked,) = tally.take([Message(FREE, at=6), Message(PRO, at=7, of_partition=2)])

    assert (Position("events", 2, 7), "Trial Started", "ajs-1") == (
        looked.record.position,
        looked.name,
        looked.event_id,
    )
    assert [SendEvent] == [type(plan) for plan in looked.plans]
    assert {"r0": 2} == tally.names.wanted


def test_what_cannot_be_read_is_counted_as_that_and_comes_with_the_reason() -> None:
    """Whether its name could be read or not."""
    tally = Tally(MAPPING)
    looked = tally.take([Message(CUT_SHORT), Message(b"")])

    assert [UNREADABLE, UNREADABLE] == [one.name for one in looked]
    assert ["undecodable", "undecodable"] == [
        plan.reason for one in looked for plan in one.plans if isinstance(plan, Rejection)
    ]
    assert ({UNREADABLE: 2}, {}) == (+tally.names.counts, tally.names.rules)


def test_a_record_without_a_value_is_no_event() -> None:
    """It is counted, and that is all."""
    tally = Tally(MAPPING)

    assert ([], {NO_VALUE: 1}) == (tally.take([Message(None)]), tally.names.counts)


def test_each_topic_has_its_own_format() -> None:
    """Also where topics take turns in a batch; one without a format is said."""
    text = (
        "format: {web: segment, billing: {name: json, event: type}}\ncontact: {userId: userId}\n"
        "rules: [{name: paid, when: paid, send: paid}]\n"
    )
    tally = Tally(load_mapping(text, "mapping.yaml"))
    bill, call = b'{"type": "paid", "userId": "u1"}', b'{"type": "track", "event": "paid", "userId": "u1"}'
    topics = ("web", "billing", "web", "other")
    values = (call, bill, bill, bill)
    looked = tally.take([Message(value, of_topic=topic) for topic, value in zip(topics, values, strict=True)])

    assert ["paid", "paid", UNREADABLE] == [one.name for one in looked]
    assert {"paid": 2, "{type: paid}": 1, UNREADABLE: 1} == tally.names.counts


def test_names_without_end_are_counted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a glance saw is forgotten past a bound; what was counted is not."""
    monkeypatch.setattr(module, "MEMO_MAX", 3)
    tally = Tally(MAPPING)
    for number in range(20):
        tally.take([Message(orjson.dumps({"type": "track", "event": f"e{number % 10}"}))])

    assert {f"e{number}": 2 for number in range(10)} == tally.names.counts


@given(st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from((0, 1))), max_size=30))
def test_it_makes_of_records_what_the_consumer_makes_of_them(given: list[tuple[bytes | None, int]]) -> None:
    """The same records with the same plans; and each record is counted under one name."""
    messages = [Message(value, at=at, of_partition=partition) for at, (value, partition) in enumerate(given)]
    tally = Tally(MAPPING)
    looked = {one.record.position: one.plans for one in tally.take(messages)}

    selected = [wanted for received in Selector(MAPPING).select(messages).values() for wanted in received.wanted]
    assert {wanted.record.position: wanted.plans for wanted in selected} == looked
    assert len(messages) == tally.names.counts.total() == tally.records
