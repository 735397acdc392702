"""A plan from what is asked to its figures."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from consumer.cli import planned
from consumer.cli.planned import Asked, Found, arrivals_of, look
from consumer.faults import Faults
from consumer.planning.arrivals import Arrival
from consumer.sandbox.options import LimitWay

ASKED = Asked(10, 1, 12, LimitWay.SLIDING, 0.02, 0, 0, merge=True, starvation_s=300.0)


def test_words_and_files_come_together(tmp_path: Path) -> None:
    """For ten minutes, or as long as a file takes and a minute more, or as long as is said."""
    file = tmp_path / "a.csv"
    file.write_text("time\n0\n900\n")

    assert 600.0 == arrivals_of(["backlog:5"], None, 0).for_s
    both = arrivals_of(["backlog:5", str(file)], None, 0)
    assert (960.0, 7) == (both.for_s, len(both.arrivals))
    assert 60.0 == arrivals_of([str(file)], 60.0, 0).for_s


def test_the_same_word_twice_is_two(tmp_path: Path) -> None:
    """Of other contacts."""
    del tmp_path
    found = arrivals_of(["poisson:5", "poisson:5"], 60.0, 0).arrivals

    assert 500 < len(found) < 700
    assert found == arrivals_of(["poisson:5", "poisson:5"], 60.0, 0).arrivals


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """Where it lies, and why."""
    (tmp_path / "a.csv").write_bytes(b"time\n\xff\n")

    with pytest.raises(Faults, match="is not UTF-8"):
        arrivals_of([str(tmp_path / "a.csv")], None, 0)
    with pytest.raises(typer.BadParameter, match="is a directory"):
        arrivals_of([str(tmp_path)], None, 0)
    with pytest.raises(typer.BadParameter, match="poisson:x"):
        arrivals_of(["poisson:x"], None, 0)


def test_no_more_are_made_than_fit_into_memory(tmp_path: Path) -> None:
    """Of all words and files together."""
    file = tmp_path / "a.csv"
    file.write_text("time\n" + "0\n" * 2)

    with pytest.raises(typer.BadParameter, match=r"that would be 2,000,002 records; allowed: 2,000,000$"):
        arrivals_of(["backlog:1000000", "backlog:1000000", str(file)], None, 0)
    file.write_text("time\n" + "0\n" * 2_000_001)
    with pytest.raises(Faults, match="has 2,000,002 lines; allowed: 2,000,000 records"):
        arrivals_of([str(file)], None, 0)


def test_a_plot_that_could_not_be_written_is_told_before_anything_is_simulated(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Where its directory is not there."""
    with pytest.raises(typer.Exit):
        look(ASKED, Found([Arrival(0.0, "a")], 1e6), tmp_path / "none/a.png", shown=True)

    assert "there is no directory" in capsys.readouterr().err


def test_a_plot_without_what_draws_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Before anything is simulated."""
    monkeypatch.setattr(planned, "find_spec", lambda name: None if name == "matplotlib" else name)

    with pytest.raises(typer.Exit):
        look(ASKED, Found([Arrival(0.0, "a")], 10.0), tmp_path / "a.png", shown=True)

    out, err = capsys.readouterr()
    assert "pip install '.[plot]' in the checkout" in err
    assert "" == out


def test_a_plot_is_written_beside_the_figures(tmp_path: Path) -> None:
    """And what is not shown is not printed."""
    page = look(ASKED, Found([Arrival(1.0, "a")], 10.0), tmp_path / "a.png", shown=False)

    assert 1 == page["records"]["delivered"]
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
