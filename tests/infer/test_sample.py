"""Events that are looked at closely."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.infer import sample as module
from consumer.infer.sample import Sample
from consumer.mapping.formats.format import Event
from consumer.mapping.formats.known import FORMATS
from tests.mapping.making import TRIAL


def _sampled(*documents: dict[str, Any], form: str = "segment") -> Sample:
    found = Sample(FORMATS[form])
    for document in documents:
        found.add(Event(document, None), document.get("event", "x"))
    return found


def test_whom_the_format_finds_is_counted() -> None:
    """An address that is none, and an empty userId, is nobody."""
    found = _sampled(TRIAL, TRIAL | {"userId": ""}, TRIAL | {"context": {"traits": {"email": "none"}}})

    assert (3, 2, 2) == (found.looked_at, found.emails, found.user_ids)


def test_places_of_addresses_come_the_most_frequent_first() -> None:
    """With their share of all events, whatever their names."""
    found = _sampled(TRIAL, TRIAL, {"event": "y", "properties": {"to": "user@example.com"}}, {"event": "z"})

    assert [(("context", "traits", "email"), 0.5), (("properties", "to"), 0.25)] == found.addresses()


def test_places_of_user_ids_come_the_likeliest_first() -> None:
    """By how often they are there, then by their key; an anonymous id is none, nor is any other thing's."""
    document = {
        "order": {"id": 9},
        "anonymousId": "a",
        "customer": {"id": 7},
        "user_id": "u1",
        "uid": "u2",
    }
    found = _sampled(document, document, {"uid": "u2"}, form="json")

    assert [("uid",), ("user_id",), ("customer", "id")] == [place for place, _ in found.ids()]


def test_names_and_events_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first say enough."""
    monkeypatch.setattr(module, "NAMES_MAX", 2)
    monkeypatch.setattr(module, "EVENTS_MAX", 3)
    found = _sampled(*({"event": f"e{number % 4}"} for number in range(40)))

    assert (["e0", "e1"], 6) == (list(found.by_name), found.looked_at)
