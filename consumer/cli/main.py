"""The command line: which commands there are, and how each of them ends."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.main import get_command

from consumer.cli.ending import DEBUG_VARIABLE, ended
from consumer.cli.lazy import COMMANDS, LazyGroup

__all__ = ["app", "main"]

_GC_THRESHOLDS = (20_000, 50, 100)
"""Python's are 700, 10 and 10. What modules bring stays: looking through it again and again is a twelfth of a start."""

app = typer.Typer(cls=LazyGroup, no_args_is_help=True, add_completion=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command (``sys.argv`` where ``None``).

    Returns 0 where it did its job, 78 where the user's files are wrong, 1 otherwise; what is wrong is on stderr.
    """
    gc.set_threshold(*_GC_THRESHOLDS)
    given = sys.argv[1:] if arguments is None else list(arguments)
    return ended(lambda: get_command(app)(given, prog_name="loops-consumer"))


def _version(asked: bool) -> None:
    if not asked:
        return
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - its import would slow every start

    try:
        typer.echo(f"loops-consumer {version('loops-consumer')}")
    except PackageNotFoundError:
        typer.echo("loops-consumer (not installed)")
    raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Prints the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help=f"Shows where a failure came from. Also {DEBUG_VARIABLE}=1.")
    ] = False,
) -> None:
    """Sends product events from Kafka to Loops: once, soon and in order.

    Example: loops-consumer check --config config/consumer.yaml
    """
    del version
    if debug:
        os.environ[DEBUG_VARIABLE] = "1"


def _listed() -> None:
    """Stands for a command in the list; :class:`LazyGroup` puts the real one in its place when it is called."""


for _name, _entry in COMMANDS.items():
    app.command(_name, help=_entry.summary)(_listed)
