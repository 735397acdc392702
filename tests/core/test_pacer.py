"""The pacer. Times are literal seconds."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from consumer.core.outcome import Outcome, Verdict
from consumer.core.pacer import WINDOW_S, Pacer

REFUSED = Outcome(Verdict.THROTTLED, "throttled", 429, limit_per_s=10, remaining=0)


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


def test_the_margin_is_learned_from_answers() -> None:
    """It grows by 8 ms with a refusal, and shrinks with what is taken; a refusal stays in the log."""
    pacer = pacer_of(2)
    for outcome in (REFUSED, REFUSED):
        pacer.leave(5.0)
        pacer.answered(5.0, outcome, now=5.1)
    assert round(pacer.ready_at(5.2), 6) == 6.028
    pacer.answered(5.0, said(3), now=5.3)
    assert 0.027 < pacer.margin_s < 0.028


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


def test_a_volley_that_straddles_a_boundary_is_moved_once_and_costs_no_margin() -> None:
    """By 0.12 s at least. Below the limit nothing waits even so."""
    pacer = pacer_of(4)
    for _ in range(4):
        pacer.leave(5.0)
    for outcome in (said(1), said(9), REFUSED):
        pacer.answered(5.0, outcome, now=5.1)
    assert 6.139 < pacer.ready_at(5.2) < 6.14
    assert pacer.margin_s < 0.02
    pacer.slots = 5
    assert pacer.ready_at(5.2) <= 5.2


outcomes = st.one_of(st.just(REFUSED), st.integers(0, 9).map(said), st.just(Outcome(Verdict.RETRY, "timeout")))


@given(st.integers(1, 30), st.lists(st.tuples(st.floats(0, 0.5), outcomes, st.floats(0, 1)), min_size=1, max_size=120))
def test_no_window_ever_holds_more_than_the_slots(slots: int, steps: list[tuple[float, Outcome, float]]) -> None:
    """Whatever the arrivals and the answers, any second holds at most ``slots`` departures."""
    pacer = pacer_of(slots)
    now, left = 0.0, []
    for pause_s, outcome, answered_after_s in steps:
        now = max(now + pause_s, pacer.ready_at(now + pause_s))
        pacer.leave(now)
        left.append(now)
        pacer.answered(now, outcome, now=now + answered_after_s)
    for index in range(len(left) - slots):
        assert left[index + slots] - left[index] > WINDOW_S
