"""Each command renews its own section of the page and leaves the others as they are."""

from __future__ import annotations

from tests.bench.figure import Baseline, Figure, table
from tests.bench.report import RATE_REAL, SPEED, renewed, section

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


def test_figures_that_differ_in_a_column_share_a_row() -> None:
    """In a table of their own, before the others; one that is missed says so."""
    used = [
        Figure("used", "%", measured, 98, "so", at_least=True, column=column, of="many")
        for column, measured in (("one", 99.0), ("other", 97.5))
    ]

    shared, single = table([FIGURE, *used]).split("\n\n")

    assert ["figure  unit  one        other", "used    %     99 (≥ 98)  97.5 (≥ 98) NO"] == shared.splitlines()[::2]
    assert single == table([FIGURE])


def test_a_method_names_what_it_is_about_once() -> None:
    """However many figures are of it."""
    many = [Figure(f"used {number}", "%", 99.0, 98, "by counting", of="the limit") for number in range(9)]

    assert "**wait.** as it comes" in section("a command", [FIGURE, *many])
    assert "**the limit.** by counting" in section("a command", [FIGURE, *many])
