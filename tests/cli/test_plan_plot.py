"""A plan as a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from consumer.cli.plan_plot import draw, picture
from consumer.core.policy import Policy
from consumer.core.terms import Priority
from consumer.planning.arrivals import Arrival, standing
from consumer.planning.course import Course
from consumer.planning.setting import Setting
from consumer.planning.simulation import simulate


@pytest.mark.parametrize("for_s", (30.0, 400.0))
def test_a_picture_is_written(for_s: float, tmp_path: Path) -> None:
    """In seconds or minutes."""
    setting = Setting(for_s=for_s)
    arrivals = [*standing(200, contacts=100), Arrival(5.0, "h", Priority.HIGH)]
    course = simulate(setting, arrivals)

    draw(setting, course, tmp_path / "a.png")

    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_can_be_drawn_too(tmp_path: Path) -> None:
    """Where nothing happened."""
    draw(Setting(for_s=10.0), Course(), tmp_path / "a.png")

    assert (tmp_path / "a.png").exists()


def test_where_starvation_begins_and_gaps_are_marked() -> None:
    """In the legend of what they are about; not where no backlog stands for so long."""
    backlog = [*standing(300, contacts=300), Arrival(1.0, "h", Priority.HIGH), Arrival(25.0, "i", Priority.HIGH)]
    few = [*standing(20, contacts=20), Arrival(5.0, "h", Priority.HIGH)]

    labels = [_labels(arrivals) for arrivals in (backlog, few)]

    assert "starvation, after 10 s" in labels[0]
    assert "dotted: none left meanwhile" in labels[0]
    assert "starvation, after 10 s" not in labels[1]
    assert "dotted: none left meanwhile" not in labels[1]


def _labels(arrivals: list[Arrival]) -> set[str]:
    setting = Setting(for_s=30.0, policy=Policy(starvation_s=10.0))
    axes = picture(setting, simulate(setting, arrivals)).axes
    return {label for each in axes for label in each.get_legend_handles_labels()[1]}


def test_what_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a sentence."""
    with pytest.raises(typer.Exit):
        draw(Setting(for_s=10.0), Course(), tmp_path / "none/a.png")

    assert "--plot: cannot write" in capsys.readouterr().err
