"""What the cells of the limit's use are made of."""

from __future__ import annotations

import itertools
import math

import pytest

from consumer.planning.course import Course
from consumer.planning.figures import Use
from consumer.sandbox.options import LimitWay
from tests.bench import rate_runs
from tests.bench.rate_cells import _waited_ms
from tests.bench.rate_runs import Cell, Run, _lone, _run, _settled_after


def test_one_that_is_not_delivered_waits_for_ever() -> None:
    """So that losing what waits improves no figure."""
    middle, most = _waited_ms([Run(Use(1.0), [0.1] * 98, undelivered=2)])

    assert 100 == pytest.approx(middle)
    assert math.inf == most


def test_lone_events_come_in_turn_and_apart() -> None:
    """Three seconds at least: more than the slot of all idle replicas takes."""
    lone = list(_lone(1))

    assert {5, 9} == {one.partition for one in lone}
    assert all(later.at_s - one.at_s >= 2.9 for one, later in itertools.pairwise(lone))


def test_a_group_has_settled_with_the_last_of_what_moves() -> None:
    """Not with what moved before the change, or long after."""
    assert 43.0 == _settled_after(Course(settled_s=[1.0, 41.0, 43.0, 97.0]), 30.0)


@pytest.mark.parametrize("row", ("even", "one-partition", "beside", "urgent", "calm"))
def test_every_row_measures_something(row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a short time too."""
    monkeypatch.setattr(rate_runs, "FOR_S", 30.0)
    monkeypatch.setattr(rate_runs, "_STANDING", 500)

    run = _run((Cell(row, LimitWay.BUCKET, 20), 0))

    assert 30.0 == run.use.seconds
    assert 0 < run.use.admitted
