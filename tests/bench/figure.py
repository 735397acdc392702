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
    column: str = ""
    """Of figures that differ in this alone: each is a column, and they share a row."""
    of: str = ""
    """What its method is about, where that are many figures; else the figure itself."""

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

    def cell(self) -> str:
        """What a column has of it."""
        bound = "≥" if self.at_least else "≤"
        return f"{self.measured:,.4g} ({bound} {self.goal:g}){'' if self.reached else ' NO'}"

    def _baseline_cells(self) -> list[tuple[str, str]]:
        return [
            (f"{each.what}: {each.measured:,.4g} {self.unit}", f"{self.measured / each.measured:.2f}")
            for each in self.baselines
        ]


def table(figures: Sequence[Figure], *, markdown: bool = False) -> str:
    """The figures as text, one line break behind each row; without columns for baselines where there are none.

    Those that share rows stand in a table of their own.
    """
    single = [figure for figure in figures if not figure.column]
    sharing = [figure for figure in figures if figure.column]
    columns = len(_HEADINGS) - (0 if any(figure.baselines for figure in single) else _OF_BASELINES)
    rows = [row[:columns] for row in (_HEADINGS, *(cells for figure in single for cells in figure.cells()))]
    tables = [_framed(rows, markdown=markdown)] if single else []
    return "\n".join([*([_framed(_shared(sharing), markdown=markdown)] if sharing else []), *tables])


def _shared(figures: Sequence[Figure]) -> list[tuple[str, ...]]:
    """Rows with a column for each name of one, in the order in which they come."""
    names = list(dict.fromkeys(figure.column for figure in figures))
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for figure in figures:
        rows.setdefault((figure.what, figure.unit), {})[figure.column] = figure.cell()
    return [
        ("figure", "unit", *names),
        *((*what, *(cells.get(name, "") for name in names)) for what, cells in rows.items()),
    ]


def _framed(rows: Sequence[tuple[str, ...]], *, markdown: bool) -> str:
    """The first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        (" | " if markdown else "  ").join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    rule = (" | " if markdown else "  ").join("-" * max(3, width) for width in widths)
    framed = [lines[0], rule, *lines[1:]]
    return "".join(f"| {line} |\n" if markdown else f"{line.rstrip()}\n" for line in framed)
