"""The user's two files, settings and mapping, for the commands: with all that is wrong in both at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from consumer.adapters.mapping_folder import read_mapping
from consumer.adapters.schema_registry import lacks_of
from consumer.faults import Fault, Faults
from consumer.mapping.cases import failing
from consumer.mapping.format_choice import Lacks, lacks_nothing
from consumer.mapping.rules import CompiledMapping
from consumer.settings import Complaint, Reading, Settings, read_settings, variables_given
from consumer.settings.client_files import wrong_files

__all__ = ["DEFAULT_CONFIG", "ConfigOption", "check_cases", "config_file", "load_all"]

DEFAULT_CONFIG = Path("config/consumer.yaml")
_REGISTRY = ("kafka", "schema_registry")
_FAILED_NAMED = 3
"""Tests that a fault names; loops-consumer test shows all."""
_MAPPING_VARIABLE = "LOOPS_CONSUMER__MAPPING"

ConfigOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The settings. Default: config/consumer.yaml where there is one, else environment and defaults.",
        show_default=False,
    ),
]
"""What every command that reads the settings takes; ``None`` where it is not given."""


def config_file(given: Path | None) -> Path | None:
    """The settings' file to read, or ``None`` where there is none."""
    if given is not None:
        return given
    return DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None


def load_all(
    config: Path | None, environ: Mapping[str, str], *, key_required: bool = True, client_checked: bool = True
) -> tuple[Settings, CompiledMapping]:
    """Settings and mapping. ``config`` is what the user gave; ``key_required`` as in ``load_settings``.

    With ``client_checked`` librdkafka is asked about ``kafka.client``, which reads the files that are named there.
    Raises :class:`Faults` with what is wrong in either; the mapping is read even where the settings are wrong.
    """
    file = config_file(config)
    further = _client_complaints if client_checked else None
    reading = read_settings(file, environ, key_required=key_required, further=further)
    faults = list(reading.faults)
    mapping = None
    try:
        mapping = _mapping(reading, file, environ)
    except Faults as wrong:
        faults += wrong.faults
    if faults or reading.settings is None or mapping is None:
        raise Faults(faults)
    return reading.settings, mapping


def check_cases(mapping: CompiledMapping, file: Path) -> None:
    """Runs the mapping's own tests. Raises :class:`Faults` where one fails: it would send what was not meant."""
    if failed := [f'"{name}"' for name in failing(mapping)]:
        more = f" and {len(failed) - _FAILED_NAMED} more" if len(failed) > _FAILED_NAMED else ""
        message = f"{len(failed)} of its {len(mapping.cases)} tests fail: {', '.join(failed[:_FAILED_NAMED])}{more}"
        raise Faults([Fault(message, str(file), hint="loops-consumer test shows why")])


def _client_complaints(settings: Settings) -> Iterator[Complaint]:
    kafka = settings.kafka
    unreadable = list(wrong_files(kafka.client_files))
    for name, message, hint in unreadable:
        yield Complaint((("kafka", "client_files", name),), message, hint, of_key=True)
    if not (kafka.client or kafka.client_files):
        return
    from consumer.adapters.kafka_properties import wrong_properties  # noqa: PLC0415 - most have no such property

    for wrong in wrong_properties(kafka, unread=[name for name, _, _ in unreadable]):
        above = ("kafka", "client_files" if wrong.name in kafka.client_files else "client")
        keys = above if wrong.name is None else (*above, wrong.name)
        yield Complaint((keys,), wrong.message, wrong.hint, of_key=True)


def _mapping(reading: Reading, config: Path | None, environ: Mapping[str, str]) -> CompiledMapping | None:
    settings = reading.settings
    if settings is None or ("mapping",) in reading.faulty:
        return None
    file = settings.mapping
    variable = next((name for name in variables_given(environ) if name.upper() == _MAPPING_VARIABLE), None)
    if config is None and variable is None and not file.exists():
        hint = "run it in the project's directory or give --config FILE"
        raise Faults([Fault(f"there is no {DEFAULT_CONFIG} here", hint=hint)])
    topics = () if ("kafka", "topics") in reading.faulty else settings.kafka.topics
    hint = f"{variable} names it" if variable else f"the key mapping of {config} names it"
    return read_mapping(file, topics, environ, hint=hint, lacks=_lacks(reading, settings))


def _lacks(reading: Reading, settings: Settings) -> Lacks:
    """What the mapping's encodings lack; nothing where the settings of the registry are wrong themselves."""
    if any(keys[:2] == _REGISTRY for keys in reading.faulty):
        return lacks_nothing
    return lacks_of(settings.kafka.schema_registry)
