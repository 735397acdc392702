"""The log of departures. Times are literal seconds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumer.core.departures import KEPT_S, Departures


def log_of(*left: float) -> Departures:
    """These left, each as soon as a slot was free."""
    departures = Departures()
    for at in left:
        departures.leave(at, tight=True)
    return departures


def test_it_counts_what_left_after_a_moment() -> None:
    """Not what left at it."""
    departures = log_of(1.0, 2.0, 2.0, 3.0)
    assert (3, 1, 0) == (departures.since(1.0), departures.since(2.0), departures.since(3.0))
    assert (3.0, 2.0, 1.0) == (departures.last(), departures.last(3), departures.last(4))


def test_a_refused_one_stays_in_the_log_and_is_counted_apart() -> None:
    """By when it left, in whatever order the answers come."""
    departures = log_of(1.0, 2.0, 3.0)
    for left_at in (3.0, 1.0):
        departures.refuse(left_at, now=3.5)
    assert (3, 2, 1) == (len(departures), departures.refused_since(0.5), departures.refused_since(1.0))


def test_refusals_of_long_ago_are_forgotten() -> None:
    """The log would grow."""
    departures = log_of(1.0)
    departures.refuse(1.0, now=1.1)
    departures.leave(20.0, tight=False)
    departures.refuse(20.0, now=20.1)
    assert 1 == departures.refused_since(0.0)


def test_a_refusal_that_comes_later_than_departures_are_remembered_is_forgotten_at_once() -> None:
    """An answer may take as long as its time-out, and the process itself may have been stopped."""
    departures = log_of(1.0)
    departures.refuse(1.0, now=1.0 + KEPT_S + 0.1)
    assert 0 == departures.refused_since(0.0)


def test_it_knows_which_left_as_soon_as_a_slot_was_free() -> None:
    """One that is not in the log did not."""
    departures = log_of(1.0)
    departures.leave(2.0, tight=False)
    assert (True, False, False) == tuple(departures.was_tight(at) for at in (1.0, 2.0, 3.0))


@given(st.lists(st.floats(0, 5), min_size=1, max_size=400))
def test_what_is_young_is_never_forgotten_and_the_log_stays_small(pauses: list[float]) -> None:
    """At most what left lately, as much again, and a few hundred."""
    departures, left, now = Departures(), [], 0.0
    for pause in pauses:
        now += pause
        departures.leave(now, tight=True)
        left.append(now)
    young = [at for at in left if at > now - KEPT_S]
    assert len(young) == departures.since(now - KEPT_S)
    assert len(departures) <= 2 * len(young) + 202


def test_refusals_of_one_volley_are_one_sign() -> None:
    """However many: the process stood still for a moment, or the network did."""
    departures = Departures()
    for left_at in (1.0, 1.01, 1.02, 2.1, 2.5, 3.2):
        departures.leave(left_at, tight=True)
        departures.refuse(left_at, now=3.3)
    assert (3, 1) == (departures.volleys_refused_since(0.0), departures.volleys_refused_since(2.7))
