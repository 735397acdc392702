"""What others take, by what answers tell. Times are literal seconds."""

from __future__ import annotations

import pytest

from consumer.core.departures import Departures
from consumer.core.taken import Taken


class Beside:
    """We send at these moments; each answer tells what was used."""

    def __init__(self) -> None:
        """Nothing left."""
        self.departures = Departures()
        self.taken = Taken(self.departures)

    def send(self, at: float, used: int, *, refused: bool = False, replicas: int = 0) -> None:
        """One leaves, and its answer comes 50 ms later."""
        self.departures.leave(at, tight=False)
        if refused:
            self.departures.refuse(at, now=at + 0.05)
        self.taken.heard(used, at, refused=refused, replicas=replicas, margin_s=0.0, now=at + 0.05)


def test_alone_nobody_takes_anything() -> None:
    """What is used is ours, and what came within a second before may still be."""
    beside = Beside()
    for number in range(100):
        beside.send(number * 0.3, min(number + 1, 4))
    assert (0.0, 0) == (beside.taken.per_s, beside.taken.peak)


def test_bursts_are_seen_by_their_coming() -> None:
    """Eight every two seconds, of which a window that slides shows half of all answers."""
    beside = Beside()
    for number in range(60):
        second, half = divmod(number, 2)
        beside.send(second + half * 0.5, 2 + 8 * (second % 2))
    assert 8 >= beside.taken.peak >= 7
    assert 4.0 == pytest.approx(beside.taken.per_s, abs=0.6)


def test_what_comes_evenly_is_seen_by_its_being_there() -> None:
    """Four a second, always the last four."""
    beside = Beside()
    for number in range(60):
        beside.send(number * 0.6, 2 + 4)
    assert 4.0 == pytest.approx(beside.taken.per_s, abs=0.5)


def test_a_refusal_says_that_all_of_the_limit_was_used() -> None:
    """Itself it did not count."""
    beside = Beside()
    beside.send(5.0, 1)
    beside.send(6.5, 10, refused=True)
    assert 10 == beside.taken.peak


def test_what_other_replicas_send_is_not_others() -> None:
    """It may be theirs."""
    beside = Beside()
    for number in range(30):
        beside.send(number * 1.5, 7, replicas=6)
    assert (0.0, 0) == (beside.taken.per_s, beside.taken.peak)


def test_a_single_one_may_be_a_late_one_of_ours() -> None:
    """It is shown, and no peak."""
    beside = Beside()
    for number in range(30):
        beside.send(number * 1.5, 2)
    assert 0 == beside.taken.peak
    assert 0 < beside.taken.per_s <= 1


def test_what_was_seen_half_a_minute_ago_counts_no_more() -> None:
    """Who comes back is seen again."""
    beside = Beside()
    beside.send(5.0, 9)
    beside.send(6.5, 9)
    assert 8 == beside.taken.peak
    beside.taken.forget(40.0)
    assert (0.0, 0) == (beside.taken.per_s, beside.taken.peak)


def test_looking_anew_forgets_the_peak() -> None:
    """What was seen under other circumstances may have been a mistake; a refusal may raise it again."""
    beside = Beside()
    beside.send(5.0, 9)
    beside.taken.look_anew()
    assert 0 == beside.taken.peak
    beside.taken.at_least(4)
    assert 4 == beside.taken.peak
