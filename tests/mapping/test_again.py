"""What the rules in use make of a record that was a dead letter."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from consumer.core.record import Record, Rejection
from consumer.core.request import SendEvent, UpdateContact
from consumer.mapping.again import Again
from consumer.mapping.rules import CompiledMapping
from tests.mapping.making import MAY_FIRST_MS, TRIAL, mapping_of, plans_of

RULES = (
    "when: Trial Started, send: trialStarted",
    "when: Trial Started, update: true, contact: {plan: properties.plan}",
)


def record(document: Any, topic: str = "events") -> Record:
    """One with this document, or these bytes, where tests of selection have theirs."""
    value = document if isinstance(document, bytes) else orjson.dumps(document)
    return Record(topic, 0, 0, MAY_FIRST_MS, b"key", value)


@pytest.fixture
def mapping() -> CompiledMapping:
    """Two rules for one event."""
    return mapping_of(*RULES)


def test_one_rule_acts_alone(mapping: CompiledMapping) -> None:
    """As it does among all of them."""
    send, update = plans_of(mapping, TRIAL)
    again = Again(mapping)

    assert ((send,), (update,)) == (again.plans(record(TRIAL), "r0"), again.plans(record(TRIAL), "r1"))
    assert isinstance(send, SendEvent)
    assert isinstance(update, UpdateContact)


def test_without_a_rule_all_of_them_act(mapping: CompiledMapping) -> None:
    """As at first."""
    assert plans_of(mapping, TRIAL) == Again(mapping).plans(record(TRIAL), None)


def test_a_rule_that_wants_the_event_no_more_makes_nothing_of_it(mapping: CompiledMapping) -> None:
    """Nor does one that is not there."""
    again = Again(mapping)

    assert ((), ()) == (again.plans(record({**TRIAL, "event": "Other"}), "r0"), again.plans(record(TRIAL), "gone"))


def test_what_cannot_be_read_is_rejected_again_for_its_rule(mapping: CompiledMapping) -> None:
    """So that its letter stays that rule's."""
    again = Again(mapping)

    for rule in (None, "r0"):
        (plan,) = again.plans(record(b"junk"), rule)
        assert isinstance(plan, Rejection)
        assert ("undecodable", rule) == (plan.reason, plan.rule)


def test_it_knows_rules_and_topics() -> None:
    """Of a mapping with a format for each topic."""
    again = Again(mapping_of(RULES[0], top="format: {events: segment}"))

    assert (True, False) == (again.has_rule("r0"), again.has_rule("r1"))
    assert (True, False) == (again.has_topic("events"), again.has_topic("others"))
    assert () == again.plans(record(TRIAL, topic="others"), "r0")


def test_a_rule_that_is_not_enabled_is_gone() -> None:
    """It must not act."""
    assert not Again(mapping_of(RULES[0] + ", enabled: false", RULES[1])).has_rule("r0")
