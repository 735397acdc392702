"""What arrives, and when."""

from __future__ import annotations

import pytest

from consumer.core.terms import Priority
from consumer.planning.arrivals import Arrival, every, poisson, standing


def test_a_standing_backlog_lies_there_from_the_beginning() -> None:
    """Its contacts come in turn, and those of one partition are in it alone."""
    assert [(0.0, "0", None), (0.0, "1", None), (0.0, "0", None)] == [
        (one.at_s, one.contact, one.partition) for one in standing(3, contacts=2)
    ]
    assert [("7-0", 7)] == [(one.contact, one.partition) for one in standing(1, contacts=2, partition=7)]


def test_poisson_comes_so_often_on_the_mean_and_as_its_seed_says() -> None:
    """Ascending, and not beyond the end."""
    came = list(poisson(8, for_s=1000, seed=1))

    assert 8000 == pytest.approx(len(came), rel=0.05)
    assert sorted(came, key=lambda one: one.at_s) == came
    assert came[-1].at_s < 1000
    assert came == list(poisson(8, for_s=1000, seed=1))
    assert came != list(poisson(8, for_s=1000, seed=2))


def test_one_comes_in_every_period() -> None:
    """Of a contact of its own, like the one that is given otherwise."""
    like = Arrival(0.0, "lone", Priority.HIGH, partition=3)

    came = list(every(5, for_s=20, seed=1, like=like))

    assert [0, 1, 2, 3] == [int(one.at_s // 5) for one in came]
    assert 4 == len({one.contact for one in came})
    assert {(Priority.HIGH, 3)} == {(one.priority, one.partition) for one in came}
