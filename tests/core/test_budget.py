"""How many requests of a rule may leave within an hour."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumer.core.budget import Budgets

HOUR_S = 3_600.0


def _budgets(owned: int = 1, partitions: int = 1) -> Budgets:
    budgets = Budgets()
    budgets.share_out(owned, partitions)
    return budgets


def test_a_part_is_that_of_the_partitions_and_never_nothing() -> None:
    """Rounded down, so that all replicas together stay below; but one that owns any may send one."""
    parts = [_budgets(owned, 12).part(100) for owned in (0, 1, 5, 12)]
    assert [0, 8, 41, 100] == parts
    assert 1 == _budgets(1, 200).part(100)


def test_a_rule_that_has_sent_its_part_sends_no_more_within_the_hour() -> None:
    """Others have theirs."""
    budgets = _budgets()
    for _ in range(3):
        budgets.spend("r", now=59.0)
    assert [True, False, False] == [
        budgets.is_spent("r", 3, now=60.0),
        budgets.is_spent("r", 4, now=60.0),
        budgets.is_spent("other", 3, now=60.0),
    ]


def test_what_left_counts_until_the_minute_an_hour_later_is_over() -> None:
    """It is kept by the minute, and rounded up."""
    budgets = _budgets()
    budgets.spend("r", now=59.0)
    assert [True, False] == [budgets.is_spent("r", 1, now=now) for now in (HOUR_S + 59.9, HOUR_S + 60.0)]


def test_who_owns_nothing_sends_nothing() -> None:
    """Of a rule that has sent nothing, too."""
    assert _budgets(0, 4).is_spent("r", 100, now=0.0)


def test_a_part_that_shrinks_counts_what_has_left() -> None:
    """Half of the partitions went: half of the budget is used up by what left before."""
    budgets = _budgets(2, 2)
    for _ in range(5):
        budgets.spend("r", now=0.0)
    budgets.share_out(1, 2)
    assert [True, False] == [budgets.is_spent("r", most, now=1.0) for most in (10, 12)]


@given(
    st.integers(1, 8),
    st.lists(st.floats(0, 400.0, allow_nan=False, width=32), max_size=150),
)
def test_no_hour_sees_more_than_the_budget(most: int, gaps: list[float]) -> None:
    """Wherever it begins; and nobody waits for more than an hour and a minute."""
    budgets = _budgets()
    left: list[float] = []
    now = 0.0
    for gap in gaps:
        now += gap
        if not budgets.is_spent("r", most, now=now):
            budgets.spend("r", now=now)
            left.append(now)
        else:
            assert len([at for at in left if at > now - HOUR_S - 60.0]) >= most
    assert all(later - first > HOUR_S for first, later in zip(left, left[most:], strict=False))
