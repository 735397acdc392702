"""What stands beside a dead letter."""

from __future__ import annotations

import pytest

from consumer.adapters.letter_headers import iso, letter_headers
from consumer.core.effect import Letter
from consumer.core.record import Record

RECORD = Record(
    "events", 2, 41, 1_777_629_500_000, b"key", b"value", (("trace", b"t1"), ("empty", None), ("trace", b"t2"))
)
REFUSED = Letter(
    1,
    RECORD,
    "deliver",
    "refused",
    "Ungültig",
    "trial-started",
    idempotency_key="k" * 64,
    refusals=2,
    attempts=3,
    first_failed_at_ms=1_777_629_600_123,
    mapping="abc",
)


def test_the_records_own_headers_come_first_untouched() -> None:
    """Repeated names and missing values too."""
    assert list(RECORD.headers) == letter_headers(REFUSED)[:3]


def test_a_letter_says_where_it_was_why_it_failed_and_what_was_tried() -> None:
    """Names that other tools know, and ours."""
    assert {
        "__connect.errors.topic": b"events",
        "__connect.errors.partition": b"2",
        "__connect.errors.offset": b"41",
        "__connect.errors.stage": b"deliver",
        "__connect.errors.exception.class.name": b"refused",
        "__connect.errors.exception.message": "Ungültig".encode(),
        "loops-consumer-rule": b"trial-started",
        "loops-consumer-mapping": b"abc",
        "loops-consumer-idempotency-key": b"k" * 64,
        "loops-consumer-refusals": b"2",
        "loops-consumer-attempts": b"3",
        "loops-consumer-first-failed-at": b"2026-05-01T10:00:00.123Z",
        "loops-consumer-timestamp": b"1777629500000",
    } == dict(letter_headers(REFUSED)[3:])


def test_what_is_not_known_has_no_header() -> None:
    """A record that cannot be read has neither rule nor key; zero tries are known."""
    headers = dict(letter_headers(Letter(1, RECORD, "decode", "not_json", "at byte 0")))

    assert not {"loops-consumer-rule", "loops-consumer-mapping", "loops-consumer-idempotency-key"} & headers.keys()
    assert b"0" == headers["loops-consumer-refusals"]


def test_an_omitted_value_is_said_with_its_size() -> None:
    """And what the record brought itself may be left out as well."""
    headers = letter_headers(REFUSED, value=False, own=False)

    assert ("loops-consumer-value-omitted", b"5") == headers[-1]
    assert "trace" not in dict(headers)


@pytest.mark.parametrize(
    ("at_ms", "shown"),
    (
        (0, None),
        (1_777_629_600_123, "2026-05-01T10:00:00.123Z"),
        (1_764_000_000_000_000, "1764000000000000"),
        (-(2**63), str(-(2**63))),
    ),
)
def test_a_time_that_is_no_date_is_shown_by_its_digits(at_ms: int, shown: str | None) -> None:
    """A producer may give a record any, as microseconds; whoever looks at it can still be shown the rest."""
    assert shown == iso(at_ms)
