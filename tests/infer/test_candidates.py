"""What could become properties."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.infer.candidates import CANDIDATES_MAX, Candidate, candidates
from consumer.infer.shapes import Shapes
from tests.infer import topics
from tests.mapping.making import TRIAL


def _found(*documents: dict[str, Any], form: str = "json") -> list[Candidate]:
    shapes = Shapes()
    for document in documents:
        shapes.add(document)
    return candidates(form, shapes, ())


def test_a_candidate_says_what_is_known_of_its_values() -> None:
    """The kind, few words, what is too long, and how often it is there."""
    documents = [{"plan_name": "x" * 600, "kind": "pro", "at": "2026-05-01"}] * 9 + [{"kind": "pro"}]

    assert [
        Candidate("planName", "plan_name", "text; up to 600 characters, of which Loops takes 498; in 90%"),
        Candidate("kind", "kind", "text: pro"),
        Candidate("at", "at", "a date; in 90%"),
    ] == _found(*documents)


@pytest.mark.parametrize(
    ("form", "event", "names"),
    (
        ("segment", TRIAL, ["plan", "seats"]),
        ("rudderstack", topics.RUDDER, ["orderId", "total"]),
        ("posthog", topics.POSTHOG | {"properties": {"plan": "pro", "$browser": "x"}}, ["plan"]),
        ("amplitude", topics.AMPLITUDE, ["plan"]),
        ("mixpanel", topics.MIXPANEL, ["plan"]),
        ("snowplow", topics.SNOWPLOW, ["plan"]),
        ("cloudevents", topics.CLOUD, ["plan"]),
        ("debezium", topics.CHANGE, ["firstName"]),
        ("outbox", {"plan": "pro", "_key": "7", "_headers": {"id": "x"}}, ["plan"]),
    ),
)
def test_of_a_format_only_what_the_product_says_counts(form: str, event: dict[str, Any], names: list[str]) -> None:
    """Not what libraries and brokers add."""
    assert names == [candidate.name for candidate in _found(event, form=form)]


def test_what_loops_has_a_meaning_for_is_no_property() -> None:
    """Nor addresses, lists, nothing at all, and ``subscribed``, which may join a person again."""
    document = {
        "email": "x",
        "user_id": "x",
        "id": 1,
        "subscribed": True,
        "to": "a@b.example",
        "tags": [],
        "nothing": None,
    }

    assert [] == _found(document)


def test_places_that_say_what_event_it_is_are_left_out() -> None:
    """They are in ``when`` already."""
    shapes = Shapes()
    shapes.add({"type": "a", "plan": "pro"})

    assert ["plan"] == [candidate.name for candidate in candidates("json", shapes, [("type",)])]


def test_the_most_frequent_are_proposed_in_their_order_and_each_name_once() -> None:
    """Up to a bound."""
    seldom = {f"seldom{number}": 1 for number in range(CANDIDATES_MAX)}
    often = {"b": 1, "a": 1, "x_y": 1, "xY": 1}
    names = [candidate.name for candidate in _found(seldom | often, often, often)]

    assert (CANDIDATES_MAX, ["b", "a", "xY"]) == (len(names), names[-3:])
