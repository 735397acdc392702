"""The whole of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.planning.arrivals import Arrival, standing
from consumer.planning.figures import use
from consumer.planning.setting import Change, ChangeKind, Others, Setting
from consumer.planning.simulation import Simulation, simulate
from consumer.sandbox.options import LimitWay

SETTING = Setting(replicas=3, for_s=40.0)


def _backlog() -> list[Arrival]:
    return list(standing(1_000, contacts=200))


def test_the_same_setting_comes_to_the_same() -> None:
    """Another seed to something else."""
    assert simulate(SETTING, _backlog()) == simulate(SETTING, _backlog())
    assert simulate(SETTING, _backlog()) != simulate(replace(SETTING, seed=1), _backlog())


@pytest.mark.parametrize("way", LimitWay)
def test_no_way_of_counting_lets_more_in_than_the_limit(way: LimitWay) -> None:
    """And the replicas together come near it."""
    course = simulate(replace(SETTING, way=way), _backlog())

    used = use(course, 15.0, 40.0)
    assert 80 < used.used_percent(10) <= 100 + (way is LimitWay.BUCKET)


def test_clocks_of_replicas_differ_by_no_more_than_is_said() -> None:
    """But they do."""
    simulation = Simulation(replace(SETTING, replicas=20, partitions=20), [])

    walls = [replica._wall for replica in simulation.replicas]  # its clock is shown to nobody else

    assert 0.05 < max(walls) - min(walls) <= SETTING.skew_s


def test_the_group_changes_as_it_is_told() -> None:
    """One is killed and another added: the backlog drains all the same, and nothing is lost."""
    changes = (Change(5.0, ChangeKind.KILL), Change(20.0, ChangeKind.ADD))
    simulation = Simulation(replace(SETTING, changes=changes, for_s=60.0), standing(300, contacts=100))

    simulation.timeline.run(60.0)

    assert [False, True, True, True] == [replica.alive for replica in simulation.replicas]
    assert 300 == len(simulation.course.delivered)
    assert 3 <= len(simulation.course.settled_s)


def test_another_program_takes_its_part() -> None:
    """Of the same limit."""
    course = simulate(replace(SETTING, others=Others()), _backlog())

    used = use(course, 15.0, 40.0)
    assert used.others_admitted > 0
    assert used.admitted + used.others_admitted <= 251
