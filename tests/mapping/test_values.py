"""What may leave for Loops, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.mapping.values import (
    EMAIL_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    Unacceptable,
    checked_email,
    checked_lists,
    checked_properties,
    checked_user_id,
)

LIST, OTHER_LIST = "cm06f5v0e45nf0ml5754o9cix", "cm06f5v0e45nf0ml5754o9ciy"


def said(check: Any, *given_values: Any, **options: Any) -> str:
    """What is said of a value that may not leave."""
    with pytest.raises(Unacceptable) as found:
        check(*given_values, **options)
    return str(found.value)


@pytest.mark.parametrize(("value", "email"), (("user@example.com", "user@example.com"), ("", None), (None, None)))
def test_an_address_or_none(value: Any, email: str | None) -> None:
    """An empty one is none."""
    assert email == checked_email(value)


@pytest.mark.parametrize(
    "value",
    ("user", "user@", "@example.com", "a@b@example.com", "a b@example.com", " a@example.com", "a@example.com\n"),
)
def test_what_is_no_address_is_refused_without_being_shown(value: str) -> None:
    """One @, something on both sides, no white space."""
    assert said(checked_email, value).startswith("email is no address")
    assert value not in said(checked_email, value) or value == "user@"


def test_a_long_address_is_refused() -> None:
    """One character more than mail can carry."""
    end = "@example.com"

    assert checked_email("a" * (EMAIL_LENGTH_MAX - len(end)) + end)
    assert "email is longer than 254 characters" == said(checked_email, "a" * (EMAIL_LENGTH_MAX - len(end) + 1) + end)


@pytest.mark.parametrize("value", (5, True, ["user@example.com"], {"a": 1}))
def test_an_address_is_text(value: Any) -> None:
    """A list of one is not."""
    assert said(checked_email, value).endswith("and no text")


@pytest.mark.parametrize(
    ("value", "user_id"),
    (("u1", "u1"), (42, "42"), (-5, "-5"), (0, "0"), ("", None), (None, None), (2**53 - 1, str(2**53 - 1))),
)
def test_a_user_id_is_text_or_a_whole_number(value: Any, user_id: str | None) -> None:
    """And leaves as text."""
    assert user_id == checked_user_id(value)


@pytest.mark.parametrize(
    ("value", "why"),
    (
        (2**53, "userId is a number past 2^53, which is not exact: it must come as text"),
        (1.5, "userId is a number; it must be text or a whole number"),
        (True, "userId is true or false; it must be text or a whole number"),
        (["u1"], "userId is an array; it must be text or a whole number"),
        ("u" * 499, "userId is longer than 498 characters"),
    ),
)
def test_any_other_user_id_is_refused(value: Any, why: str) -> None:
    """Past 2^53 two contacts could become one."""
    assert why == said(checked_user_id, value)


def test_properties_are_text_numbers_and_booleans() -> None:
    """Up to 498 characters, and null where it resets."""
    values = {"a": "x" * TEXT_LENGTH_MAX, "b": 1, "c": 1.5, "d": False, "e": None}

    assert values == checked_properties(values, "contact", null=True)


@pytest.mark.parametrize(
    ("value", "why"),
    (
        (["a"], "event.plan is an array; Loops takes text, numbers, true and false"),
        ({"a": 1}, "event.plan is an object; Loops takes text, numbers, true and false"),
        ("x" * 499, "event.plan is longer than 498 characters"),
        (None, "event.plan is null, which Loops takes in properties of a contact alone"),
        (float("inf"), "event.plan is a number; Loops takes text, numbers, true and false"),
    ),
)
def test_other_properties_are_refused_by_name_and_kind(value: Any, why: str) -> None:
    """The value itself is never shown."""
    assert why == said(checked_properties, {"plan": value}, "event", null=False)


@pytest.mark.parametrize(("value", "kind"), (("true", "text"), (1, "a number"), (None, "null"), ([True], "an array")))
def test_a_list_is_joined_or_left(value: Any, kind: str) -> None:
    """Nothing else is guessed to mean one of them."""
    assert {LIST: True, OTHER_LIST: False} == checked_lists({LIST: True, OTHER_LIST: False})
    assert f"lists.{LIST} is {kind}; it must be true or false" == said(checked_lists, {LIST: value})


def test_computed_lists_are_ids_of_lists() -> None:
    """A text of the event is no name of a list, and is not quoted."""
    assert "lists names something that is no id of a list" == said(checked_lists, {"user@example.com": True})
    assert "lists is text; it must be an object of list ids" == said(checked_lists, LIST)


@given(st.dictionaries(st.text(max_size=3), st.text() | st.floats() | st.lists(st.text()) | st.none()))
def test_properties_pass_unchanged_or_not_at_all(values: dict[str, Any]) -> None:
    """Nothing is cut, rounded or dropped on the way."""
    try:
        assert values == checked_properties(values, "contact", null=True)
    except Unacceptable as reason:
        said_of = str(reason)
    else:
        said_of = "contact."
    assert said_of.startswith("contact.")


def test_a_number_that_json_cannot_hold_is_refused() -> None:
    """A 64-bit number is the largest that is written."""
    assert {"seats": 2**63 - 1} == checked_properties({"seats": 2**63 - 1}, "contact", null=True)
    for value in (2**63, -(2**63) - 1, 10**30):
        assert "contact.seats is a number past 2^63" in said(checked_properties, {"seats": value}, "contact", null=True)
