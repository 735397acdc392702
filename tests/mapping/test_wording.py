"""What is found and what is allowed, in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from consumer.mapping.formats.known import FORMATS
from consumer.mapping.wording import Keys, allowed_text, found_text, is_expected


@pytest.mark.parametrize(
    ("value", "text"),
    (
        (None, "nothing (null)"),
        (True, "true"),
        (1.5, "1.5"),
        ("é", '"é"'),
        ("x" * 70, '"' + "x" * 59 + '…"'),
        ([], "an empty list"),
        ([1], "a list"),
        ({}, "a mapping"),
        (dt.date(2026, 5, 1), "2026-05-01 (a date)"),
        (b"x", "bytes"),
        ({1}, "a set"),
    ),
)
def test_what_was_found_is_shown_as_written(value: Any, text: str) -> None:
    """And cut short where it is long."""
    assert text == found_text(value)


@pytest.mark.parametrize(
    ("keys", "text"),
    (
        (("format",), f"{', '.join(FORMATS)}; or a map from topic to one of these"),
        (("format", "events"), ", ".join(FORMATS)),
        (("format", "events", "time"), "a path, as meta.name"),
        (("format", "wrapped"), "true or false"),
        (("contact",), "who an event is about, as {email: PATH, userId: PATH}"),
        (("contact", "email"), "a JSONata expression: text, a number, true or false"),
        (("rules", 0, "contact"), "a mapping of properties to JSONata expressions"),
        (("rules", 0, "event", "plan"), "a JSONata expression: text, a number, true or false"),
        (("rules", 0, "when", "type"), "text, a number, true or false, or a list of these"),
        (("rules", 0, "when", 1), "text"),
        (("rules", 0), "a rule, as a mapping of keys and values"),
        (("tests", 0, "expect", 0, "event"), "a mapping of properties to their values"),
        (("tests", 0, "expect", 0, "update"), "true"),
        (("tests", 0, "expect", 0, "email"), "text"),
        (("tests", 0, "expect", 0, "lists", "cm06f5v0e45nf0ml5754o9cix"), "true or false"),
        (("tests", 0, "key"), "text"),
    ),
    ids=str,
)
def test_what_is_allowed_depends_on_the_place(keys: Keys, text: str) -> None:
    """The same key may stand in several."""
    assert text == allowed_text(keys)


def test_what_a_test_expects_is_values_and_no_expressions() -> None:
    """Below the list of requests."""
    assert is_expected(("tests", 0, "expect", 0, "event"))
    assert not is_expected(("tests", 0, "expect"))
    assert not is_expected(("rules", 0, "event"))
