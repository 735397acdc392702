"""``loops-consumer check``: what is wrong with the user's files, or what they come to."""

from __future__ import annotations

import json as _json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from consumer.adapters.schema_registry import registry_decoder
from consumer.adapters.tracing import check_tracing
from consumer.cli.ending import FAULTY, show_faults, show_warnings
from consumer.cli.loading import ConfigOption, check_cases, config_file, load_all
from consumer.faults import Fault, Faults
from consumer.mapping.rules import CompiledMapping
from consumer.settings import Settings, variables_given
from consumer.settings.sections import LOOPS_RATE_PER_S

__all__ = ["check"]


def check(
    config: ConfigOption = None,
    live: Annotated[
        bool, typer.Option("--live", help="Also asks Loops whether the team has what the mapping writes to.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The result as JSON, for a program.")] = False,
) -> None:
    """Says what is wrong with the settings and the mapping, or what they come to.

    It reads files and environment alone, asks neither Kafka nor Loops, and needs no key. All faults of both files are
    shown at once, and the exit code is 78; so it is where one of the mapping's own tests fails.

    With --live it also asks Loops, with the key and a few requests a second: whose team it is, and whether that has
    each contact property with the type that is sent, each list and each event. What is new to Loops is a warning.
    Where Loops refuses the key or does not answer, the exit code is 1: the files may be right.

    Example: loops-consumer check --config config/consumer.yaml
    """
    try:
        settings, mapping = load_all(config, os.environ, key_required=live)
        check_cases(mapping, settings.mapping)
        key = _key(settings)
        # Its password and its certificates are read.
        registry_decoder(settings.kafka.schema_registry, patient=True)
        check_tracing(settings, os.environ)
    except Faults as wrong:
        if not json:
            raise
        _print_json({"ok": False, "faults": _plain(wrong.faults)})
        raise typer.Exit(FAULTY) from None
    found = _found(settings, mapping, key, config_file(config), os.environ)
    if live:
        _check_live(settings, mapping, found, json=json)
    elif json:
        _print_json({"ok": True, "found": found})
    else:
        _show(found)
        _show_sound()


def _check_live(settings: Settings, mapping: CompiledMapping, found: Mapping[str, Any], *, json: bool) -> None:
    from consumer.adapters.loops_calls import CallFailed  # noqa: PLC0415 - files need no client
    from consumer.cli.check_live import plain_live, told_live, with_team  # noqa: PLC0415 - as above
    from consumer.cli.letter_options import fail  # noqa: PLC0415 - as above

    try:
        live = with_team(settings, mapping)
    except CallFailed as failed:
        if not json:
            _show(found)
        fail(str(failed))
    faults, warnings = live.found.faults, live.found.warnings
    if json:
        findings = {"faults": _plain(faults), "warnings": _plain(warnings)}
        _print_json({"ok": not faults, "found": {**found, **plain_live(live)}, **findings})
    else:
        _show(found, {"team": live.team, "known there": told_live(live)})
        if warnings:
            show_warnings(warnings)
        if faults:
            show_faults(faults)
        else:
            _show_sound()
    if faults:
        raise typer.Exit(FAULTY)


def _key(settings: Settings) -> str | None:
    """Where the key comes from, after a look whether it is one. Raises :class:`Faults` where it is not."""
    source = settings.loops.key_source
    if source.place is not None:
        source.read()
    return source.place


def _plain(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    names = ("file", "line", "column", "path", "message", "hint")
    return [{name: getattr(fault, name) for name in names} for fault in faults]


def _found(
    settings: Settings, mapping: CompiledMapping, key: str | None, file: Path | None, environ: Mapping[str, str]
) -> dict[str, Any]:
    """What is shown; no secret and nothing of a contact is in it."""
    kafka, loops = settings.kafka, settings.loops
    return {
        "settings": str(file) if file else None,
        "variables": sorted(variables_given(environ)),
        "brokers": kafka.bootstrap_servers,
        "topics": list(kafka.topics),
        "group": kafka.group_id,
        "dead_letters": kafka.dead_letter_topic,
        "schema_registry": kafka.schema_registry.url,
        "loops": loops.base_url,
        "key": key,
        "rate_per_s": loops.rate_per_s,
        "reserve_per_s": loops.reserve_per_s,
        "admin": f"{settings.admin.host}:{settings.admin.port}",
        "mapping": str(settings.mapping),
        "mapping_digest": mapping.digest,
        "paused": mapping.paused,
        "rules": [{"name": rule.name, "call": rule.call.value, "event": rule.event_name} for rule in mapping.rules],
    }


def _act(rule: Mapping[str, str]) -> str:
    return f"{rule['call'].replace('_', '/')} {rule['event']}".strip()


def _show(found: Mapping[str, Any], more: Mapping[str, str] | None = None) -> None:
    from rich.console import Console  # noqa: PLC0415 - only people need it
    from rich.table import Table  # noqa: PLC0415 - as above

    rate = (
        f"auto ({LOOPS_RATE_PER_S} until Loops says otherwise)"
        if found["rate_per_s"] == "auto"
        else found["rate_per_s"]
    )
    left = f", {found['reserve_per_s']} of them left to other programs" if found["reserve_per_s"] else ""
    rows = {
        "settings": found["settings"] or "defaults: there is no config/consumer.yaml here",
        "variables": ", ".join(found["variables"]) or "none",
        "brokers": found["brokers"],
        "topics": ", ".join(found["topics"]),
        "group": found["group"],
        "dead letters": found["dead_letters"],
        **({"schema registry": found["schema_registry"]} if found["schema_registry"] else {}),
        "Loops": found["loops"],
        "key": f"from {found['key']}" if found["key"] else "none: run wants LOOPS_API_KEY or loops.api_key_file",
        "rate": f"{rate} requests a second over all replicas{left}",
        "admin": found["admin"],
        "mapping": f"{found['mapping']} ({found['mapping_digest']})",
        "rules": "\n".join(f"{rule['name']}: {_act(rule)}" for rule in found["rules"]) or "none: all is passed over",
        **({"paused": "yes: nothing is read, nothing leaves"} if found["paused"] else {}),
    }
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in {**rows, **(more or {})}.items():
        table.add_row(name, value)
    Console(highlight=False, markup=False).print(table)


def _show_sound() -> None:
    from rich.console import Console  # noqa: PLC0415 - only people need it

    Console(highlight=False).print("no faults", style="green")


def _print_json(document: Any) -> None:
    typer.echo(_json.dumps(document, indent=2))
