"""Values of properties."""

from __future__ import annotations

import pytest

from consumer.sandbox.reply import Refused
from consumer.sandbox.values import PropertyType, check_value, is_date, type_of, valid_email


@pytest.mark.parametrize("value", ("", "x" * 498, 0, -1.5, True, "2026-05-01"))
def test_strings_numbers_booleans_and_dates_are_values(value: object) -> None:
    """Up to 498 characters, which are 500 with the quotes."""
    check_value("plan", value, null=False)


@pytest.mark.parametrize("value", ("x" * 499, [], ["a"], {}, {"a": 1}, None))
def test_long_strings_arrays_objects_and_null_are_none(value: object) -> None:
    """Null is one only where it resets."""
    with pytest.raises(Refused) as caught:
        check_value("plan", value, null=False)
    assert 400 == caught.value.status


def test_null_is_a_value_where_it_resets() -> None:
    """Of a contact property."""
    check_value("plan", None, null=True)


@pytest.mark.parametrize(
    "text",
    (
        "2026-05-01",
        "2026-05-01T10:00",
        "2026-05-01 10:00:59",
        "2026-05-01T10:00:59.123",
        "2026-05-01T10:00:59Z",
        "2026-05-01T10:00:59.1+02:00",
        "2026-05-01T10:00-0230",
    ),
)
def test_dates_have_these_forms(text: str) -> None:
    """With or without a time, down to the millisecond, with or without an offset."""
    assert is_date(text)


@pytest.mark.parametrize(
    "text", ("2026-5-1", "2026-13-01", "2026-05-32", "01.05.2026", "2026-05-01T25:00", "2026-05-01T", "x")
)
def test_other_texts_are_no_dates(text: str) -> None:
    """They stay strings."""
    assert not is_date(text)


@pytest.mark.parametrize(
    ("value", "kind"),
    (
        ("pro", PropertyType.STRING),
        ("2026-05-01", PropertyType.DATE),
        (1_700_000_000_000, PropertyType.NUMBER),
        (1.5, PropertyType.NUMBER),
        (False, PropertyType.BOOLEAN),
    ),
)
def test_the_first_value_shows_the_type(value: str | float | bool, kind: PropertyType) -> None:
    """A boolean is no number, and milliseconds are no date."""
    assert kind is type_of(value)


@pytest.mark.parametrize("text", ("a@example.com", "a.b+c@sub.example.org", "ä@example.com"))
def test_addresses(text: str) -> None:
    """Loops mails to these."""
    assert valid_email(text)


@pytest.mark.parametrize(
    "text",
    ("", "a", "a@", "@example.com", "a@example", "a b@example.com", "a@@example.com", f"{'a' * 250}@example.com"),
)
def test_no_addresses(text: str) -> None:
    """Loops refuses these."""
    assert not valid_email(text)
