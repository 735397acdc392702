"""``loops-consumer infer``: a commented first mapping out of what lies on the topics."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from consumer.cli.letter_options import fail
from consumer.cli.loading import ConfigOption, config_file
from consumer.cli.reading import ForOption, SinceOption, Span
from consumer.settings import load_settings

__all__ = ["infer"]

_RECORDS_MAX = 1_000_000
_RULES_MAX = 100

_Topics = Annotated[
    list[str] | None,
    typer.Option(
        "--topic",
        metavar="NAME",
        help="A topic; may be given several times. Default: those of the settings.",
        show_default=False,
    ),
]
_Output = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Where to write it; otherwise it is printed.", show_default=False),
]
_Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Reads no more than so many records.")]
_Rules = Annotated[int, typer.Option("--rules", metavar="N", min=1, max=_RULES_MAX, help="Proposes so many rules.")]


def infer(
    config: ConfigOption = None,
    *,
    topic: _Topics = None,
    output: _Output = None,
    force: Annotated[bool, typer.Option("--force", help="Writes over a file that is there.")] = False,
    since: SinceOption = "24h",
    within: ForOption = None,
    limit: _Limit = _RECORDS_MAX,
    rules: _Rules = 15,
) -> None:
    """Writes a commented first mapping out of what lies on the topics.

    The format is recognized, and so are places of addresses and userIds; the most frequent events are proposed as
    rules, with what could become properties. The mapping loads as it stands and sends nothing: it is paused, so that
    nothing is read before its rules are yours. It joins no group, sends and commits nothing, needs neither a key nor a
    mapping. Names of events and keys are shown, and values only where they are few words that nobody owns.

    Example: loops-consumer infer --topic product-events --output config/mapping.yaml
    """
    if output is not None and output.exists() and not force:
        fail(f"{output} is there already; --force writes over it")
    settings = load_settings(config_file(config), os.environ, key_required=False)
    kafka = settings.kafka.model_copy(update={"topics": tuple(topic)}) if topic else settings.kafka
    from consumer.cli.inferring import inferred  # noqa: PLC0415 - help and faults need none of it

    text, summary = inferred(kafka, Span.of(since, within, limit), rules_max=rules)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    typer.echo(summary if output is None else f"{summary}; written to {output}", err=True)
