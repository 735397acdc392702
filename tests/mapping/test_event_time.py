"""Times of events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.mapping.event_time import EARLIEST_MS, LATEST_MS, milliseconds

MAY_FIRST_MS = 1_777_629_600_000


@pytest.mark.parametrize(
    "value",
    (
        "2026-05-01T10:00:00Z",
        "2026-05-01T10:00:00.000Z",
        "2026-05-01T12:00:00+02:00",
        "2026-05-01 10:00:00.000000",
        "2026-05-01T10:00",
        "20260501T100000Z",
        "1777629600",
        "1777629600000",
        1_777_629_600,
        1_777_629_600_000,
        1_777_629_600_000_000,
        1_777_629_600_000_000_000,
        1_777_629_600.0,
    ),
    ids=repr,
)
def test_one_moment_in_many_ways(value: Any) -> None:
    """ISO 8601, UTC where it does not say; numbers since 1970, whose unit their size tells."""
    assert MAY_FIRST_MS == milliseconds(value)


def test_parts_of_a_second_count() -> None:
    """Down to the millisecond, rounded down."""
    assert MAY_FIRST_MS + 123 == milliseconds("2026-05-01T10:00:00.123999Z")
    assert MAY_FIRST_MS + 123 == milliseconds(1_777_629_600.1239)


def test_a_date_is_its_midnight() -> None:
    """And eight digits are a date."""
    assert MAY_FIRST_MS - 36_000_000 == milliseconds("2026-05-01") == milliseconds("20260501")


@pytest.mark.parametrize(
    "value",
    (None, True, [], {}, "", "yesterday", "1", 0, -5, float("nan"), float("inf"), 1e300, "9" * 400, "0001-01-01"),
)
def test_what_is_no_time_is_none(value: Any) -> None:
    """Nor is what lies before 1970 or past the year 9999."""
    assert milliseconds(value) is None


@given(st.one_of(st.text(), st.integers(), st.floats(), st.datetimes().map(str)))
def test_nothing_raises_and_nothing_is_out_of_bounds(value: Any) -> None:
    """Whatever a producer writes there."""
    found = milliseconds(value)

    assert found is None or EARLIEST_MS < found <= LATEST_MS
