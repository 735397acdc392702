"""The verdict names everything that is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.sandbox.arrivals import Arrival, Comparison
from consumer.sandbox.product import Place
from consumer.sandbox.verdict import DemoVerdict, LetterCount, count_letters

ONE = (Arrival("u1", "sendEvent", "paid", "1"),)
GOOD = DemoVerdict(
    records=100,
    requests=Comparison(5, 5),
    letters=LetterCount(2, 2),
    ends={0: 60, 1: 40},
    committed={0: 60, 1: 40},
)


def test_a_good_run_has_no_reasons() -> None:
    """And is OK."""
    assert GOOD.ok
    assert [] == list(GOOD.reasons())


@pytest.mark.parametrize(
    ("bad", "reason"),
    (
        (replace(GOOD, requests=Comparison(5, 4, missing=ONE)), "1 missing"),
        (replace(GOOD, requests=Comparison(5, 6, twice=ONE)), "1 twice"),
        (replace(GOOD, requests=Comparison(5, 5, out_of_order=ONE)), "1 out of order"),
        (replace(GOOD, requests=Comparison(5, 6, unexpected=ONE * 1200)), "1,200 not expected"),
        (replace(GOOD, letters=LetterCount(2, 1, missing=1)), "1 dead letters missing"),
        (replace(GOOD, letters=LetterCount(2, 3, twice=1)), "1 dead letters twice"),
        (replace(GOOD, letters=LetterCount(2, 3, unexpected=1)), "1 dead letters not expected"),
        (replace(GOOD, committed={0: 55, 1: 40}), "5 records not committed"),
        (replace(GOOD, committed={0: 60}), "40 records not committed"),
        (replace(GOOD, not_produced=3), "3 records that the broker did not take"),
        (replace(GOOD, records=0), "no record was produced"),
        (replace(GOOD, exit_code=1), "the consumer ended with 1"),
        (replace(GOOD, exit_code=None), "the consumer did not stop"),
    ),
)
def test_each_thing_that_is_wrong_is_a_reason(bad: DemoVerdict, reason: str) -> None:
    """Alone it is enough."""
    assert not bad.ok
    assert [reason] == list(bad.reasons())


def test_several_reasons_are_all_named() -> None:
    """In one go."""
    bad = replace(GOOD, requests=Comparison(5, 5, missing=ONE, twice=ONE), exit_code=-9)
    assert ["1 missing", "1 twice", "the consumer ended with -9"] == list(bad.reasons())


def test_letters_are_compared_by_where_their_records_lie() -> None:
    """As many of them in other places are not the same."""
    a, b, c = Place(0, 5), Place(1, 5), Place(0, 6)
    assert LetterCount(2, 2) == count_letters({a, b}, [b, a])
    assert LetterCount(2, 2, missing=1, unexpected=1) == count_letters({a, b}, [a, c])
    assert LetterCount(2, 3, twice=1) == count_letters({a, b}, [a, b, a])
    assert LetterCount(1, 0, missing=1) == count_letters({a}, [])
