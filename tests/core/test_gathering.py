"""Scattered slots become one volley. Times are literal seconds."""

from __future__ import annotations

import random

import pytest

from consumer.core.departures import Departures
from consumer.core.gathering import Gathering


def run(offsets: list[float], seconds: int, *, tight: bool = True) -> list[float]:
    """When the slots of a second leave at last, of which each left at its offset at first; the period is a second."""
    departures = Departures()
    gathering = Gathering(departures)
    slots = len(offsets)
    for at in offsets:
        gathering.leave(at, tight=False, slots=slots)
        departures.leave(at, tight=False)
    for _ in range(seconds * slots):
        at = max(departures.last(), departures.last(slots) + 1.0 + gathering.wait_s(slots))
        gathering.leave(at, tight=tight, slots=slots)
        departures.leave(at, tight=tight)
    return [departures.last(slots - number) for number in range(slots)]


@pytest.mark.parametrize("seed", range(5))
def test_a_standing_backlog_gathers_its_slots_at_the_last_one_before_the_widest_gap(seed: int) -> None:
    """Within a minute all ten leave within ten milliseconds, and the last one was moved by nobody but those behind."""
    scattered = sorted(random.Random(seed).random() for _ in range(10))  # noqa: S311 - a seed decides a test
    last = run(scattered, 60)
    assert last[-1] - last[0] < 0.01


def test_even_slots_are_gathered_too() -> None:
    """Though no gap is wider than another."""
    last = run([number / 10 for number in range(10)], 60)
    assert last[-1] - last[0] < 0.01


def test_it_costs_half_a_second_of_the_rate_at_most() -> None:
    """Of ten slots that lie evenly the last one does not move."""
    last = run([number / 10 for number in range(10)], 60)
    assert last[-1] == pytest.approx(60.9, abs=0.3)


def test_where_requests_leave_later_than_they_may_nothing_is_moved() -> None:
    """Below the limit arrivals make the pattern."""
    offsets = [0.0, 0.3, 0.4, 0.8]
    assert [20 + offset for offset in offsets] == pytest.approx(run(offsets, 20, tight=False))


def test_a_volley_stays_as_it_is() -> None:
    """It waits for nothing."""
    assert [50.0] * 10 == pytest.approx(run([0.0] * 10, 50))


def test_one_slot_has_nothing_to_gather() -> None:
    """It leaves once a period."""
    assert [9.0] == pytest.approx(run([0.0], 9))


def test_slots_that_a_long_wait_lies_between_are_not_pulled_together() -> None:
    """After Loops has asked for five minutes nobody waits a tenth of them once more."""
    departures = Departures()
    gathering = Gathering(departures)
    for at in [*[0.0] * 10, *[1.0] * 10, *[2.0] * 5, *[300.0] * 5]:
        gathering.leave(at, tight=True, slots=10)
        departures.leave(at, tight=True)
    assert 0 == gathering.wait_s(10)
