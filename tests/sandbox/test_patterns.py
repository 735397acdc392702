"""Event names seen."""

from __future__ import annotations

from consumer.sandbox.ids import Ids
from consumer.sandbox.patterns import EventPatterns
from consumer.sandbox.values import PropertyType


def test_the_first_send_makes_a_name_and_names_differ_by_case() -> None:
    """Each has an identifier of its own."""
    patterns = EventPatterns(Ids(0), 10)
    patterns.sent("paid", {})
    patterns.sent("Paid", {})
    patterns.sent("paid", {})
    assert [("paid", 2), ("Paid", 1)] == [(each.name, each.seen) for each in patterns.all()]
    lower = patterns.by_name("paid")
    assert lower is not None
    assert lower is patterns.by_id(lower.id)
    assert patterns.by_name("PAID") is None


def test_properties_add_up_and_keep_their_first_type() -> None:
    """Over all sends."""
    patterns = EventPatterns(Ids(0), 10)
    patterns.sent("paid", {"amount": 3})
    patterns.sent("paid", {"amount": "x", "at": "2026-05-01"})
    assert {"amount": PropertyType.NUMBER, "at": PropertyType.DATE} == patterns.all()[0].properties


def test_past_the_bound_new_names_are_not_remembered() -> None:
    """The old ones go on counting."""
    patterns = EventPatterns(Ids(0), 1)
    for name in ("a", "b", "a"):
        patterns.sent(name, {})
    assert [("a", 2)] == [(each.name, each.seen) for each in patterns.all()]
