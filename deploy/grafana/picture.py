"""Draws both dashboards as pictures, from what their queries gave in a run: a rendering, for lack of a Grafana.

``python -m deploy.grafana.picture RESULTS`` writes ``overview.png`` and ``debug.png`` beside this file.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from deploy.grafana.picture_data import Results
from deploy.grafana.picture_panels import BACKGROUND, INK, MUTED, PANEL, Marks, draw_panel

__all__ = ["PANELS", "draw", "panels_of", "write"]

PANELS: Final = "loops-consumer-panels"
"""Under which a picture has :func:`panels_of`."""

_HERE: Final = Path(__file__).parent
_WIDTH: Final = 1600
"""Pixels."""
_DPI: Final = 130
_COLUMN: Final = _WIDTH / 24
_ROW: Final = 27.0
_HEAD: Final = 92.0
_GAP: Final = 4.0
_EDGE: Final = "#2a2d33"
_COLORS: Final = 96
"""Of the palette: a picture of lines needs no more, and is a third as large."""


@dataclass(frozen=True, slots=True)
class _Canvas:
    """A figure that is measured in pixels, from its upper left corner."""

    figure: Figure
    height: float

    def text(self, x: float, y: float, text: str, color: str, size: float) -> None:
        """One line, its middle at that height."""
        self.figure.text(x / _WIDTH, 1 - y / self.height, text, color=color, fontsize=size, va="center")

    def part(self, x: float, y: float, width: float, tall: float) -> tuple[float, float, float, float]:
        """A rectangle as the figure's own parts, from its lower left corner."""
        return x / _WIDTH, 1 - (y + tall) / self.height, width / _WIDTH, tall / self.height


def draw(name: str, dashboard: Mapping[str, Any], results: Results) -> Figure:
    """A dashboard, by its file's name and its content; ``KeyError`` where a query's results are not there."""
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"])
    height = _HEAD + rows * _ROW + _GAP
    figure = Figure(figsize=(_WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=BACKGROUND)
    canvas = _Canvas(figure, height)
    marks = [
        (annotation["iconColor"], results.marks(name, annotation))
        for annotation in dashboard["annotations"]["list"]
        if "expr" in annotation
    ]
    _head(canvas, dashboard, results)
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            canvas.text(12, _HEAD + (panel["gridPos"]["y"] + 0.5) * _ROW, f"⌄ {panel['title']}", INK, 9.5)
        else:
            _panel(canvas, panel, name, results, marks)
    return figure


def panels_of(dashboard: Mapping[str, Any]) -> str:
    """A digest of what a picture shows of a dashboard: its panels, their kinds and places."""
    shown = [[panel["title"], panel["type"], panel["gridPos"]] for panel in dashboard["panels"]]
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]


def write(figure: Figure, dashboard: Mapping[str, Any], file: Path) -> None:
    """Writes a figure as a PNG with few colours, which says of which panels it is."""
    about = PngInfo()
    about.add_text(PANELS, panels_of(dashboard))
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI, facecolor=BACKGROUND)
    with Image.open(buffer) as image:
        image.convert("RGB").quantize(_COLORS, dither=Image.Dither.NONE).save(file, optimize=True, pnginfo=about)


def _head(canvas: _Canvas, dashboard: Mapping[str, Any], results: Results) -> None:
    chosen = "   ".join(f"{each['label']}: All" for each in dashboard["templating"]["list"][1:])
    said = (
        "A rendering, not Grafana: each panel is drawn with matplotlib from what its own queries gave in a real "
        f"Prometheus, in a test of {results.length_s:.0f} s with faults on purpose."
    )
    marked = "Dashed: a process began (blue), a rebalance (orange), a mapping found (purple)."
    canvas.text(12, 24, dashboard["title"], INK, 13)
    canvas.text(_WIDTH - 400, 24, chosen, MUTED, 7.5)
    canvas.text(12, 53, said, MUTED, 7.5)
    canvas.text(12, 75, marked, MUTED, 7.5)


def _panel(canvas: _Canvas, panel: Mapping[str, Any], name: str, results: Results, marks: Marks) -> None:
    at = panel["gridPos"]
    left, top = at["x"] * _COLUMN + _GAP, _HEAD + at["y"] * _ROW
    width, tall = at["w"] * _COLUMN - 2 * _GAP, at["h"] * _ROW - _GAP
    x, y, *size = canvas.part(left, top, width, tall)
    box = Rectangle((x, y), *size, facecolor=PANEL, edgecolor=_EDGE, linewidth=0.6, zorder=-1)
    canvas.figure.add_artist(box)
    canvas.text(left + 8, top + 13, panel["title"], INK, 7.5)
    beside, below = _margins(panel)
    axes = canvas.figure.add_axes(canvas.part(left + beside, top + 27, width - beside - 10, tall - below - 27))
    draw_panel(axes, panel, list(results.of_panel(name, panel)), results.length_s, marks)


def _margins(panel: Mapping[str, Any]) -> tuple[float, float]:
    """Pixels to the left of the axes, and below them, for what stands there."""
    if panel["type"] in {"stat", "table"}:
        return 10.0, 6.0
    return (120.0 if panel["type"] == "state-timeline" else 74.0), 44.0


if __name__ == "__main__":
    run = Results.read(Path(sys.argv[1]))
    for file_name in ("overview", "debug"):
        content = json.loads((_HERE / f"{file_name}.json").read_text())
        write(draw(file_name, content, run), content, _HERE / f"{file_name}.png")
