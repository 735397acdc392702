"""How each kind of panel is drawn into its place."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from deploy.grafana.picture_data import Series
from deploy.grafana.picture_units import shown, step

__all__ = ["BACKGROUND", "INK", "MUTED", "PANEL", "Marks", "draw_panel"]

BACKGROUND: Final = "#111217"
PANEL: Final = "#181b1f"
INK: Final = "#d8d9e0"
MUTED: Final = "#8e8f99"
_GRID: Final = "#2a2d33"
_LINES: Final = (
    *("#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#37872d", "#e0b400", "#1f60c4"),
    *("#fa6400", "#c4162a", "#8f3bb8", "#96d98d", "#ffee52", "#8ab8ff", "#ffb357", "#ff7383", "#ca95e5"),
)
_NAMED: Final = {
    "green": "#73bf69",
    "red": "#f2495c",
    "orange": "#ff9830",
    "blue": "#5794f2",
    "purple": "#b877d9",
    "transparent": "none",
}
_LETTER_PX: Final = 6.6
"""About how wide a letter of a legend is."""
_TOLD_APART: Final = 8
"""So many series keep the order in which they stand; of more the largest come first."""
_COLD_TO_HOT: Final = LinearSegmentedColormap.from_list("heat", ["#1b2a4a", "#2f6db5", "#73bf69", "#f2cc0c", "#f2495c"])
_SMALL: Final = 6.5
_LINES_OF_TABLE: Final = 9

Marks = Sequence[tuple[str, Sequence[float]]]
"""Of each annotation the colour, and when it happened."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A panel's axes, and what all that is drawn in it needs."""

    axes: Axes
    panel: Mapping[str, Any]
    series: Sequence[Series]
    length_s: float

    @property
    def defaults(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.panel["fieldConfig"]["defaults"]
        return found

    @property
    def unit(self) -> str:
        return str(self.defaults["unit"])

    def shown(self, value: float) -> str:
        return shown(value, self.unit)


def draw_panel(axes: Axes, panel: Mapping[str, Any], series: Sequence[Series], length_s: float, marks: Marks) -> None:
    """Draws a panel of any kind that the dashboards have; ``KeyError`` for another."""
    place = _Place(axes, panel, series, length_s)
    axes.set_facecolor(PANEL)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(colors=MUTED, labelsize=_SMALL, length=0)
    if not series:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.text(0.5, 0.5, "none", transform=axes.transAxes, color=MUTED, fontsize=9, ha="center", va="center")
        return
    draw = {"stat": _number, "timeseries": _lines, "heatmap": _heat, "state-timeline": _states, "table": _table}
    draw[panel["type"]](place)
    if panel["type"] not in {"stat", "table"}:
        _over_time(place, marks)


def _over_time(place: _Place, marks: Marks) -> None:
    axes = place.axes
    axes.set_xlim(0, place.length_s)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 3, 6, 10], prune="lower"))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda second, _: f"{int(second) // 60}:{int(second) % 60:02}"))
    for color, moments in marks:
        for moment in moments:
            axes.axvline(moment, color=_NAMED[color], linewidth=0.6, linestyle=(0, (3, 3)), alpha=0.7)


def _number(place: _Place) -> None:
    axes, line = place.axes, place.series[0]
    axes.set_xticks([])
    axes.set_yticks([])
    last = line.values[-1]
    if place.defaults.get("decimals") == 0 and math.isfinite(last):
        last = round(last)
    color = _color_at(place.defaults["thresholds"]["steps"], last)
    if place.panel["options"]["graphMode"] == "area":
        axes.fill_between(line.moments, line.values, color=color, alpha=0.25, linewidth=0)
        axes.plot(line.moments, line.values, color=color, linewidth=0.9)
        axes.set_xlim(0, place.length_s)
        axes.set_ylim(0, 2.6 * max(*line.values, 1e-9))
    axes.text(0.5, 0.6, place.shown(last), transform=axes.transAxes, color=color, fontsize=21, ha="center", va="center")


def _color_at(steps: Sequence[Mapping[str, Any]], value: float) -> str:
    passed = [step for step in steps if step["value"] is None or value >= step["value"]]
    return _NAMED[passed[-1]["color"]]


def _lines(place: _Place) -> None:
    axes, custom = place.axes, place.defaults["custom"]
    ordered = [each for each in place.series if any(each.values)] or list(place.series)
    if len(ordered) > _TOLD_APART:
        ordered.sort(key=_largest, reverse=True)
    colors = {id(each): color for each, color in zip(ordered, itertools.cycle(_LINES), strict=False)}
    if "stacking" in custom:
        moments = sorted({moment for each in ordered for moment in each.moments})
        layers = [_at(each, moments, 0.0) for each in ordered]
        axes.stackplot(moments, layers, colors=[colors[id(each)] for each in ordered], alpha=0.55, linewidth=0)
    else:
        for each in ordered:
            spaced = _every_second(each)
            axes.plot(*spaced, color=colors[id(each)], linewidth=1.0)
    for aim in place.defaults.get("thresholds", {}).get("steps", ()):
        if aim["value"] is not None:
            axes.axhline(aim["value"], color=_NAMED[aim["color"]], linewidth=0.8, linestyle=(0, (5, 3)))
    _upwards(place, ordered)
    _legend(place, [(each.name, colors[id(each)]) for each in ordered])


def _largest(series: Series) -> float:
    return max((value for value in series.values if math.isfinite(value)), default=0.0)


def _upwards(place: _Place, series: Sequence[Series]) -> None:
    """The axis of values, from 0 or what the panel says; what is aimed at far above them does not press them down."""
    axes = place.axes
    stacked = "stacking" in place.defaults["custom"]
    by_moment: dict[float, float] = {}
    for each in series:
        for moment, value in zip(each.moments, each.values, strict=True):
            if math.isfinite(value):
                by_moment[moment] = (
                    by_moment.get(moment, 0.0) + value if stacked else max(by_moment.get(moment, 0), value)
                )
    top = max(by_moment.values(), default=0.0)
    low = place.defaults.get("min", place.defaults["custom"].get("axisSoftMin"))
    axes.set_ylim(low, low + 1.12 * (top - low) if top > low else low + 1.0)
    axes.yaxis.set_major_locator(MultipleLocator(step(top - low, place.unit)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: place.shown(value)))
    axes.grid(color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)


def _at(series: Series, moments: Sequence[float], missing: float) -> list[float]:
    known = dict(zip(series.moments, series.values, strict=True))
    values = (known.get(moment, missing) for moment in moments)
    return [value if math.isfinite(value) else missing for value in values]


def _every_second(series: Series) -> tuple[list[float], list[float]]:
    """With a gap wherever the series was not there."""
    moments: list[float] = []
    values: list[float] = []
    for moment, value in zip(series.moments, series.values, strict=True):
        if moments and moment - moments[-1] > 1.5:
            moments.append(moment - 0.5)
            values.append(math.nan)
        moments.append(moment)
        values.append(value)
    return moments, values


def _heat(place: _Place) -> None:
    axes = place.axes
    ordered = sorted(place.series, key=lambda each: float(each.labels["le"]))
    moments = sorted({moment for each in ordered for moment in each.moments})
    below = np.array([_at(each, moments, 0.0) for each in ordered])
    inside = np.diff(below, axis=0, prepend=0.0).clip(min=0.0)
    inside[inside < 0.05] = np.nan
    colors = _COLD_TO_HOT.with_extremes(bad=PANEL)
    axes.pcolormesh(moments, np.arange(len(ordered)) + 0.5, inside, cmap=colors, shading="nearest", rasterized=True)
    edges = [shown(float(each.labels["le"]), place.unit) for each in ordered]
    axes.set_yticks(np.arange(len(edges))[1::3] + 1.0, edges[1::3])
    axes.set_ylim(0, len(edges))


def _states(place: _Place) -> None:
    axes = place.axes
    words = place.defaults["mappings"][0]["options"]
    ordered = sorted(place.series, key=lambda each: each.name, reverse=True)
    for row, each in enumerate(ordered):
        for value, cells in itertools.groupby(zip(each.moments, each.values, strict=True), key=lambda cell: cell[1]):
            stretch = [moment for moment, _ in cells]
            color = _NAMED[words[str(int(value))]["color"]]
            axes.broken_barh(
                [(stretch[0] - 0.5, stretch[-1] - stretch[0] + 1.0)], (row + 0.12, 0.76), color=color, alpha=0.75
            )
    axes.set_yticks(np.arange(len(ordered)) + 0.5, [each.name for each in ordered])
    axes.set_ylim(0, max(1, len(ordered)))
    _legend(place, [(word["text"], _NAMED[word["color"]]) for word in words.values()])


def _table(place: _Place) -> None:
    axes = place.axes
    axes.set_xticks([])
    axes.set_yticks([])
    organized = place.panel["transformations"][0]["options"]
    columns = [name for name in organized["indexByName"] if name != "Value"]
    rows = sorted(((each.values[-1], each.labels) for each in place.series), key=lambda row: -row[0])
    header = [*columns, organized["renameByName"]["Value"]]
    lines = [[*(labels.get(name, "") for name in columns), place.shown(round(value))] for value, labels in rows]
    for index, line in enumerate([header, *lines[:_LINES_OF_TABLE]]):
        height = 0.97 - index / (_LINES_OF_TABLE + 1)
        for column, text in enumerate(line):
            color = MUTED if index == 0 else INK
            x = 0.02 + 0.96 * column / len(line)
            axes.text(x, height, text, transform=axes.transAxes, color=color, fontsize=7.5, va="top")


def _legend(place: _Place, entries: Sequence[tuple[str, str]]) -> None:
    """One line below the panel: as many names as it has room for, and how many more there are."""
    letters = place.axes.get_window_extent().width / _LETTER_PX
    used = 0.0
    for index, (name, color) in enumerate(entries):
        room = len(name) + 5
        if used and used + room > letters - 3:
            _below(place.axes, used / letters, f"+{len(entries) - index}", MUTED)
            return
        _below(place.axes, used / letters, "■", color)
        _below(place.axes, (used + 2) / letters, name, INK)
        used += room


def _below(axes: Axes, x: float, text: str, color: str) -> None:
    axes.annotate(
        text,
        (x, 0),
        (0, -20),
        xycoords="axes fraction",
        textcoords="offset points",
        color=color,
        fontsize=6,
        va="center",
    )
