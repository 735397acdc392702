"""Decoded values as plain data: the table at the head of the module, line by line."""

from __future__ import annotations

import json
import math
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.adapters.schema_values import plain, plain_decimal

NOON = datetime(2026, 5, 1, 12, 0, 0, 120_000, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("value", "expected"),
    (
        (None, None),
        (True, True),
        ("text", "text"),
        (42, 42),
        (2**53, 2**53),
        (2**53 + 1, "9007199254740993"),
        (-(2**63), "-9223372036854775808"),
        (0.1, 0.1),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (datetime(2026, 5, 1, 10, tzinfo=UTC), "2026-05-01T10:00:00Z"),
        (NOON, "2026-05-01T10:00:00.120000Z"),
        (datetime(2026, 5, 1, 10, 30), "2026-05-01T10:30:00"),  # noqa: DTZ001 - a local moment has no zone
        (date(2026, 5, 1), "2026-05-01"),
        (time(10, 0, 0, 5_000), "10:00:00.005000"),
        (b"\xff\x00", "/wA="),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({"a": [Decimal("1.5"), {"b": b""}]}, {"a": [1.5, {"b": ""}]}),
        ({"a": 2**60}, {"a": str(2**60)}),
    ),
)
def test_each_kind_has_its_plain_form(value: Any, expected: Any) -> None:
    """Of the same type, too: true is no number."""
    found = plain(value)

    assert (expected, type(expected)) == (found, type(found))


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("0", 0),
        ("0.00", 0),
        ("-0.00", 0),
        ("42.00", 42),
        ("19.99", 19.99),
        ("-19.99", -19.99),
        ("1E+3", 1000),
        ("123456789012345", 123456789012345),
        ("1234567890123456", "1234567890123456"),
        ("1234567890123.45", 1234567890123.45),
        ("0.1234567890123456", "0.1234567890123456"),
        ("12345678901234567890.50", "12345678901234567890.50"),
        ("1E+20", "100000000000000000000"),
        ("1E-300", "0." + "0" * 299 + "1"),
        ("1E+5000", "1E+5000"),
        ("1E-5000", "1E-5000"),
        ("0E-5000", "0E-5000"),
    ),
)
def test_a_decimal_is_a_number_where_it_is_exact_as_one(text: str, expected: float | str) -> None:
    """Else all of its digits, and no two billion zeros."""
    found = plain_decimal(Decimal(text))

    assert (expected, type(expected)) == (found, type(found))


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_no_decimal_loses_a_digit(value: Decimal) -> None:
    """What stands in JSON is the decimal."""
    found = json.loads(json.dumps(plain_decimal(value)), parse_float=str, parse_int=str)

    assert value == Decimal(found)
