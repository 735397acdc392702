"""A figure: what was measured, what it has to be, and how it came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Baseline", "Figure", "table"]

_HEADINGS = ("figure", "goal", "measured", "", "baseline", "ratio")
_OF_BASELINES = 2
"""Columns, the last ones."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Something simple that was measured in the same run, in the figure's unit."""

    what: str
    measured: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. ``method`` is a paragraph for a reader who wants to repeat it."""

    what: str
    unit: str
    measured: float
    goal: float
    method: str
    at_least: bool = False
    """Whether more is better; otherwise the goal is the most that it may be."""
    baselines: tuple[Baseline, ...] = ()

    @property
    def reached(self) -> bool:
        """Whether the goal is met."""
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal

    def cells(self) -> list[tuple[str, ...]]:
        """Rows of a table: the figure's own, then one for each further baseline."""
        bound = "≥" if self.at_least else "≤"
        own = (self.what, f"{bound} {self.goal:g} {self.unit}", f"{self.measured:,.4g} {self.unit}")
        rows = [(*own, "yes" if self.reached else "NO", *cells) for cells in self._baseline_cells()[:1] or [("", "")]]
        return [*rows, *(("", "", "", "", *cells) for cells in self._baseline_cells()[1:])]

    def _baseline_cells(self) -> list[tuple[str, str]]:
        return [
            (f"{each.what}: {each.measured:,.4g} {self.unit}", f"{self.measured / each.measured:.2f}")
            for each in self.baselines
        ]


def table(figures: Sequence[Figure], *, markdown: bool = False) -> str:
    """The figures as text, one line break behind each row; without columns for baselines where there are none."""
    columns = len(_HEADINGS) - (0 if any(figure.baselines for figure in figures) else _OF_BASELINES)
    rows = [row[:columns] for row in (_HEADINGS, *(cells for figure in figures for cells in figure.cells()))]
    widths = [max(len(row[column]) for row in rows) for column in range(columns)]
    lines = [
        (" | " if markdown else "  ").join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    rule = (" | " if markdown else "  ").join("-" * max(3, width) for width in widths)
    framed = [lines[0], rule, *lines[1:]]
    return "".join(f"| {line} |\n" if markdown else f"{line.rstrip()}\n" for line in framed)
