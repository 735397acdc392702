"""``loops-consumer run``: the consumer itself."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from consumer.cli.ending import FAILED
from consumer.cli.loading import ConfigOption, check_cases, load_all
from consumer.runner import RunnerFailed

__all__ = ["run"]


def run(
    config: ConfigOption = None,
    *,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Reads everything that lies on the topics now, from the beginning, whatever the group has committed;"
            " joins no group, sends and commits nothing, and says what it would have sent. Needs no key.",
        ),
    ] = False,
) -> None:
    """Reads the topics and sends to Loops, until SIGTERM or Ctrl-C.

    It does not start where the settings or the mapping have a fault, or where one of the mapping's own tests fails. A
    mapping that changes while it runs takes effect by itself, under the same conditions.

    Example: LOOPS_API_KEY=your-key loops-consumer run --config config/consumer.yaml
    """
    settings, mapping = load_all(config, os.environ, key_required=not dry_run)
    if dry_run:
        from consumer.cli.dry_run import rehearse  # noqa: PLC0415 - its table's library is not needed to run

        rehearse(settings, mapping)
        return
    check_cases(mapping, settings.mapping)
    from consumer.app import run as run_app  # noqa: PLC0415 - faults in the files are shown before all is imported

    try:
        run_app(settings, mapping)
    except RunnerFailed as failed:
        typer.echo(f"loops-consumer: {failed}", err=True)
        raise typer.Exit(FAILED) from None
