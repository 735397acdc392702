"""What is learned of the jitter between leaving and being counted. Times are literal seconds."""

from __future__ import annotations

from itertools import pairwise

import pytest

from consumer.core.margin import MARGIN_MAX_S, MARGIN_MIN_S, Margin


def margin(seconds: float = 0.03) -> Margin:
    """One whose growth is the smallest that chance allows: 8 ms."""
    return Margin(seconds, lambda: 0.0)


def calm(learned: Margin, answers: int) -> Margin:
    """After so many answers without a refusal."""
    for _ in range(answers):
        learned.taken()
    return learned


def test_while_nothing_was_refused_it_falls_fast_to_its_least() -> None:
    """Half of it after 46 answers."""
    assert 0.015 == pytest.approx(calm(margin(), 46).seconds, rel=0.01)
    assert MARGIN_MIN_S == calm(margin(), 1_000).seconds


def test_a_refusal_makes_it_grow_and_from_then_on_it_shrinks_by_hairs() -> None:
    """8 ms at once; a thousand answers take less than a third of that back."""
    learned = margin()
    learned.refused(10.0, now=10.1)
    assert 0.038 == pytest.approx(learned.seconds)
    assert 0.0356 == pytest.approx(calm(learned, 1_000).seconds)


def test_refusals_of_what_left_before_it_grew_are_the_same_signal() -> None:
    """Three of one volley count once; one that left afterwards counts."""
    learned = margin()
    for left_at, now in ((10.0, 10.1), (10.0, 10.12), (10.1, 10.15)):
        learned.refused(left_at, now=now)
    assert 0.038 == pytest.approx(learned.seconds)
    learned.refused(11.1, now=11.2)
    assert 0.054 == pytest.approx(learned.seconds)


def test_growth_doubles_while_refusals_follow_each_other_up_to_its_most() -> None:
    """8, 16, 32, 40, 40 ms; after sixty answers it is 8 again."""
    learned = margin(0.0)
    seen = [0.0]
    for second in range(5):
        learned.refused(float(second), now=second + 0.1)
        seen.append(learned.seconds)
    assert [0.008, 0.016, 0.032, 0.04, 0.04] == pytest.approx([b - a for a, b in pairwise(seen)])
    before = calm(learned, 60).seconds
    learned.refused(9.0, now=9.1)
    assert 0.008 == pytest.approx(learned.seconds - before)


def test_it_stays_within_its_bounds() -> None:
    """A quarter of a second at most, whatever is refused; never nothing."""
    learned = margin()
    for second in range(50):
        learned.refused(float(second), now=second + 0.1)
    assert MARGIN_MAX_S == learned.seconds
    assert MARGIN_MIN_S == calm(learned, 100_000).seconds


def test_a_long_calm_makes_it_shrink_faster() -> None:
    """After a refusal ten times as long ago as is usual the next thousand answers take more than twice as much."""
    learned = margin()
    for second in range(50):
        learned.refused(float(second), now=second + 0.1)
    first = learned.seconds - calm(learned, 1_000).seconds
    before = calm(learned, 30_000).seconds
    assert 2 * first < before - calm(learned, 1_000).seconds


def test_what_a_former_owner_learned_is_where_it_begins() -> None:
    """It neither falls fast from there, nor is it taken where a refusal has shown more."""
    learned = margin()
    learned.recall(0.05)
    assert 0.05 == pytest.approx(calm(learned, 100).seconds, rel=0.01)
    own = margin()
    own.refused(1.0, now=1.1)
    own.recall(0.2)
    assert 0.038 == pytest.approx(own.seconds)
    wild = margin()
    wild.recall(3.0)
    assert MARGIN_MAX_S == wild.seconds
