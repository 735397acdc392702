"""Arrivals that a word asks for."""

from __future__ import annotations

import pytest

from consumer.core.terms import Priority
from consumer.planning.arrival_words import Wanted, WrongWord, wanted
from consumer.planning.arrivals import Kind


@pytest.mark.parametrize(
    ("word", "expected"),
    (
        ("poisson:8", Wanted("poisson", 8.0)),
        ("poisson:0.5:high", Wanted("poisson", 0.5, Priority.HIGH)),
        ("backlog:5000:low:update", Wanted("backlog", 5000.0, Priority.LOW, Kind.UPDATE)),
        ("backlog:5000:update:low", Wanted("backlog", 5000.0, Priority.LOW, Kind.UPDATE)),
        ("poisson", None),
        ("arrivals.csv", None),
        ("c:/arrivals.csv", None),
    ),
)
def test_a_word_has_a_number_and_perhaps_a_priority_and_a_kind(word: str, expected: Wanted | None) -> None:
    """In any order; what begins otherwise is none."""
    assert expected == wanted(word)


@pytest.mark.parametrize(
    ("word", "expected"),
    (
        ("poisson:x", 'found "x"; allowed: records a second, a number above 0 and at most 1,000,000'),
        ("poisson:nan", 'found "nan"'),
        ("poisson:0", 'found "0"'),
        ("poisson:", 'found ""'),
        ("backlog:1.5", 'found "1.5"; allowed: records, a whole number above 0 and at most 1,000,000'),
        ("backlog:9999999", 'found "9999999"'),
        ("poisson:8:hihg", 'found "hihg"; allowed: high, normal, low, event, update'),
    ),
)
def test_a_wrong_word_says_what_is_allowed(word: str, expected: str) -> None:
    """And what was found."""
    with pytest.raises(WrongWord) as wrong:
        wanted(word)

    assert str(wrong.value).startswith(expected)


def test_its_arrivals_are_as_it_says() -> None:
    """Those of another seed are of other contacts."""
    found = list(Wanted("backlog", 3.0, Priority.LOW, Kind.UPDATE).arrivals(for_s=10, seed="1"))
    other = list(Wanted("poisson", 100.0).arrivals(for_s=10, seed="2"))

    assert [(0.0, Priority.LOW, Kind.UPDATE)] * 3 == [(one.at_s, one.priority, one.kind) for one in found]
    assert 900 < len(other) < 1100
    assert set() == {one.contact for one in found} & {one.contact for one in other}


def test_how_many_it_comes_to_is_known_before_they_are_made() -> None:
    """Of poisson on the mean."""
    assert [5000.0, 600.0] == [Wanted(*form).expected(for_s=60) for form in (("backlog", 5000.0), ("poisson", 10.0))]
