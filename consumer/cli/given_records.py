"""The records that a person gives to a command: lines of a file or of standard input, or one place on a topic."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import orjson

from consumer.cli.letter_options import fail
from consumer.core.record import Headers, Position, Record, TopicPartition
from consumer.logs import configure
from consumer.mapping.message import record_of
from consumer.settings import KafkaSettings

__all__ = ["RECORD_BYTES_MAX", "About", "Given", "of_file", "on_topic", "place_of"]

RECORD_BYTES_MAX = 16 * 1024 * 1024
"""Of one record; a broker takes 1 MB unless it is told otherwise."""

_PLACE = re.compile(r"([\w.-]{1,249}):(\d{1,9}):(\d{1,18})", re.ASCII)
"""Kafka's names of topics, and numbers that fit its own."""

_NULL = b"null"
"""How Kafka's console consumer writes a record without a value."""


class Given(NamedTuple):
    """A record, and what a person calls it."""

    name: str
    record: Record


@dataclass(frozen=True, slots=True)
class About:
    """What a value alone does not say of its record."""

    topic: str
    time_ms: int
    """The record's own time, milliseconds since 1970."""
    key: bytes | None = None
    headers: Headers = ()


def place_of(text: str) -> Position | None:
    """``TOPIC:PARTITION:OFFSET``; ``None`` for anything else."""
    found = _PLACE.fullmatch(text)
    return None if found is None else Position(found[1], int(found[2]), int(found[3]))


def of_file(file: str, about: About) -> Iterator[Given]:
    """One record a line, as each is read; the whole is one where it is one JSON document, or binary.

    ``-`` stands for standard input. Ends the command where there is none, or one is past :data:`RECORD_BYTES_MAX`.
    """
    if file == "-":
        yield from _of_stream(sys.stdin.buffer, "standard input", about)
        return
    with Path(file).open("rb") as stream:
        yield from _of_stream(stream, file, about)


def on_topic(kafka: KafkaSettings, at: Position) -> Given:
    """The one at this place, read without a group. Ends the command with a sentence where there is none."""
    from consumer.adapters.kafka_peek import Peek, PeekFailed  # noqa: PLC0415 - a file needs no Kafka

    undo = configure(sys.stderr, terminal=sys.stderr.isatty(), level="critical")
    tp = TopicPartition(at.topic, at.partition)
    try:
        with Peek(kafka, topics=[at.topic], begin={tp: at.offset}) as peek:
            if tp not in peek.partitions:
                fail(f"{at.topic} has {len(peek.partitions)} partitions, and none of the number {at.partition}")
            records = (record_of(message) for messages in peek for message in messages)
            record = next(records, None)
    except PeekFailed as failed:
        fail(str(failed))
    finally:
        undo()
    place = f"{at.topic}:{at.partition}:{at.offset}"
    if record is None:
        fail(f"no record lies at {place} or behind it")
    if record.offset != at.offset:
        fail(f"no record lies at {place}; the next one is at offset {record.offset}")
    return Given(place, record)


def _of_stream(stream: BinaryIO, name: str, about: About) -> Iterator[Given]:
    first = stream.readline(RECORD_BYTES_MAX + 1)
    lines = _rest(stream, first)
    if b"\0" in first or (first.lstrip()[:1] in {b"{", b"["} and not _is_json(first)):
        whole = first + stream.read(RECORD_BYTES_MAX)
        if b"\0" in first or _is_json(whole):
            yield Given(name, _record(whole, about, 0, name))
            return
        lines = iter(whole.splitlines())
    given = False
    for number, line in enumerate(lines):
        if line.strip():
            given = True
            yield Given(f"line {number + 1} of {name}", _record(line.rstrip(b"\r\n"), about, number, name))
    if not given:
        fail(f"{name} holds no record")


def _rest(stream: BinaryIO, line: bytes) -> Iterator[bytes]:
    while line:
        yield line
        line = stream.readline(RECORD_BYTES_MAX + 1)


def _record(value: bytes, about: About, offset: int, name: str) -> Record:
    if len(value) > RECORD_BYTES_MAX:
        fail(f"{name}: a record has more than {RECORD_BYTES_MAX} bytes")
    content = None if value == _NULL else value
    return Record(about.topic, 0, offset, about.time_ms, about.key, content, about.headers)


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
