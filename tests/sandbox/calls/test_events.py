"""/events/send."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.sandbox.contacts import MULTIPLE, UNKNOWN_USER_ID
from tests.sandbox.asking import Asker


def test_an_event_makes_and_changes_the_contact_and_is_seen() -> None:
    """One call does it all."""
    asker = Asker()
    body = {
        "email": "a@example.com",
        "userId": "u1",
        "eventName": "trialStarted",
        "eventProperties": {"plan": "pro", "seats": 3},
        "plan": "pro",
        "mailingLists": {"l1": True},
    }
    assert (200, {"success": True}) == asker.ask("POST", "/events/send", body)
    found = asker.contact("a@example.com")
    assert ("u1", "pro", {"l1": True}) == (found["userId"], found["plan"], found["mailingLists"])
    assert "seats" not in found
    assert "trialStarted" == asker.ask("GET", "/event-patterns")[1]["data"][0]["eventName"]


@pytest.mark.parametrize(
    "more",
    (
        {"eventName": None},
        {"eventName": ""},
        {"eventName": 1},
        {"eventName": "a:b"},
        {"email": None},
        {"email": "x"},
        {"eventProperties": []},
        {"eventProperties": {"a": None}},
        {"eventProperties": {"a": []}},
        {"eventProperties": {"a": {"b": 1}}},
        {"eventProperties": {"a": "x" * 499}},
        {"plan": {"a": 1}},
        {"id": "x"},
    ),
)
def test_a_bad_event_is_refused_and_changes_nothing(more: dict[str, Any]) -> None:
    """Neither contact nor event name."""
    asker = Asker()
    assert 400 == asker.send(**more)
    assert (0, []) == (len(asker.model.team.contacts), asker.model.team.patterns.all())


def test_an_unknown_userid_alone_and_two_contacts_are_refused_in_loops_words() -> None:
    """Both are permanent."""
    asker = Asker()
    unknown = asker.ask("POST", "/events/send", {"userId": "u1", "eventName": "e"})
    assert (400, {"success": False, "message": UNKNOWN_USER_ID}) == unknown
    asker.send(userId="u1")
    asker.send(email="b@example.com", userId="u2")
    two = asker.ask("POST", "/events/send", {"email": "a@example.com", "userId": "u2", "eventName": "e"})
    assert (400, {"success": False, "message": MULTIPLE}) == two


def test_a_repeated_key_sends_once() -> None:
    """The journal tells which one took effect."""
    asker = Asker()
    assert [200, 409] == [asker.send("k1"), asker.send("k1")]
    assert [("k1", True), ("k1", False)] == [(each.idempotency_key, each.took_effect) for each in asker.model.journal]
