"""``loops-consumer explain``: what one record comes to, and why."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import orjson
import typer

from consumer.adapters.mapping_folder import read_mapping
from consumer.adapters.schema_registry import registry_decoder
from consumer.cli.explain_plain import plain
from consumer.cli.explain_view import show
from consumer.cli.given_records import About, Given, of_file, on_topic, place_of
from consumer.cli.letter_options import JsonOption, fail
from consumer.cli.loading import ConfigOption, config_file, load_all
from consumer.cli.terminal import console
from consumer.core.record import Headers, Position
from consumer.mapping.envelope import NotYet
from consumer.mapping.event_time import milliseconds
from consumer.mapping.explaining import Explainer
from consumer.mapping.formats.format import Format
from consumer.mapping.rules import CompiledMapping
from consumer.settings import Settings, load_settings

__all__ = ["explain"]

_UNREADABLE_SHOWN = 3
"""Records that cannot be read, before the first that can; it is probably another file where there are more."""

_Record = Annotated[
    str,
    typer.Argument(
        metavar="RECORD",
        help="A file (one JSON document, or one a line, as Kafka's console consumer writes them), - for standard"
        " input, or TOPIC:PARTITION:OFFSET, which is read without a group.",
    ),
]
_Mapping = Annotated[
    Path | None,
    typer.Option("--mapping", metavar="FILE", help="Default: the mapping that the settings name.", show_default=False),
]
_Topic = Annotated[
    str | None,
    typer.Option("--topic", metavar="NAME", help="The topic of a file's records, where format is a map from topic."),
]
_Key = Annotated[str | None, typer.Option("--key", metavar="TEXT", help="The key of a file's records.")]
_Header = Annotated[
    list[str] | None,
    typer.Option("--header", metavar="NAME=VALUE", help="A header of a file's records; may be given again."),
]
_At = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="The clock, as 2026-05-01T10:00:00Z. Default: now.")
]


def explain(
    record: _Record,
    *,
    mapping: _Mapping = None,
    topic: _Topic = None,
    key: _Key = None,
    header: _Header = None,
    at: _At = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Says what each rule makes of a record, and why: requests with path, body and key, or what said no.

    Nothing is sent and nothing committed, and it needs no key of Loops; for a file no Kafka either. What it prints
    quotes the record: personal data, as in what you give it. With --json it is one JSON object a record, a line each.

    Example: loops-consumer explain product-events:0:1742 --at 2026-05-01T10:00:00Z
    """
    place = None if record == "-" or Path(record).exists() else place_of(record)
    if place is None and record != "-" and not Path(record).is_file():
        fail(f"{record} is neither a file nor TOPIC:PARTITION:OFFSET, as product-events:0:1742")
    if place is not None and (topic, key, header) != (None, None, None):
        raise typer.BadParameter("--topic, --key and --header are for the records of a file")
    clock_ms = _clock_ms(at)
    settings, compiled = _read(mapping, config, place)
    if place is not None and settings is not None:
        found: Iterable[Given] = [on_topic(settings.kafka, place)]
    else:
        about = About(_topic(topic, compiled), clock_ms, None if key is None else key.encode(), _headers(header or []))
        found = of_file(record, about)
    decoder = None if settings is None else registry_decoder(settings.kafka.schema_registry, patient=True)
    rate_per_s = (settings or Settings()).loops.expected_rate_per_s
    _print(found, Explainer(compiled, decoder), clock_ms, paused=compiled.paused, rate_per_s=rate_per_s, json=json)


def _print(
    found: Iterable[Given], explainer: Explainer, clock_ms: int, *, paused: bool, rate_per_s: int, json: bool
) -> None:
    screen, number, begun = console(), 0, json
    for number, given in enumerate(found, 1):
        try:
            told = explainer.explain(given.record, clock_ms=clock_ms)
        except NotYet as reason:
            fail(f"{given.name} cannot be decoded for now: {reason}")
        if json:
            typer.echo(orjson.dumps(plain(given.name, told)))
            continue
        begun = begun or told.unreadable is None
        if not begun and number > _UNREADABLE_SHOWN:
            continue
        if number > 1:
            screen.print()
        show(screen, given, told, paused=paused, rate_per_s=rate_per_s)
    if not begun and number > _UNREADABLE_SHOWN:
        fail(f"none of the {number:,} lines can be read; is this a file of records, in the mapping's format?")


def _read(mapping: Path | None, config: Path | None, place: Position | None) -> tuple[Settings | None, CompiledMapping]:
    """The settings where they are needed: for Kafka, or because they name the mapping."""
    if mapping is None:
        return load_all(config, os.environ, key_required=False, client_checked=place is not None)
    compiled = read_mapping(mapping, (), os.environ)
    return (None if place is None else load_settings(config_file(config), os.environ, key_required=False)), compiled


def _clock_ms(at: str | None) -> int:
    if at is None:
        return int(time.time() * 1000)
    found = milliseconds(at)
    if found is None:
        raise typer.BadParameter("--at is no time; give one as 2026-05-01T10:00:00Z")
    return found


def _topic(given: str | None, mapping: CompiledMapping) -> str:
    """The one that is given, else the only one that the mapping names; where it names none it may be any."""
    if isinstance(mapping.formats, Format):
        return given or ""
    names = sorted(mapping.formats)
    if given in names:
        return str(given)
    if given is None and len(names) == 1:
        return names[0]
    return fail(f"give the topic of these records: --topic {' or '.join(names)}")


def _headers(given: list[str]) -> Headers:
    found = [each.partition("=") for each in given]
    if any(not name or not equals for name, equals, _ in found):
        raise typer.BadParameter("give a header as NAME=VALUE")
    return tuple((name, value.encode()) for name, _, value in found)
