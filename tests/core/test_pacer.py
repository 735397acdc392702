"""The pacer. Times are literal seconds."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.core.outcome import Outcome, Verdict
from consumer.core.pacer import WINDOW_S, Pacer

REFUSED = Outcome(Verdict.THROTTLED, "throttled", 429, limit_per_s=10, remaining=0)
PLAIN = Outcome(Verdict.THROTTLED, "throttled", 429)


def pacer_of(slots: int, margin_s: float = 0.02) -> Pacer:
    """Chance is the least that it can be."""
    return Pacer(slots, random=lambda: 0.0, margin_s=margin_s)


def said(remaining: int) -> Outcome:
    """An answer of a team of ten a second."""
    return Outcome(Verdict.DONE, "ok", 200, limit_per_s=10, remaining=remaining)


def test_below_the_limit_nothing_waits() -> None:
    """Ten may leave at the same moment."""
    pacer = pacer_of(10)
    for _ in range(10):
        assert pacer.ready_at(5.0) <= 5.0
        pacer.leave(5.0)


def test_the_eleventh_waits_a_window_and_a_margin_after_the_first() -> None:
    """Request n leaves when request n - 10 left at least 1 s and the margin ago."""
    pacer = pacer_of(10)
    for at in range(10):
        pacer.leave(5.0 + at / 100)
    assert round(pacer.ready_at(5.1), 6) == 6.02


def test_without_slots_nothing_leaves() -> None:
    """A replica whose part is nothing waits for another part."""
    assert math.isinf(pacer_of(0).ready_at(5.0))


def test_fewer_slots_count_what_left_before() -> None:
    """With four of ten left, the next waits for the fourth from the end."""
    pacer = pacer_of(10)
    for at in (1.0, 1.1, 1.2, 1.3, 1.4):
        pacer.leave(at)
    pacer.slots = 4
    assert round(pacer.ready_at(1.5), 6) == 2.12


def test_a_hold_outlasts_free_slots() -> None:
    """Loops' Retry-After holds everything back; a shorter one after it does not shorten it."""
    pacer = pacer_of(10)
    pacer.hold(9.0)
    pacer.hold(7.0)
    assert pacer.ready_at(5.0) == 9.0


def test_used_counts_the_last_second() -> None:
    """What left longer ago is no use of the limit."""
    pacer = pacer_of(10)
    for at in (1.0, 2.0, 2.5):
        pacer.leave(at)
    assert pacer.used(2.6) == 2


def full(pacer: Pacer, at: float) -> float:
    """All slots leave as soon as they may, twice, at ``at`` first. Returns when the second volley left."""
    now = at
    for _ in range(2):
        now = max(now, pacer.ready_at(now))
        for _ in range(pacer.slots):
            assert pacer.ready_at(now) <= now
            pacer.leave(now)
    return now


def test_the_margin_is_learned_from_answers() -> None:
    """It grows with a refusal, and shrinks with what is taken; a refusal stays in the log."""
    pacer = pacer_of(3)
    left_at = full(pacer, 5.0)
    for outcome in (PLAIN, PLAIN):
        pacer.answered(left_at, outcome, now=left_at + 0.1)
    assert round(pacer.ready_at(6.2), 6) == round(left_at + 1.026, 6)
    pacer.answered(left_at, said(3), now=6.3)
    assert 0.025 < pacer.margin_s < 0.026


def test_what_left_later_than_it_might_teaches_nothing_of_the_margin() -> None:
    """Below the limit a day without refusals says nothing of what the next backlog will meet."""
    pacer = pacer_of(2)
    for second in range(100):
        pacer.ready_at(5.0 + second)
        pacer.leave(5.0 + second)
        pacer.answered(5.0 + second, said(9) if second % 10 else PLAIN, now=5.1 + second)
    assert pacer.margin_s == 0.02


def test_no_answer_teaches_nothing() -> None:
    """It broke on its way: whether it was counted is not known."""
    pacer = pacer_of(2)
    pacer.answered(5.0, Outcome(Verdict.RETRY, "timeout"), now=15.0)
    assert pacer.margin_s == 0.02


def test_what_was_learned_before_is_where_it_begins() -> None:
    """By a former owner of a partition."""
    pacer = pacer_of(2)
    pacer.recall(0.06)
    assert pacer.margin_s == 0.06


def test_the_mean_of_the_group_s_margins_counts_each_partition_once() -> None:
    """Ours as often as we own one; where we have learned nothing, the others' alone."""
    learned = pacer_of(3)
    learned.recall(0.02)
    learned.agree([0.08, 0.08, 0.02], ours=3)  # the mean is 0.04
    assert 0.03 == pytest.approx(learned.margin_s)
    new = pacer_of(3)
    new.agree([0.08, 0.04], ours=3)
    assert 0.06 == pytest.approx(new.margin_s)
    new.agree([], ours=3)
    assert 0.06 == pytest.approx(new.margin_s)


def test_a_volley_that_straddles_a_boundary_is_moved_once_and_costs_no_margin() -> None:
    """By 0.12 s at least."""
    pacer = pacer_of(4)
    pacer.others_sent_per_s = 6.0
    left_at = full(pacer, 5.0)
    for outcome in (REFUSED, said(9), said(1)):
        pacer.answered(left_at, outcome, now=left_at + 0.1)
    assert round(pacer.ready_at(6.2), 6) == round(left_at + 1.0 + 0.02 + 0.12, 6)
    assert pacer.margin_s == 0.02


def test_below_the_limit_no_volley_is_moved() -> None:
    """It straddles as well, and nothing waits."""
    pacer = pacer_of(4)
    for _ in range(3):
        pacer.ready_at(5.0)
        pacer.leave(5.0)
    for outcome in (said(1), said(9), said(8)):
        pacer.answered(5.0, outcome, now=5.1)
    assert pacer.ready_at(6.1) <= 6.1


def test_beside_a_reserve_a_backlog_s_slots_are_spread_and_nothing_waits_below_the_limit() -> None:
    """Nine tenths of an even distance lie between two: what the other program sends at once meets one of ours."""
    pacer = pacer_of(5)
    pacer.group_per_s = 5
    pacer.leave(1.0)
    pacer.answered(1.0, said(9), now=1.1)
    for _ in range(5):
        assert pacer.ready_at(5.0) <= 5.0
        pacer.leave(5.0)
    now, left = 5.2, []
    for _ in range(5):
        now = pacer.ready_at(now)
        pacer.leave(now)
        left.append(now - 6.02)
    assert [0.0, 0.1836, 0.3672, 0.5508, 0.7344] == pytest.approx(left)


def test_beside_others_without_a_reserve_our_slots_yield() -> None:
    """Eight of ten were refused twice, and seven of theirs are seen: three a second are left to us, after listening."""
    pacer = pacer_of(10)
    pacer.group_per_s = 10
    left_at = 0.0
    for begins in (5.0, 7.0):
        left_at = full(pacer, begins)
        for number in range(10):
            pacer.answered(left_at, REFUSED if number < 8 else said(1), now=left_at + 0.1)
    now, left = left_at + 0.2, []
    while now < 60.0:
        now = max(now, pacer.ready_at(now))
        pacer.leave(now)
        left.append(now)
        pacer.answered(now, said(0 if now % 2 < 1 else 8), now=now + 0.05)
        now += 0.1
    assert sum(1 for at in left if at < left_at + 2.5) <= 5
    assert 1.5 < sum(1 for at in left if 20.0 < at) / 40 <= 3.1
    assert 3.0 < pacer.taken_by_others_per_s < 5.0


def test_what_other_replicas_send_is_not_yielded_to() -> None:
    """As long as it is not known what they send nothing is said of others."""
    pacer = pacer_of(4)
    pacer.group_per_s, pacer.others_sent_per_s = 10, math.inf
    left_at = full(pacer, 5.0)
    for _ in range(4):
        pacer.answered(left_at, REFUSED, now=left_at + 0.1)
    assert pacer.taken_by_others_per_s == 0.0
    assert pacer.ready_at(6.2) < left_at + 1.1


def test_by_a_new_division_others_may_send_what_they_have_not_told() -> None:
    """For eight seconds all of the group's slots that are not ours may be theirs; then what they told is."""
    pacer = pacer_of(4)
    pacer.group_per_s = 10
    pacer.slots = 5
    shown = []
    for at in (5.0, 7.0, 14.0, 16.0):
        pacer.ready_at(at)
        pacer.leave(at)
        pacer.answered(at, said(4), now=at + 0.1)
        shown.append(pacer.taken_by_others_per_s > 0)
    assert [False, False, False, True] == shown


outcomes = st.one_of(st.just(REFUSED), st.integers(0, 9).map(said), st.just(Outcome(Verdict.RETRY, "timeout")))


@given(
    st.integers(1, 30),
    st.sampled_from((0, 5, 10)),
    st.lists(st.tuples(st.floats(0, 0.5), outcomes, st.floats(0, 1)), min_size=1, max_size=120),
)
def test_no_window_ever_holds_more_than_the_slots(
    slots: int, group: int, steps: list[tuple[float, Outcome, float]]
) -> None:
    """Whatever the arrivals and the answers, any second holds at most ``slots`` departures."""
    pacer = pacer_of(slots)
    pacer.group_per_s = group
    now, left = 0.0, []
    for pause_s, outcome, answered_after_s in steps:
        now = max(now + pause_s, pacer.ready_at(now + pause_s))
        pacer.leave(now)
        left.append(now)
        pacer.answered(now, outcome, now=now + answered_after_s)
    for index in range(len(left) - slots):
        assert left[index + slots] - left[index] > WINDOW_S
