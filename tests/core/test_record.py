"""Records."""

from __future__ import annotations

from consumer.core.record import Position, Record


def test_a_record_shows_where_it_lies_and_nothing_of_what_it_holds() -> None:
    """Key, value and headers are personal data."""
    record = Record("events", 3, 42, 0, b"user@example.com", b'{"email":"user@example.com"}', [("h", b"@example.com")])
    assert "Record(topic='events', partition=3, offset=42, timestamp_ms=0)" == repr(record)
    assert Position("events", 3, 42) == record.position


def test_its_size_is_that_of_key_and_value() -> None:
    """In bytes; a missing one has none."""
    assert (5, 0) == (Record("t", 0, 0, 0, b"ab", b"cde").size_bytes, Record("t", 0, 0, 0, None, None).size_bytes)
