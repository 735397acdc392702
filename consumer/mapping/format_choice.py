"""``format``: which format each topic has, with its options, or what is wrong with the choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from consumer.faults import nearest
from consumer.mapping.envelope import Encoding, Envelope
from consumer.mapping.findings import Findings
from consumer.mapping.formats.format import FieldPath, Format
from consumer.mapping.formats.json import Json
from consumer.mapping.formats.known import FORMATS
from consumer.mapping.grammar import FormatOptionsText, FormatText

__all__ = ["Lack", "Lacks", "formats_of", "lacks_nothing"]

_PATHS = ("event", "id", "time")


class Lack(NamedTuple):
    """Why an encoding cannot be decoded here, and what to do about it."""

    message: str
    hint: str


Lacks: TypeAlias = Callable[[Encoding], Lack | None]
"""What stands in the way of decoding an encoding; it is asked only for those that the mapping has."""


def lacks_nothing(_: Encoding) -> Lack | None:
    """Whatever decodes is there, or is not looked at."""
    return None


def formats_of(
    given: FormatText, topics: Sequence[str], findings: Findings, *, sound: bool, lacks: Lacks = lacks_nothing
) -> Format | Mapping[str, Format]:
    """One format for every topic, or one for each.

    ``topics`` are the names that are read, or one regular expression beginning with ``^``; where they are given, a map
    must have them all and no other. Without ``sound`` the map has lost entries that were wrong.
    """
    if not isinstance(given, dict):
        return _format(given, ("format",), findings, lacks)
    names = [topic for topic in topics if not topic.startswith("^")]
    if names and sound:
        _check_topics(given, names, findings)
    return {topic: _format(one, ("format", topic), findings, lacks) for topic, one in given.items()}


def _check_topics(given: Mapping[str, object], names: Sequence[str], findings: Findings) -> None:
    for topic in given:
        if topic not in names:
            meant = nearest(topic, names)
            hint = f"did you mean {meant}?" if meant else f"kafka.topics has: {', '.join(names)}"
            findings.add(("format", topic), "this topic is not read", hint, of_key=True)
    for topic in names:
        if topic not in given:
            findings.add(("format",), f"the topic {topic} is read and has no format", of_key=True)


def _format(given: str | FormatOptionsText, path: tuple[str, ...], findings: Findings, lacks: Lacks) -> Format:
    name = given if isinstance(given, str) else given.name
    form = FORMATS[name]
    if isinstance(given, str):
        return form
    if isinstance(form, Json):
        form = Json(
            name_paths=(_path(given.event),),
            id_path=None if given.id is None else _path(given.id),
            time_paths=(_path(given.time),),
        )
    else:
        for key in _PATHS:
            if key in given.model_fields_set:
                message = f"{key} goes with json alone: {name} says itself where it stands"
                findings.add((*path, key), message, of_key=True)
    if given.encoding is not None and (lack := lacks(given.encoding)) is not None:
        findings.add((*path, "encoding"), lack.message, lack.hint)
    envelope = Envelope(given.compression, given.encoding, given.wrapped)
    return form if envelope == Envelope() else replace(form, envelope=envelope)


def _path(dotted: str) -> FieldPath:
    return tuple(dotted.split("."))
