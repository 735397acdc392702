"""``loops-consumer run``: the consumer itself, and the topic's past beside it."""

from __future__ import annotations

import os
import time
from typing import Annotated, TypeAlias

import typer

from consumer.cli.ending import FAILED
from consumer.cli.loading import ConfigOption, check_cases, load_all
from consumer.runner import RunnerFailed

__all__ = ["run"]

_DEFAULT_SHARE = 0.3
_EARLIEST = "earliest"
_PANEL = "With --backfill"

_DryRun: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Reads everything that lies on the topics now, from the beginning, whatever the group has committed;"
        " joins no group, sends and commits nothing, and says what it would have sent. Needs no key.",
    ),
]
_Backfill: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--backfill",
        help="Sends the topics' past beside the consumer that runs, as a group of its own: what it says of contacts,"
        " up to where the topics end now, and ends. Never lists, never subscribed, never what is older than a delete or"
        " than what was set since. What was a dead letter before lies there once more. Stopped or killed, it goes on"
        " when it is run again.",
    ),
]
_Share: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--share",
        metavar="SHARE",
        help=f"Of loops.rate_per_s, above 0 to 1, rounded down; at least 1 a second. Default: {_DEFAULT_SHARE}.",
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
_From: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TIME",
        help="Where it begins: earliest (the default), 2026-05-01, 2026-05-01T10:00 (UTC), or an age as 30d.",
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
_Group: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--group",
        metavar="NAME",
        help="Its consumer group, which holds how far it is. Default: kafka.group_id with -backfill behind it.",
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
_SendEvents: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--send-events",
        help="Events go too, those older than their rule's max_age (24h unless it says otherwise) as updates. What the"
        " consumer sent within 24 h Loops knows by its key, and does not take twice.",
        rich_help_panel=_PANEL,
    ),
]
_Rekey: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--rekey",
        help="Sends those a second time, under keys of this backfill's group: people get mails again. Asks first.",
        rich_help_panel=_PANEL,
    ),
]
_Yes: TypeAlias = Annotated[
    bool, typer.Option("--yes", help="Does not ask whether people may get mails again.", rich_help_panel=_PANEL)
]
_AdminPort: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--admin-port",
        metavar="PORT",
        min=0,
        max=65_535,
        help="In place of admin.port, which the consumer may hold. Default: any free one, which the log names.",
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]


def run(
    config: ConfigOption = None,
    *,
    dry_run: _DryRun = False,
    backfill: _Backfill = False,
    share: _Share = None,
    begin: _From = None,
    group: _Group = None,
    send_events: _SendEvents = False,
    rekey: _Rekey = False,
    yes: _Yes = False,
    admin_port: _AdminPort = None,
) -> None:
    """Reads the topics and sends to Loops, until SIGTERM or Ctrl-C.

    It does not start where the settings or the mapping have a fault, or where one of the mapping's own tests fails. A
    mapping that changes while it runs takes effect by itself, under the same conditions.

    Example: LOOPS_API_KEY=your-key loops-consumer run --config config/consumer.yaml
    """
    past = {"--send-events": send_events, "--rekey": rekey, "--yes": yes}
    past |= {name: value is not None for name, value in _named(share, begin, group, admin_port).items()}
    _check(past, share, backfill=backfill, dry_run=dry_run)
    if backfill:
        _run_backfill(config, share, begin, group, send_events=send_events, rekey=rekey, yes=yes, admin_port=admin_port)
    else:
        _run(config, dry_run=dry_run)


def _named(*values: object) -> dict[str, object]:
    return dict(zip(("--share", "--from", "--group", "--admin-port"), values, strict=True))


def _run(config: ConfigOption, *, dry_run: bool) -> None:
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


def _run_backfill(
    config: ConfigOption,
    share: float | None,
    begin: str | None,
    group: str | None,
    *,
    send_events: bool,
    rekey: bool,
    yes: bool,
    admin_port: int | None,
) -> None:
    from consumer.cli import backfilling  # noqa: PLC0415 - the consumer itself needs none of it

    wanted = backfilling.Wanted(
        _DEFAULT_SHARE if share is None else share,
        backfilling.begin_of(begin or _EARLIEST, time.time()),
        group,
        send_events=send_events,
        rekey=rekey,
        yes=yes,
        admin_port=admin_port or 0,
    )
    settings, mapping = load_all(config, os.environ)
    check_cases(mapping, settings.mapping)
    backfilling.backfill(settings, mapping, wanted)


def _check(given: dict[str, bool], share: float | None, *, backfill: bool, dry_run: bool) -> None:
    """Ends the command where the options make no sense together."""
    if backfill and dry_run:
        raise typer.BadParameter(
            "it cannot be rehearsed; see loops-consumer preview --since 30d", param_hint="--backfill"
        )
    for name, is_given in given.items():
        if is_given and not backfill:
            raise typer.BadParameter("it is about a backfill; give --backfill too", param_hint=name)
    if share is not None and not 0 < share <= 1:
        raise typer.BadParameter(f"found {share:g}; allowed: above 0, up to 1", param_hint="--share")
    if given["--rekey"] and not given["--send-events"]:
        raise typer.BadParameter("it is about events; give --send-events too", param_hint="--rekey")
