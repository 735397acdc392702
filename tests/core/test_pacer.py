"""The pacer. Times are literal seconds."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from consumer.core.pacer import WINDOW_S, Pacer


def test_below_the_limit_nothing_waits() -> None:
    """Ten may leave at the same moment."""
    pacer = Pacer(10)
    for _ in range(10):
        assert pacer.ready_at(5.0) <= 5.0
        pacer.leave(5.0)


def test_the_eleventh_waits_a_window_and_a_margin_after_the_first() -> None:
    """Request n leaves when request n - 10 left at least 1 s and the margin ago."""
    pacer = Pacer(10, margin_s=0.02)
    for at in range(10):
        pacer.leave(5.0 + at / 100)
    assert round(pacer.ready_at(5.1), 6) == 6.02


def test_without_slots_nothing_leaves() -> None:
    """A replica whose part is nothing waits for another part."""
    assert math.isinf(Pacer(0).ready_at(5.0))


def test_fewer_slots_count_what_left_before() -> None:
    """With four of ten left, the next waits for the fourth from the end."""
    pacer = Pacer(10, margin_s=0.0)
    for at in (1.0, 1.1, 1.2, 1.3, 1.4):
        pacer.leave(at)
    pacer.slots = 4
    assert round(pacer.ready_at(1.5), 6) == 2.1


def test_a_hold_outlasts_free_slots() -> None:
    """Loops' Retry-After holds everything back; a shorter one after it does not shorten it."""
    pacer = Pacer(10)
    pacer.hold(9.0)
    pacer.hold(7.0)
    assert pacer.ready_at(5.0) == 9.0


def test_used_counts_the_last_second() -> None:
    """What left longer ago is no use of the limit."""
    pacer = Pacer(10)
    for at in (1.0, 2.0, 2.5):
        pacer.leave(at)
    assert pacer.used(2.6) == 2


@given(st.integers(1, 30), st.lists(st.floats(0, 0.5), min_size=1, max_size=120))
def test_no_window_ever_holds_more_than_the_slots(slots: int, pauses: list[float]) -> None:
    """Whatever the arrivals, any second holds at most ``slots`` departures."""
    pacer = Pacer(slots)
    now, left = 0.0, []
    for pause in pauses:
        now = max(now + pause, pacer.ready_at(now + pause))
        pacer.leave(now)
        left.append(now)
    for index in range(len(left) - slots):
        assert left[index + slots] - left[index] > WINDOW_S
