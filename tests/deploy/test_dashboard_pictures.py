"""The pictures of the dashboards are of those that are committed, and show values as a person reads them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from deploy.grafana.picture import PANELS, draw, panels_of, write
from deploy.grafana.picture_data import Results
from deploy.grafana.picture_units import shown, step
from tests.deploy.dashboard_files import NAMES, dashboard, queries
from tests.deploy.tools import ROOT

BYTES_MAX: Final = 600_000
WIDTH: Final = 1600
START_S: Final = 1_700_000_000.0


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_of_the_dashboard_as_it_is_committed(name: str) -> None:
    """The same panels, of the same kinds, in the same places; ``make dashboard-pictures`` draws it anew."""
    file = ROOT / "deploy" / "grafana" / f"{name}.png"

    with Image.open(file) as image:
        assert (panels_of(dashboard(name)), WIDTH) == (image.info[PANELS], image.width)
    assert file.stat().st_size <= BYTES_MAX


@pytest.mark.parametrize(("name", "count"), (("overview", 0), ("overview", 1), ("debug", 3)))
def test_every_panel_is_drawn_whatever_its_queries_gave(name: str, count: int, tmp_path: Path) -> None:
    """No series, one, or several, with values that are no number."""
    values = [[START_S + second, value] for second, value in enumerate((0.0, 1.0, math.nan, 1.0, 0.0))]
    series = [{"labels": {"le": f"0.{index}", "instance": f"pod-{index}"}, "values": values} for index in range(count)]
    kept = {(asked.dashboard, asked.title, asked.letter): series for asked in queries()}

    figure = draw(name, dashboard(name), Results(START_S, START_S + 5, kept))
    write(figure, dashboard(name), tmp_path / "drawn.png")

    assert len(figure.axes) == sum(panel["type"] != "row" for panel in dashboard(name)["panels"])
    with Image.open(tmp_path / "drawn.png") as image:
        assert image.width == WIDTH


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    (
        (0.25, "s", "250 ms"),
        (0.0, "s", "0 s"),
        (90.0, "s", "1.5 min"),
        (0.987, "percentunit", "98.7 %"),
        (1234.0, "short", "1.23 K"),
        (3.0, "short", "3"),
        (0.042, "suffix: cores", "0.04 cores"),
        (90 * 2**20, "bytes", "90 MiB"),
        (math.inf, "s", "∞"),
        (math.nan, "s", "-"),
    ),
)
def test_a_value_is_shown_in_its_unit(value: float, unit: str, expected: str) -> None:
    """With three digits."""
    assert expected == shown(value, unit)


@pytest.mark.parametrize(
    ("span", "unit", "expected"),
    ((0.0, "s", 1.0), (8.0, "short", 2.0), (700.0, "s", 300.0), (100 * 2**20, "bytes", 25 * 2**20), (0.9, "s", 0.2)),
)
def test_the_lines_of_an_axis_lie_at_round_values(span: float, unit: str, expected: float) -> None:
    """Of minutes and of mebibytes too."""
    assert pytest.approx(expected) == step(span, unit)
