"""What was found and what is allowed, in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from consumer.settings.wording import allowed_text, complaint_of, found_text


@pytest.mark.parametrize(
    ("value", "expected"),
    (
        (None, "nothing (null)"),
        ("ten", '"ten"'),
        ("10", '"10"'),
        ("ü", '"ü"'),
        (10, "10"),
        (0.5, "0.5"),
        (True, "true"),
        ([], "an empty list"),
        ([1], "a list"),
        ({"a": 1}, "a mapping"),
        (dt.date(2026, 5, 1), "2026-05-01 (a date)"),
        (b"x", "a value of another kind (bytes)"),
    ),
)
def test_a_value_is_shown_as_it_is_written(value: Any, expected: str) -> None:
    """Text in quotes, so that a number in quotes is seen to be text."""
    assert expected == found_text(value)


def test_a_long_text_is_cut_short() -> None:
    """A fault is a line."""
    assert len(found_text("x" * 1000)) == 62


@pytest.mark.parametrize(
    ("keys", "expected"),
    (
        (("loops", "rate_per_s"), "a whole number from 1 to 10000 or auto"),
        (("loops", "reserve_per_s"), "a whole number from 0 to 9999"),
        (("loops", "connect_timeout_s"), "a number from 0.1 to 60"),
        (("loops", "on_wire_max"), "a whole number from 1 to 1000 or auto"),
        (("loops", "api_key_file"), "text or null"),
        (("kafka", "start"), "earliest or latest"),
        (("kafka", "group_id"), "1 to 255 characters of text"),
        (("kafka", "topics"), 'a list of at least one, as ["product-events"]'),
        (("kafka", "bootstrap_servers"), "text, as localhost:9092"),
        (("kafka", "client"), "a mapping of keys and values"),
        (("kafka", "client", "sasl.username"), "text or a number or true or false"),
        (("delivery",), "a mapping of keys and values"),
    ),
)
def test_what_is_allowed_comes_from_the_schema(keys: tuple[str, ...], expected: str) -> None:
    """Type, bounds and example stand in one place alone."""
    assert expected == allowed_text(keys)


@pytest.mark.parametrize(
    ("keys", "value", "expected"),
    (
        (("loops", "rate_per_s"), "20", "write it without quotes: 20"),
        (("loops", "rate_per_s"), "0", None),
        (("loops", "rate_per_s"), "1.5", None),
        (("loops", "reserve_per_s"), "-1", None),
        (("loops", "timeout_s"), "1.5", "write it without quotes: 1.5"),
        (("delivery", "unchanged_for_s"), "24h", "in seconds: 86400"),
        (("delivery", "unchanged_for_s"), "2d", None),
        (("loops", "timeout_s"), "1500ms", "in seconds: 1.5"),
        (("kafka", "group_id"), "24h", None),
    ),
)
def test_a_hint_is_given_only_where_it_leads_to_what_is_allowed(
    keys: tuple[str, ...], value: str, expected: str | None
) -> None:
    """Otherwise the next fault would be about what it said."""
    assert expected == complaint_of({"type": "int_type", "loc": keys, "msg": "", "input": value}, keys, value).hint
