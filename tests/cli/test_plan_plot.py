"""A plan as a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from consumer.cli.plan_plot import draw
from consumer.core.terms import Priority
from consumer.planning.arrivals import Arrival, standing
from consumer.planning.course import Course
from consumer.planning.setting import Setting
from consumer.planning.simulation import simulate


@pytest.mark.parametrize("for_s", (30.0, 400.0))
def test_a_picture_is_written(for_s: float, tmp_path: Path) -> None:
    """In seconds or minutes, in the format of the file's name."""
    setting = Setting(for_s=for_s)
    arrivals = [*standing(200, contacts=100), Arrival(5.0, "h", Priority.HIGH)]
    course = simulate(setting, arrivals)

    draw(setting, course, tmp_path / "a.png")
    draw(setting, course, tmp_path / "a.svg")

    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "a.svg").read_text()


def test_nothing_can_be_drawn_too(tmp_path: Path) -> None:
    """Where nothing happened."""
    draw(Setting(for_s=10.0), Course(), tmp_path / "a.png")

    assert (tmp_path / "a.png").exists()


@pytest.mark.parametrize("name", ("none/a.png", "a.nonsense"))
def test_what_cannot_be_written_is_said(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a sentence."""
    with pytest.raises(typer.Exit):
        draw(Setting(for_s=10.0), Course(), tmp_path / name)

    assert "--plot: cannot write" in capsys.readouterr().err
