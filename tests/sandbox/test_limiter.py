"""The team's limit."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.sandbox.limiter import Bucket, Decision, FixedWindow, Limiter, SlidingWindow, limiter_for
from consumer.sandbox.options import LimitWay

WAYS = tuple(LimitWay)


@pytest.mark.parametrize("way", WAYS)
def test_the_eleventh_at_one_moment_is_refused(way: LimitWay) -> None:
    """In each way of counting, and the headers count down to nothing."""
    limiter = limiter_for(way, 10, 0.25)
    decisions = [limiter.admit(100.5) for _ in range(11)]
    assert [Decision(True, 10, left) for left in range(9, -1, -1)] + [Decision(False, 10, 0)] == decisions


@pytest.mark.parametrize("way", WAYS)
def test_after_two_quiet_seconds_all_ten_are_there_again(way: LimitWay) -> None:
    """Refused ones have not counted."""
    limiter = limiter_for(way, 10, 0.25)
    for _ in range(50):
        limiter.admit(100.5)
    assert [True] * 10 + [False] == [limiter.admit(102.5).admitted for _ in range(11)]


def test_a_fixed_window_begins_at_its_phase() -> None:
    """Ten just before the edge and ten just after it are all let in."""
    limiter = FixedWindow(10, 0.25)
    assert [True] * 10 + [False] == [limiter.admit(5.2).admitted for _ in range(11)]
    assert [True] * 10 + [False] == [limiter.admit(5.3).admitted for _ in range(11)]


def test_in_a_sliding_window_exactly_one_second_ago_still_counts() -> None:
    """The edge is on the strict side."""
    limiter = SlidingWindow(1)
    assert [True, False, True] == [limiter.admit(at).admitted for at in (1.0, 2.0, 2.0625)]


def test_a_bucket_fills_evenly_and_never_over() -> None:
    """Ten a second are one every tenth."""
    limiter = Bucket(10)
    assert [True] * 10 == [limiter.admit(1.0).admitted for _ in range(10)]
    assert [False, True, False] == [limiter.admit(at).admitted for at in (1.05, 1.11, 1.11)]
    assert 10 == limiter.remaining(1000.0)


def simplest_fixed(times: list[Fraction], rate: int) -> list[bool]:
    """Counts by whole seconds."""
    taken: dict[int, int] = {}
    found = []
    for at in times:
        admitted = taken.get(int(at // 1), 0) < rate
        taken[int(at // 1)] = taken.get(int(at // 1), 0) + admitted
        found.append(admitted)
    return found


def simplest_sliding(times: list[Fraction], rate: int) -> list[bool]:
    """Looks at every accepted one again."""
    taken: list[Fraction] = []
    found = []
    for at in times:
        admitted = sum(at - each <= 1 for each in taken) < rate
        taken += [at] * admitted
        found.append(admitted)
    return found


def simplest_bucket(times: list[Fraction], rate: int) -> list[bool]:
    """Exact arithmetic."""
    tokens, last, found = Fraction(rate), times[0] if times else Fraction(0), []
    for at in times:
        tokens, last = min(Fraction(rate), tokens + (at - last) * rate), at
        found.append(tokens >= 1)
        tokens -= tokens >= 1
    return found


@pytest.mark.parametrize(
    ("make", "simplest"),
    ((FixedWindow, simplest_fixed), (SlidingWindow, simplest_sliding), (Bucket, simplest_bucket)),
)
@given(steps=st.lists(st.integers(0, 24), max_size=80), rate=st.integers(1, 12))
def test_each_way_agrees_with_the_simplest_program_for_it(
    make: Callable[[int], Limiter], simplest: Callable[[list[Fraction], int], list[bool]], steps: list[int], rate: int
) -> None:
    """Times are sixteenths of a second, which floats hold exactly."""
    times, at = [], Fraction(0)
    for step in steps:
        at += Fraction(step, 16)
        times.append(at)
    limiter = make(rate)
    assert simplest(times, rate) == [limiter.admit(float(each)).admitted for each in times]
