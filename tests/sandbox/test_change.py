"""Flat bodies."""

from __future__ import annotations

import pytest

from consumer.sandbox.change import Change, Identity, one_identity, read_change, read_identity
from consumer.sandbox.reply import Refused


@pytest.mark.parametrize(
    ("body", "identity"),
    (
        ({"email": "a@example.com"}, Identity("a@example.com")),
        ({"userId": "u1"}, Identity(None, "u1")),
        ({"email": None, "userId": "u1"}, Identity(None, "u1")),
        ({"email": "a@example.com", "userId": "u1"}, Identity("a@example.com", "u1")),
    ),
)
def test_email_userid_or_both_identify(body: dict[str, object], identity: Identity) -> None:
    """Null is none."""
    assert identity == read_identity(body)


@pytest.mark.parametrize(
    "body", ({}, {"email": None}, {"email": ""}, {"email": 1}, {"email": "a"}, {"userId": ""}, {"userId": 7})
)
def test_nobody_or_a_bad_identifier_is_refused(body: dict[str, object]) -> None:
    """A userId is a string."""
    with pytest.raises(Refused):
        read_identity(body)


def test_calls_for_one_identifier_refuse_two() -> None:
    """Find and delete."""
    with pytest.raises(Refused, match="Only one"):
        one_identity({"email": "a@example.com", "userId": "u1"})


def test_a_body_is_sorted_into_what_it_changes() -> None:
    """Identifiers and the event's own members are no properties."""
    body = {
        "email": "a@example.com",
        "eventName": "e",
        "eventProperties": {"x": 1},
        "firstName": "Ada",
        "plan": None,
        "seats": 3,
        "subscribed": False,
        "mailingLists": {"l1": True, "l2": False},
    }
    expected = Change({"firstName": "Ada"}, {"plan": None, "seats": 3}, {"l1": True, "l2": False}, subscribed=False)
    assert expected == read_change(body, of_event=True)


@pytest.mark.parametrize(
    "more",
    (
        {"id": "x"},
        {"listId": "x"},
        {"softDeleteAt": "x"},
        {"teamId": "x"},
        {"updatedAt": "x"},
        {"": "x"},
        {"eventName": "x"},
        {"firstName": 1},
        {"subscribed": "yes"},
        {"subscribed": None},
        {"tags": ["x"]},
        {"contactProperties": {"plan": "pro"}},
        {"mailingLists": ["l1"]},
        {"mailingLists": {"l1": "true"}},
        {"plan": "x" * 499},
    ),
)
def test_what_loops_takes_not_is_refused(more: dict[str, object]) -> None:
    """Reserved names, wrong types, arrays, objects, long strings."""
    with pytest.raises(Refused) as caught:
        read_change({"email": "a@example.com", **more}, of_event=False)
    assert 400 == caught.value.status
