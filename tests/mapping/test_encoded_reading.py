"""Passing over the numbers of an encoded value, and counting."""

from __future__ import annotations

import pytest

from consumer.mapping.encoded_reading import DECIMAL_BYTES_MAX, EncodedReading, further_parts
from consumer.mapping.envelope import PARTS_MAX, Unreadable


@pytest.mark.parametrize(
    ("data", "number"),
    (
        (b"\0", 0),
        (b"\x7f", 127),
        (b"\x80\x01", 128),
        (b"\xff" * 9 + b"\x01", 2**64 - 1),
        (b"\xff" * 9 + b"\x7f", 2**64 - 1),
    ),
)
def test_a_number_is_read_with_the_bytes_that_it_has(data: bytes, number: int) -> None:
    """Of 64 bits, whatever stands beyond."""
    reading = EncodedReading(b"x" + data + b"y", 1)
    assert (number, len(data) + 1) == (reading.varint(), reading.at)


def test_a_number_without_an_end_is_refused_at_once() -> None:
    """And one that is cut short ends with the bytes."""
    with pytest.raises(Unreadable, match="64 bits"):
        EncodedReading(b"\x80" * 10_000_000, 0).varint()
    with pytest.raises(IndexError):
        EncodedReading(b"\x80", 0).varint()


def test_as_many_parts_as_are_allowed_may_be_found() -> None:
    """And not one more."""
    reading = EncodedReading(b"", 0)
    reading.spend(PARTS_MAX)
    with pytest.raises(Unreadable, match=f"the value has more than {PARTS_MAX} parts"):
        reading.spend(1)


def test_a_decimal_counts_for_its_digits_and_may_not_be_long() -> None:
    """Reading a long one would take minutes."""
    reading = EncodedReading(b"", 0)
    reading.decimal(DECIMAL_BYTES_MAX)
    assert PARTS_MAX - 4 == reading.left
    with pytest.raises(Unreadable, match="a decimal of more than 1000 bytes"):
        reading.decimal(DECIMAL_BYTES_MAX + 1)


def test_a_name_is_more_than_a_part_where_it_is_long() -> None:
    """It stands in the JSON each time."""
    assert [0, 1, 100] == [further_parts("n" * length) for length in (99, 100, 10_000)]
