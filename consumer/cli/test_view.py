"""``loops-consumer test``: the results, for a person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.box import ROUNDED
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consumer.cli.explain_view import rule_lines
from consumer.cli.terminal import Hanging, printable
from consumer.cli.test_difference import Line, because, rows_of
from consumer.mapping.cases import CaseResult
from consumer.mapping.coverage import Gap

__all__ = ["show"]


def show(screen: Console, file: Path, results: Sequence[CaseResult], gaps: Sequence[Gap], *, strict: bool) -> None:
    """Prints every test, why those failed that did, and what no test shows."""
    for result in results:
        mark = Text("passed  ", style="green") if result.passed else Text("failed  ", style="bold red")
        screen.print(Hanging(mark, Text(printable(result.name))))
        if not result.passed:
            _show_difference(screen, result)
    if gaps:
        if not results or results[-1].passed:
            screen.print()
        screen.print(Text("not covered by any test", style="bold red" if strict else "bold yellow"))
        for gap in gaps:
            screen.print(Hanging(Text(f"  {printable(gap.rule.name)}: "), Text(gap.kind.words)))
        screen.print()
    failed = sum(not result.passed for result in results)
    if not results:
        screen.print(Text(f"{file} has no tests", style="yellow"))
        return
    open_rules = len({gap.rule.id for gap in gaps})
    more = f", {open_rules} rule{'' if open_rules == 1 else 's'} not covered" if gaps else ""
    style = "bold red" if failed or (strict and gaps) else "green"
    screen.print(Text(f"{len(results) - failed} passed, {failed} failed{more}", style=style))


def _show_difference(screen: Console, result: CaseResult) -> None:
    table = Table("expected", "got", box=ROUNDED, show_lines=True, header_style="")
    for row in rows_of(result):
        table.add_row(_marked(row.expected), _marked(row.got))
    screen.print(table)
    told = result.told
    if told.unreadable is not None:
        screen.print(Text(f"the event cannot be read: {told.unreadable}"))
        return
    for rule in because(result):
        screen.print(rule_lines(rule, told))
    screen.print()


def _marked(lines: Sequence[Line]) -> Text:
    marked = [
        (f"{'!' if line.differs else ' '} {printable(line.text)}", "bold red" if line.differs else "") for line in lines
    ]
    return Text("\n").join(Text(*line) for line in marked)
