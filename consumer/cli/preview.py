"""``loops-consumer preview``: what the mapping would come to on the live topic, before anything is sent."""

from __future__ import annotations

import json as _json
import os
import time
from pathlib import Path
from typing import Annotated

import typer

from consumer.adapters.mapping_folder import read_mapping
from consumer.adapters.schema_registry import lacks_of
from consumer.cli.letter_options import JsonOption
from consumer.cli.loading import ConfigOption, load_all
from consumer.cli.reading import ForOption, LimitOption, Reading, SinceOption, Span

__all__ = ["preview"]

_EXAMPLES_MAX = 100


def preview(
    config: ConfigOption = None,
    *,
    since: SinceOption = "1h",
    within: ForOption = None,
    limit: LimitOption = None,
    diff: Annotated[
        Path | None,
        typer.Option(
            "--diff", metavar="MAPPING", help="Shows what this mapping would do otherwise.", show_default=False
        ),
    ] = None,
    examples: Annotated[
        int, typer.Option("--examples", metavar="N", min=0, max=_EXAMPLES_MAX, help="Records shown of each change.")
    ] = 3,
    json: JsonOption = False,
) -> None:
    """Shows what the mapping would come to on the live topic, before anything is sent.

    Events by name, what each rule would make of them, dead letters with the reason, and the requests a second that it
    takes against the limit. It joins no group, sends and commits nothing, and needs no key. Ctrl-C ends the reading,
    and what was read by then is shown. No contact is shown; records are named by their place, TOPIC:PARTITION:OFFSET.

    Example: loops-consumer preview --since 24h --diff config/mapping.new.yaml
    """
    settings, mapping = load_all(config, os.environ, key_required=False)
    lacks = lacks_of(settings.kafka.schema_registry)
    compared = None if diff is None else (diff.name, read_mapping(diff, settings.kafka.topics, os.environ, lacks=lacks))
    from consumer.cli.previewing import look, print_pages  # noqa: PLC0415 - help and faults need none of it

    reading = Reading(Span.of(since, within, limit), time.time())
    found = look(settings, mapping, reading, compared=compared, examples_max=examples, shown=not json)
    if json:
        typer.echo(_json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print_pages(found)
