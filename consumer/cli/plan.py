"""``loops-consumer plan``: what a limit, so many replicas and so many arrivals come to, before it is tried."""

from __future__ import annotations

import json as _json
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from consumer.cli.letter_options import JsonOption, duration_s
from consumer.sandbox.options import LimitWay

__all__ = ["plan"]


def _checked_for(text: str | None) -> str | None:
    duration_s(text)
    return text


def _checked_starvation(text: str) -> str:
    if not _STARVATION_S[0] <= _seconds(text) <= _STARVATION_S[1]:
        raise typer.BadParameter("allowed: from 1 second to 1d")
    return text


def _seconds(text: str) -> float:
    """Seconds where it has no unit. Raises ``typer.BadParameter``."""
    return duration_s(f"{text}s" if text.isdecimal() else text) or 0.0


def _checked_plot(file: Path | None) -> Path | None:
    if file is not None and file.suffix.lower() != ".png":
        raise typer.BadParameter(f"found {file}; allowed: a name that ends with .png")
    return file


_STARVATION_S: Final = (1.0, 86_400.0)
"""The bounds of delivery.starvation_s."""
_Arrivals: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--arrivals", metavar="WHAT", help="What arrives: FILE, poisson:8 or backlog:5000; may be given several times."
    ),
]
_Rate: TypeAlias = Annotated[int, typer.Option(min=1, max=10_000, help="The team's limit, requests a second.")]
_Replicas: TypeAlias = Annotated[int, typer.Option(min=1, max=100, help="Processes of the group.")]
_Partitions: TypeAlias = Annotated[int, typer.Option(min=1, max=1_000, help="Of the topic.")]
_Window: TypeAlias = Annotated[LimitWay, typer.Option(help="How Loops counts the limit.")]
_Jitter: TypeAlias = Annotated[
    float, typer.Option(min=0, max=10_000, help="So much longer a request is on its way than the quickest.")
]
_Reserve: TypeAlias = Annotated[int, typer.Option(min=0, help="Left to other programs of the team, requests a second.")]
_For: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="TIME",
        callback=_checked_for,
        help="How long it is looked at. Default: 10m, or as long as a file's arrivals take.",
        show_default=False,
    ),
]
_Seed: TypeAlias = Annotated[int, typer.Option(help="Arrivals, clocks and the network are drawn from it.")]
_Merge: TypeAlias = Annotated[
    bool, typer.Option("--merge/--no-merge", help="What waits for the same contact becomes one request.")
]
_Starvation: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="TIME",
        callback=_checked_starvation,
        help="So long waits what then counts as high: seconds or 5m, as delivery.starvation_s.",
    ),
]
_Plot: TypeAlias = Annotated[
    Path | None,
    typer.Option("--plot", metavar="FILE.png", callback=_checked_plot, help="Draws it as well.", show_default=False),
]


def plan(
    *,
    arrivals: _Arrivals,
    rate: _Rate = 10,
    replicas: _Replicas = 1,
    partitions: _Partitions = 12,
    window: _Window = LimitWay.SLIDING,
    jitter_ms: _Jitter = 20,
    reserve: _Reserve = 0,
    within: _For = None,
    seed: _Seed = 0,
    merge: _Merge = True,
    starvation: _Starvation = "300",
    plot: _Plot = None,
    json: JsonOption = False,
) -> None:
    """Says what a limit comes to: how much of it is used, who waits how long, when it drains.

    It runs the real pipelines, with their pacer, lanes and shares of the limit, against a stand-in for Loops, on
    virtual time. It needs no settings, no Kafka and no key, and sends nothing.

    What arrives is one or several of these. `poisson:8` is 8 records a second on the mean, each by itself.
    `backlog:5000` is so many that lie there at the beginning. Behind the number may stand a priority (high, normal,
    low) and a kind (event, update), as `poisson:2:high` or `backlog:5000:low:update`; otherwise they are normal events.
    A file is CSV whose first line names its columns, or has one JSON object a line. `time` is needed: seconds, or a
    date as 2026-05-01T10:00:00Z; the earliest is the beginning. `contact`, `priority` and `kind` may be there. In all
    there may be 2,000,000 records, and 30 days of one replica, or as much less of several.

    Example: loops-consumer plan --rate 10 --replicas 3 --arrivals backlog:5000:low --arrivals poisson:8 --plot plan.png
    """
    if reserve >= rate:
        raise typer.BadParameter(f"found {reserve}; it has to leave something of --rate {rate}", param_hint="--reserve")
    from consumer.cli.planned import Asked, arrivals_of, look  # noqa: PLC0415 - help and faults need none of it

    asked = Asked(rate, replicas, partitions, window, jitter_ms / 1000, reserve, seed, merge, _seconds(starvation))
    found = arrivals_of(arrivals, duration_s(within), seed)
    page = look(asked, found, plot, shown=not json)
    if json:
        typer.echo(_json.dumps(page, indent=2))
