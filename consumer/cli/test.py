"""``loops-consumer test``: runs the mapping's own tests."""

from __future__ import annotations

import json as _json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from consumer.adapters.mapping_folder import read_mapping
from consumer.cli.ending import FAILED
from consumer.cli.loading import ConfigOption, load_all
from consumer.mapping.cases import CaseResult, run_cases

__all__ = ["test"]

_Mapping = Annotated[
    Path | None,
    typer.Argument(metavar="MAPPING", help="Default: the mapping that the settings name.", show_default=False),
]
_Json = Annotated[bool, typer.Option("--json", help="The results as JSON, for a program.")]


def test(
    mapping: _Mapping = None,  # noqa: PT028 - a command and no test
    config: ConfigOption = None,  # noqa: PT028 - as above
    json: _Json = False,  # noqa: PT028 - as above
) -> None:
    """Runs the mapping's own tests.

    It reads files alone, asks neither Kafka nor Loops, and needs no key. What differs is shown side by side, and the
    exit code is 1; a mapping with faults is not run, and the exit code is 78.

    Example: loops-consumer test config/mapping.yaml
    """
    if mapping is None:
        settings, compiled = load_all(config, os.environ, key_required=False)
        mapping = settings.mapping
    else:
        compiled = read_mapping(mapping, (), os.environ)
    results = run_cases(compiled)
    if json:
        typer.echo(_json.dumps(_plain(results), indent=2, ensure_ascii=False))
    else:
        _show(mapping, results)
    if not all(result.passed for result in results):
        raise typer.Exit(FAILED)


def _plain(results: Sequence[CaseResult]) -> dict[str, Any]:
    failed = sum(not result.passed for result in results)
    tests = [
        {"name": result.name, "passed": result.passed, "expected": result.expected, "got": result.got}
        for result in results
    ]
    return {"ok": not failed, "passed": len(results) - failed, "failed": failed, "tests": tests}


def _show(file: Path, results: Sequence[CaseResult]) -> None:
    from rich.console import Console  # noqa: PLC0415 - only people need it
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    console = Console(highlight=False, markup=False)
    for result in results:
        mark = Text("passed", style="green") if result.passed else Text("failed", style="bold red")
        console.print(mark, result.name)
        if not result.passed:
            table = Table("expected", "got", pad_edge=False)
            for expected, got in _beside(result.expected, result.got):
                table.add_row(_differing(expected, got), _differing(got, expected))
            console.print(table)
    failed = sum(not result.passed for result in results)
    if not results:
        console.print(f"{file} has no tests", style="yellow")
    else:
        console.print(f"{len(results) - failed} passed, {failed} failed", style="bold red" if failed else "green")


def _beside(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> list[tuple[list[str], list[str]]]:
    """The requests of both sides, one row each, as lines."""
    rows = max(len(one), len(other), 1)
    return [(_lines(one, row), _lines(other, row)) for row in range(rows)]


def _lines(requests: Sequence[Mapping[str, Any]], row: int) -> list[str]:
    """A request, a member a line; one of a section's members a line too, so that what differs can be seen."""
    if row >= len(requests):
        return ["nothing"]
    lines = []
    for name, value in requests[row].items():
        if isinstance(value, Mapping):
            lines += [f"{name}.{key}: {_json.dumps(inner, ensure_ascii=False)}" for key, inner in value.items()]
        else:
            lines.append(f"{name}: {_json.dumps(value, ensure_ascii=False)}")
    return lines


def _differing(lines: Sequence[str], beside: Sequence[str]) -> Any:
    """The lines, with those marked that the other side has not."""
    from rich.text import Text  # noqa: PLC0415 - only people need it

    marked = [(f"  {line}", "") if line in beside else (f"! {line}", "bold red") for line in lines]
    return Text("\n").join(Text(*line) for line in marked)
