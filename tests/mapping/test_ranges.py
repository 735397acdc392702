"""Ranges: which are too long, or may be."""

from __future__ import annotations

import pytest

from consumer.mapping.ranges import unbounded_range


@pytest.mark.parametrize(
    "source",
    (
        "[1..5]",
        "[-3..-1]",
        "[0..999]",
        "[1, 3..5, 7]",
        "[5..1]",
        "'[1..a]'",
        '"\\"[1..a]"',
        "`a..b`",
        "/* [1..a] */ 1",
        "$match(s, /[1..a]/)",
        "a.b.c",
    ),
)
def test_a_range_that_shows_its_length_is_fine(source: str) -> None:
    """And so is what only looks like one: in a text, a name, a comment or a regular expression."""
    assert unbounded_range(source) is None


@pytest.mark.parametrize(
    ("source", "position"),
    (
        ("[0..1000]", 2),
        ("$sum([1..10000000])", 7),
        ("[1..n]", 2),
        ("[n..3]", 2),
        ("[1..(3)]", 2),
        ("[1.5..3]", 4),
        ("[1..2+99999]", 2),
        ("[1..9999999999]", 2),
        ("[1..5, 0..n]", 8),
        ("a.*/2/[1..n]", 8),
        ("a.** /2/[1..n]", 10),
        ("(a) / 2 / [1..n]", 12),
        ("x[[0..n]]", 4),
    ),
)
def test_a_range_that_may_be_long_is_found(source: str, position: int) -> None:
    """With the place of its dots; a division does not hide it as a regular expression would."""
    assert position == unbounded_range(source)
