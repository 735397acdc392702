"""Merged or not, Loops ends with the same contacts and has had the same events: the comparison of the benchmark."""

from __future__ import annotations

from copy import deepcopy

from tests.bench.coalescing import MERGED, NAIVE, differences, ran
from tests.bench.trace import Trace, bursty
from tests.fakes.runner_stand import WALL

SMALL = Trace(mailings=1, visits=150, people=200, calm_visits_per_s=0.01)


def test_a_bursty_trace_comes_to_the_same_merged_and_naive() -> None:
    """Contact by contact, event by event, and each contact as it stood when an event took effect."""
    records = bursty(SMALL, wall=WALL)
    naive, merged = ran(records, NAIVE), ran(records, MERGED)
    assert [] == differences(naive, merged)
    assert (0, 159) == (naive.letters, sum(map(len, naive.events.values())))
    assert merged.requests < 0.7 * len(records) <= 0.7 * naive.requests


def test_each_kind_of_difference_is_told_of() -> None:
    """A property, a contact, an event's place and number, a dead letter."""
    run = ran(bursty(Trace(mailings=1, visits=3, people=3, calm_visits_per_s=0), wall=WALL), NAIVE)
    other = deepcopy(run)
    other.letters = 1
    other.contacts["user-0"] = {**run.contacts["user-0"], "seats": -1}
    del other.events["user-1"]
    other.events["user-2"] = [(*run.events["user-2"][0][:3], {})]
    expected = ["1 dead letters instead of 0", "user-0: seats", "user-1: 0 events instead of 1", "user-2: event 0"]
    assert (expected, []) == (differences(run, other), differences(run, run))
