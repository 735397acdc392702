"""A plan as a picture: requests against the limit, what waits, and for how long. Needs the extra ``plot``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from consumer.cli.letter_options import fail
from consumer.cli.plan_view import span, way_named
from consumer.core.terms import Priority
from consumer.planning.course import Course
from consumer.planning.figures import backlog
from consumer.planning.series import Series, series
from consumer.planning.setting import Setting

__all__ = ["draw", "picture"]

_INK: Final = "#222222"
_MUTED: Final = "#8a8a8a"
_SENT: Final = "#a9c6e6"
_ARRIVING: Final = "#1d3f66"
_REFUSED: Final = "#c8372d"
_WAITING: Final = "#9fb0c2"
_OF_PRIORITY: Final = {Priority.HIGH: "#c8372d", Priority.NORMAL: "#2f6db5", Priority.LOW: "#777777"}


_SPANS_MAX: Final = 150
_SHORTEST_S: Final = 0.001
"""A wait that is shorter is drawn as this long."""


def draw(setting: Setting, course: Course, file: Path) -> None:
    """Writes the picture as PNG. Ends the command where it cannot."""
    try:
        picture(setting, course).savefig(file, dpi=120, format="png")
    except OSError as error:
        fail(f"--plot: cannot write {file}: {error.strerror}")


def picture(setting: Setting, course: Course) -> Figure:
    """Three axes over time: requests, what waits, and for how long."""
    found = series(course, setting.for_s, spans_max=_SPANS_MAX)
    figure = Figure(figsize=(10, 8.5), layout="constrained", facecolor="white")
    rate, waiting, waits = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 3))
    figure.suptitle(_title(setting), x=0.01, ha="left", fontsize=12, color=_INK, fontweight="bold")
    _mark_starvation(rate, setting, course)
    _mark_starvation(waiting, setting, course)
    _mark_starvation(waits, setting, course, f"starvation, after {span(setting.policy.starvation_s)}")
    _draw_rate(rate, found, setting.limit_per_s)
    _draw_backlog(waiting, found)
    _draw_waits(waits, found)
    waits.set_xlabel("minutes" if _in_minutes(setting.for_s) else "seconds", color=_INK)
    waits.set_xlim(0, setting.for_s)
    if _in_minutes(setting.for_s):
        step = _step(setting.for_s / 60) * 60
        waits.set_xticks([at * step for at in range(int(setting.for_s / step) + 1)])
        waits.xaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{at / 60:g}"))
    return figure


def _mark_starvation(axes: Axes, setting: Setting, course: Course, label: str | None = None) -> None:
    """Where the first may starve, if a backlog stands for longer."""
    drained_s = backlog(course, setting.for_s, setting.limit_per_s).drained_s
    starvation_s = setting.policy.starvation_s
    if starvation_s < setting.for_s and (drained_s is None or drained_s > starvation_s):
        axes.axvline(starvation_s, color=_MUTED, linestyle=(0, (1, 2)), linewidth=1.1, label=label, zorder=1)


def _title(setting: Setting) -> str:
    who = "1 replica" if setting.replicas == 1 else f"{setting.replicas} replicas"
    return f"{setting.limit_per_s} requests a second, {way_named(setting.way.value)}, {who}"


def _in_minutes(for_s: float) -> bool:
    return for_s > 120


def _step(minutes: float) -> float:
    """A round one of which some ten make the whole."""
    rough = minutes / 10
    size: float = 10.0 ** math.floor(math.log10(rough))
    return next(step * size for step in (1, 2, 5, 10) if step * size >= rough)


def _draw_rate(axes: Axes, found: Series, limit_per_s: int) -> None:
    at = [number * found.span_s for number in range(len(found.admitted_per_s) + 1)]
    axes.stairs(found.admitted_per_s, at, fill=True, color=_SENT, label="requests accepted")
    axes.stairs(
        [one + other for one, other in zip(found.admitted_per_s, found.refused_per_s, strict=True)],
        at,
        baseline=found.admitted_per_s,
        fill=True,
        color=_REFUSED,
        label="answered 429",
    )
    axes.stairs(found.arrived_per_s, at, baseline=None, color=_ARRIVING, linewidth=1.3, label="records arriving")
    axes.axhline(limit_per_s, color=_INK, linestyle="--", linewidth=1, label="the limit")
    axes.set_ylim(0, 1.5 * limit_per_s)
    _dress(axes, "a second")


def _draw_backlog(axes: Axes, found: Series) -> None:
    at = [(number + 1) * found.span_s for number in range(len(found.waiting))]
    axes.fill_between(at, found.waiting, color=_WAITING, linewidth=0, label="records waiting")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
    _dress(axes, "records")


def _draw_waits(axes: Axes, found: Series) -> None:
    bridged: list[Line2D] = []
    for priority, each in found.waits.items():
        at = [(number + 0.5) * found.span_s for number in range(len(each))]
        color, name = _OF_PRIORITY[priority], priority.name.lower()
        middle = [math.nan if one is None else max(one.median_s, _SHORTEST_S) for one in each]
        most = [math.nan if one is None else max(one.longest_s, _SHORTEST_S) for one in each]
        axes.fill_between(at, middle, most, color=color, alpha=0.18, linewidth=0)
        left = [(time, wait) for time, wait in zip(at, middle, strict=True) if not math.isnan(wait)]
        if len(left) - 1 < (left[-1][0] - left[0][0]) // found.span_s:
            bridged.append(axes.plot(*zip(*left, strict=True), color=color, linewidth=0.8, linestyle=":")[0])
        axes.plot(at, middle, color=color, linewidth=1.5, marker=".", markersize=2.5, label=name)
    if bridged:
        bridged[-1].set_label("dotted: none left meanwhile")
    if found.waits:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(_wait))
    _dress(axes, "wait, median to longest")


def _wait(seconds: float, _: int) -> str:
    if seconds < 1:
        return f"{seconds * 1000:g} ms"
    return f"{seconds:,.15g} s"


def _dress(axes: Axes, what: str) -> None:
    axes.set_ylabel(what, color=_INK)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_MUTED)
    axes.tick_params(colors=_INK, labelsize=9)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1, 0.99),
            ncols=5,
            fontsize=8.5,
            borderaxespad=0.2,
            frameon=False,
            labelcolor=_INK,
        )
