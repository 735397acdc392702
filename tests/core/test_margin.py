"""What is learned of the jitter between leaving and being counted. Times are literal seconds."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from consumer.core.margin import MARGIN_MAX_S, MARGIN_MIN_S, Margin


def margin(seconds: float = 0.03) -> Margin:
    """One whose growth is the smallest that chance allows: 6 ms."""
    return Margin(seconds, lambda: 0.0)


SLOTS = 10


def calm(learned: Margin, answers: int, slots: int = SLOTS) -> Margin:
    """After so many answers without a refusal."""
    for _ in range(answers):
        learned.taken(slots)
    return learned


def test_while_nothing_was_refused_it_falls_fast_to_its_least() -> None:
    """To a third in five seconds, by the answers that these bring; a slow one goes by those of three slots."""
    assert 0.03 / math.e == pytest.approx(calm(margin(), 50).seconds, rel=0.02)
    assert 0.03 / math.e == pytest.approx(calm(margin(), 15, slots=1).seconds, rel=0.04)
    assert MARGIN_MIN_S == calm(margin(), 1_000).seconds


def test_a_refusal_makes_it_grow_and_from_then_on_it_shrinks_by_hairs() -> None:
    """6 ms at once; a thousand answers take half of that back."""
    learned = margin()
    learned.refused(10.0, slots=SLOTS, now=10.1)
    assert 0.036 == pytest.approx(learned.seconds)
    assert 0.033 == pytest.approx(calm(learned, 1_000).seconds, rel=0.01)


def test_who_has_few_slots_grows_in_larger_steps() -> None:
    """Its few answers would else take hours to teach as much."""
    learned = margin()
    learned.refused(10.0, slots=1, now=10.1)
    assert 0.03 + 3 * 0.006 == pytest.approx(learned.seconds)


def test_refusals_of_what_left_before_it_grew_are_the_same_signal() -> None:
    """Three of one volley count once; one that left afterwards counts."""
    learned = margin()
    for left_at, now in ((10.0, 10.1), (10.0, 10.12), (10.1, 10.15)):
        learned.refused(left_at, slots=SLOTS, now=now)
    assert 0.036 == pytest.approx(learned.seconds)
    learned.refused(11.1, slots=SLOTS, now=11.2)
    assert 0.048 == pytest.approx(learned.seconds)


def test_growth_doubles_while_refusals_follow_each_other_up_to_its_most() -> None:
    """6, 12, 24, 40, 40 ms; after sixty answers it is 6 again."""
    learned = margin(0.0)
    seen = [0.0]
    for second in range(5):
        learned.refused(float(second), slots=SLOTS, now=second + 0.1)
        seen.append(learned.seconds)
    assert [0.006, 0.012, 0.024, 0.04, 0.04] == pytest.approx([b - a for a, b in pairwise(seen)])
    before = calm(learned, 60).seconds
    learned.refused(9.0, slots=SLOTS, now=9.1)
    assert 0.006 == pytest.approx(learned.seconds - before)


def test_it_stays_within_its_bounds() -> None:
    """A quarter of a second at most, whatever is refused; never nothing."""
    learned = margin()
    for second in range(50):
        learned.refused(float(second), slots=SLOTS, now=second + 0.1)
    assert MARGIN_MAX_S == learned.seconds
    assert MARGIN_MIN_S == calm(learned, 100_000).seconds


def test_what_a_bad_hour_has_taught_is_forgotten_within_another() -> None:
    """At ten a second; a small margin keeps what it knows."""
    learned = margin()
    for second in range(50):
        learned.refused(float(second), slots=SLOTS, now=second + 0.1)
    assert 0.01 > calm(learned, 36_000).seconds
    usual = margin(0.01)
    usual.refused(1.0, slots=SLOTS, now=1.1)
    assert 0.001 < calm(usual, 4_000).seconds


def test_what_had_another_reason_is_taken_back() -> None:
    """All growth since then, and where it was the first there was, the search goes on."""
    learned = margin()
    learned.refused(1.0, slots=SLOTS, now=1.1)
    learned.withdraw(1.0)
    assert 0.03 == pytest.approx(learned.seconds)
    assert 0.03 / math.e == pytest.approx(calm(learned, 50).seconds, rel=0.02)
    late = margin()
    for second in (1.0, 3.0, 5.0):
        late.refused(second, slots=SLOTS, now=second + 0.1)
    late.withdraw(3.0)
    assert 0.036 == pytest.approx(late.seconds)
    assert 0.035 < calm(late, 50).seconds


def test_what_a_former_owner_learned_is_where_it_begins() -> None:
    """The most of several; it does not fall fast from there. It is not taken where a refusal has shown more."""
    learned = margin()
    for recalled_s in (0.05, 0.06, 0.04):
        learned.recall(recalled_s)
    assert 0.06 == pytest.approx(calm(learned, 100).seconds, rel=0.01)
    own = margin()
    own.refused(1.0, slots=SLOTS, now=1.1)
    own.recall(0.2)
    assert 0.036 == pytest.approx(own.seconds)
    wild = margin()
    wild.recall(3.0)
    assert MARGIN_MAX_S == wild.seconds


def test_it_goes_half_of_the_way_to_the_group_s_mean() -> None:
    """What others were refused shows that all are too close together; theirs are seconds old."""
    learned = margin()
    learned.refused(1.0, slots=SLOTS, now=1.1)
    learned.agree(0.02)
    assert 0.028 == pytest.approx(learned.seconds)
    learned.agree(0.06)
    assert 0.044 == pytest.approx(learned.seconds)


def test_what_differs_by_less_than_is_told_of_it_is_the_same() -> None:
    """Whole milliseconds are told: without that all would hold each other where they are, and nobody's shrank."""
    learned = margin()
    learned.refused(1.0, slots=SLOTS, now=1.1)
    learned.agree(0.0374)
    learned.agree(0.0346)
    assert 0.036 == pytest.approx(learned.seconds)


def test_who_has_learned_nothing_begins_where_the_group_is_and_searches_no_more() -> None:
    """One refusal of one replica is enough for all of them."""
    searching = calm(margin(), 50)
    searching.agree(0.02)
    assert 0.02 == searching.seconds
    assert 0.0195 < calm(searching, 50).seconds


def test_what_was_given_up_to_the_group_is_not_taken_back_twice() -> None:
    """A growth that had another reason is gone, and no more than it."""
    learned = margin()
    learned.refused(1.0, slots=SLOTS, now=1.1)
    learned.agree(0.028)
    learned.withdraw(1.0)
    assert 0.03 == pytest.approx(learned.seconds)


def test_the_group_takes_it_out_of_no_bound() -> None:
    """However much others tell."""
    learned = margin()
    learned.recall(0.2)
    learned.agree(9.0)
    assert MARGIN_MAX_S == learned.seconds
