"""Each command renews its own section of the page and leaves the others as they are."""

from __future__ import annotations

from tests.bench.figure import Baseline, Figure, table
from tests.bench.report import RATE_REAL, SPEED, renewed

FIGURE = Figure("wait", "ms", 8.0, 20, "as it comes")


def test_a_section_is_renewed_beside_the_others() -> None:
    """In the same order, whichever was first; headings inside a section are its own."""
    page = renewed(renewed("", RATE_REAL, "real\n\n### How\n\nthus"), SPEED, "fast")
    assert page == renewed(renewed("", SPEED, "fast"), RATE_REAL, "real\n\n### How\n\nthus")
    assert renewed(page, SPEED, "faster") == page.replace("\n\nfast\n", "\n\nfaster\n")
    assert page.index(SPEED) < page.index(RATE_REAL) < page.index("### How\n\nthus\n")


def test_a_table_has_columns_for_baselines_where_there_is_one() -> None:
    """Without one there is nothing to compare with."""
    beside = Figure("cost", "µs", 3.0, 2, "as it comes", baselines=(Baseline("bare", 1.5),))
    assert "| figure | goal    | measured |     |\n" == table([FIGURE], markdown=True).splitlines(keepends=True)[0]
    assert ["yes", "NO"] == [row[3] for figure in (FIGURE, beside) for row in figure.cells()]
    assert "bare: 1.5 µs" in table([FIGURE, beside])
