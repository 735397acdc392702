"""The kinds of panels, each with what all of its kind look like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from grafana_foundation_sdk.builders import common, dashboard, heatmap, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.runbook import Section, link

__all__ = ["DATASOURCE", "About", "Query", "Step", "heat", "lines", "list_of", "number", "share", "states"]

DATASOURCE: Final = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
_GREEN: Final = "green"
_NOTHING: Final = "none"
"""Stands where a query gives no series: often the best that can be."""

Step = tuple[float, str]
"""A value and the colour that begins there; below the first it is green."""

_Panel = TypeVar("_Panel", heatmap.Panel, stat.Panel, statetimeline.Panel, table.Panel, timeseries.Panel)


@dataclass(frozen=True, slots=True)
class About:
    """What every panel has. ``text`` says what it shows, and what to do when it looks wrong."""

    title: str
    unit: str
    section: Section
    text: str
    width: int = 8
    """Columns of Grafana's 24."""
    height: int = 8


@dataclass(frozen=True, slots=True)
class Query:
    """``legend`` names each series, with its labels as ``{{label}}``."""

    expression: str
    legend: str = ""
    exemplars: bool = False


def number(about: About, expression: str, *steps: Step, first: str = _GREEN, graph: bool = False) -> stat.Panel:
    """One number as of now; with ``graph``, and how it went."""
    query = Query(expression)
    panel = _described(stat.Panel(), about, [query], instant=not graph)
    if about.unit == "short":
        panel.decimals(0)  # what grew is extrapolated, and things come whole
    return (
        panel.thresholds(_thresholds(steps, first))
        .color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .color_mode(BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.AREA if graph else BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def lines(about: About, *queries: Query, stacked: bool = False, line_at: Iterable[Step] = ()) -> timeseries.Panel:
    """Values over time, from 0; ``line_at`` draws what they are held against."""
    panel = (
        _described(timeseries.Panel(), about, queries)
        .min(0)
        .no_value(_NOTHING)
        .show_points(VisibilityMode.NEVER)
        .fill_opacity(30 if stacked else 0)
        .color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC))
        .legend(_legend())
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )
    if stacked:
        panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL).group("A"))
    if line_at:
        panel.thresholds(_thresholds(line_at, "transparent"))
        panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
    return panel


def share(about: About, query: Query, aim: float) -> timeseries.Panel:
    """A share over time that should be near 1, against the least that is aimed at."""
    panel = lines(about, query, line_at=[(aim, "red")]).max(1).axis_soft_min(0.95)
    panel.build().field_config.defaults.min_val = None  # type: ignore[union-attr] # a unit has made it
    return panel


def heat(about: About, expression: str) -> heatmap.Panel:
    """How the values of a histogram lie over time; the unit is that of its buckets."""
    panel = _described(heatmap.Panel(), about, [Query(expression, "{{le}}")], format_=PromQueryFormat.HEATMAP)
    return (
        panel.calculate(False)
        .y_axis(heatmap.YAxisConfig().unit(about.unit))
        .color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Turbo").steps(64))
        .cell_values(heatmap.CellValues().unit("short"))
        .filter_values(heatmap.FilterValueRange().le(1e-9))
    )


def states(about: About, query: Query, words: Sequence[tuple[str, str]]) -> statetimeline.Panel:
    """A band for each series of 0 and 1: ``words`` are the word and the colour of 0, and those of 1."""
    mapped = {str(index): model.ValueMappingResult(text=word, color=color) for index, (word, color) in enumerate(words)}
    return (
        _described(statetimeline.Panel(), about, [query])
        .mappings([model.ValueMap(options=mapped)])
        .show_value(VisibilityMode.NEVER)
        .legend(_legend().show_legend(False))
    )


def list_of(about: About, expression: str, columns: Sequence[str], value: str) -> table.Panel:
    """A line a series: these labels of it, and its value as of now under the heading ``value``."""
    names = {"Value": value}
    hidden = {"Time": True}
    order = {name: index for index, name in enumerate([*columns, "Value"])}
    arranged = model.DataTransformerConfig(
        id_val="organize", options={"excludeByName": hidden, "indexByName": order, "renameByName": names}
    )
    panel = _described(table.Panel(), about, [Query(expression)], instant=True, format_=PromQueryFormat.TABLE)
    panel.no_value(_NOTHING).with_transformation(arranged)
    return panel.sort_by([common.TableSortByFieldState().display_name(value).desc(True)])


def _described(
    panel: _Panel,
    about: About,
    queries: Iterable[Query],
    *,
    instant: bool = False,
    format_: PromQueryFormat = PromQueryFormat.TIME_SERIES,
) -> _Panel:
    panel.title(about.title).description(about.text).unit(about.unit).datasource(DATASOURCE)
    panel.span(about.width).height(about.height).links([link(about.section)])
    for index, query in enumerate(queries):
        target = Dataquery().datasource(DATASOURCE).expr(query.expression).legend_format(query.legend)
        target.ref_id("ABCDEFGH"[index]).format(format_).exemplar(query.exemplars)
        panel.with_target(target.instant() if instant else target.range())
    return panel


def _legend() -> common.VizLegendOptions:
    shown = common.VizLegendOptions().show_legend(True)
    return shown.display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)


def _thresholds(steps: Iterable[Step], first: str) -> dashboard.ThresholdsConfig:
    made = [model.Threshold(value=None, color=first), *(model.Threshold(value=at, color=color) for at, color in steps)]
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(made)
