"""What lies on the dead-letter topic, read back: a letter, the mark of one that is done, or neither.

A letter's block of headers begins at the last ``__connect.errors.topic``; what stands before it is the record's own.
Tools that write dead letters of their own use the same names, so ours are known by ``loops-consumer-attempts``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from consumer.adapters.letter_headers import CONNECT, OURS
from consumer.core.record import Headers, Position, Record
from consumer.mapping.event_time import EARLIEST_MS, LATEST_MS, milliseconds
from consumer.mapping.message import Message, record_of

__all__ = ["FATE", "MARKED_AT", "REDRIVEN", "REDRIVE_OF", "Lying", "Mark", "NoLetter", "StoredLetter", "read_letter"]

REDRIVEN: Final = OURS + "redriven"
"""Only a mark has it: ``PARTITION/OFFSET`` of the letter that is done."""
FATE: Final = OURS + "fate"
"""What became of that letter."""
MARKED_AT: Final = OURS + "redriven-at"
REDRIVE_OF: Final = OURS + "redrive-of"
"""Stands before the block of a letter that failed again: ``PARTITION/OFFSET`` of the one whose place it takes."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,19}")
_PLACE: Final = re.compile(r"([0-9]{1,9})/([0-9]{1,18})")
_KEY: Final = re.compile(r"[A-Za-z0-9._:-]{1,80}")
"""What may go into a request's header, with room for the number of refusals below the 100 characters of a key."""
_REFUSALS_MAX: Final = 10**9
_INT64: Final = 2**63
"""Kafka's offsets and times are 64 bits wide."""


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """One dead letter as it lies there."""

    at: Position
    """Where it lies, not where its record came from."""
    written_ms: int
    """Milliseconds since 1970, UTC; 0 where the broker has no time of it."""
    record: Record
    """The record as it was, where it was. Its time is that of the letter where the letter does not say it."""
    stage: str
    """``decode``, ``map`` or ``deliver``."""
    reason: str
    message: str
    rule: str | None
    mapping: str
    """The digest of the mapping that was in use."""
    idempotency_key: str | None
    refusals: int
    attempts: int
    first_failed_ms: int
    """Milliseconds since 1970, UTC; the letter's own time where it does not say."""
    value_omitted_bytes: int | None
    """So large was the value that the broker refused; None where the value is there."""
    redrive_of: Position | None
    """The letter whose place this one takes: that one is done."""

    def without_value(self) -> StoredLetter:
        """The same with neither key, value nor headers: what is held of a letter that is only looked at."""
        return replace(self, record=replace(self.record, key=None, value=None, headers=()))


@dataclass(frozen=True, slots=True)
class Mark:
    """Says of one letter that it is done."""

    of: Position
    fate: str
    marked_ms: int
    """Milliseconds since 1970, UTC; 0 where it is not known."""


@dataclass(frozen=True, slots=True)
class NoLetter:
    """Something else, of another program or damaged; ``reason`` is for people and quotes nothing of it."""

    at: Position
    reason: str


Lying: TypeAlias = StoredLetter | Mark | NoLetter


def read_letter(message: Message) -> Lying:
    """What this message of the dead-letter topic is. Raises nothing."""
    found = record_of(message)
    try:
        own, block = _divided(found.headers)
        if not block:
            return _mark(found)
        if OURS + "attempts" not in block:
            return NoLetter(found.position, "a dead letter of another program")
        return _letter(found, own, _Block(block))
    except _DamagedError as damaged:
        return NoLetter(found.position, f"damaged: {damaged}")


def _written_ms(found: Record) -> int:
    """A broker keeps whatever time a producer claims."""
    return min(max(found.timestamp_ms, EARLIEST_MS), LATEST_MS)


def _divided(headers: Headers) -> tuple[Headers, Mapping[str, bytes | None]]:
    """The record's own headers, and the letter's, which are none where this is no letter."""
    starts = [index for index, (name, _) in enumerate(headers) if name == CONNECT + "topic"]
    if not starts:
        return headers, {}
    return headers[: starts[-1]], dict(headers[starts[-1] :])


def _mark(found: Record) -> Mark | NoLetter:
    headers = dict(found.headers)
    if REDRIVEN not in headers:
        return NoLetter(found.position, "no dead letter")
    block = _Block(headers)
    of = block.place(REDRIVEN, found.topic)
    if of is None:
        raise _DamagedError(f"{REDRIVEN} is empty")
    return Mark(of, block.text(FATE), block.moment_ms(MARKED_AT) or _written_ms(found))


def _letter(found: Record, own: Headers, block: _Block) -> StoredLetter:
    redrive_of = None
    if own and own[-1][0] == REDRIVE_OF:
        redrive_of = _Block(dict(own[-1:])).place(REDRIVE_OF, found.topic)
        own = own[:-1]
    record = Record(
        topic=block.text(CONNECT + "topic"),
        partition=block.number(CONNECT + "partition"),
        offset=block.number(CONNECT + "offset"),
        timestamp_ms=block.number(OURS + "timestamp", found.timestamp_ms, least=-_INT64),
        key=found.key,
        value=found.value,
        headers=own,
    )
    omitted = block.number(OURS + "value-omitted", -1)
    return StoredLetter(
        at=found.position,
        written_ms=_written_ms(found),
        record=record,
        stage=block.text(CONNECT + "stage"),
        reason=block.text(CONNECT + "exception.class.name"),
        message=block.text(CONNECT + "exception.message"),
        rule=block.text(OURS + "rule") or None,
        mapping=block.text(OURS + "mapping"),
        idempotency_key=block.key(OURS + "idempotency-key"),
        refusals=block.number(OURS + "refusals", 0, most=_REFUSALS_MAX),
        attempts=block.number(OURS + "attempts", 0),
        first_failed_ms=block.moment_ms(OURS + "first-failed-at") or _written_ms(found),
        value_omitted_bytes=None if omitted < 0 else omitted,
        redrive_of=redrive_of,
    )


class _DamagedError(Exception):
    """A header that cannot be what it says; the text names it and does not quote it."""


class _Block:
    """A letter's headers by name. What is absent has a default; what is there and wrong raises."""

    def __init__(self, headers: Mapping[str, bytes | None]) -> None:
        self._headers = headers

    def text(self, name: str) -> str:
        found = self._headers.get(name)
        try:
            return "" if found is None else found.decode()
        except (UnicodeDecodeError, AttributeError):
            raise _DamagedError(f"{name} is no text") from None

    def number(self, name: str, default: int | None = None, *, least: int = 0, most: int = _INT64) -> int:
        text = self.text(name)
        if not text and default is not None:
            return default
        if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
            raise _DamagedError(f"{name} is no such number")
        return int(text)

    def moment_ms(self, name: str) -> int:
        text = self.text(name)
        found = milliseconds(text) if text else 0
        if found is None:
            raise _DamagedError(f"{name} is no time")
        return found

    def place(self, name: str, topic: str) -> Position | None:
        text = self.text(name)
        if not text:
            return None
        found = _PLACE.fullmatch(text)
        if found is None:
            raise _DamagedError(f"{name} is no place")
        return Position(topic, int(found[1]), int(found[2]))

    def key(self, name: str) -> str | None:
        text = self.text(name)
        if text and not _KEY.fullmatch(text):
            raise _DamagedError(f"{name} is no key")
        return text or None
