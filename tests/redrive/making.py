"""Letters as they lie on their topic, in as few words as a test needs."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import orjson

from consumer.adapters.letter_headers import letter_headers
from consumer.adapters.letter_reading import Lying, StoredLetter, read_letter
from consumer.core.effect import Letter
from consumer.core.record import Position, Record
from tests.mapping.making import MAY_FIRST_MS, TRIAL, Message

__all__ = ["LETTERS", "WALL", "Run", "at", "lying_as", "refused", "stored"]

LETTERS = "letters"
"""The dead-letter topic."""

WALL = MAY_FIRST_MS / 1000 + 60
"""A minute after the letters' records."""

Run = Callable[[Coroutine[Any, Any, None]], None]


def at(offset: int, partition: int = 0) -> Position:
    """A place on the dead-letter topic."""
    return Position(LETTERS, partition, offset)


def refused(**more: Any) -> Letter:
    """What the pipeline writes of a request of rule ``r0`` that Loops refused once."""
    value = orjson.dumps(TRIAL)
    record = Record("events", 2, 41, MAY_FIRST_MS, b"u1", value, (("trace", b"t1"), ("empty", None)))
    letter: dict[str, Any] = {
        "number": 1,
        "record": record,
        "stage": "deliver",
        "reason": "refused",
        "message": "400 Invalid plan",
        "rule": "r0",
        "idempotency_key": "k" * 64,
        "refusals": 1,
        "attempts": 1,
        "first_failed_at_ms": MAY_FIRST_MS + 30_000,
    }
    return Letter(**letter | more)


def lying_as(letter: Letter, offset: int = 7, partition: int = 0, *, value: bool = True) -> Lying:
    """What is read back of a letter that was written there; without its ``value`` where the broker refused that."""
    headers = [
        (name, found.encode() if isinstance(found, str) else found)
        for name, found in letter_headers(letter, value=value)
    ]
    content = letter.record.value if value else None
    written = (1, letter.first_failed_at_ms + 1_000)
    return read_letter(Message(content, offset, LETTERS, partition, written, headers))


def stored(offset: int = 7, partition: int = 0, *, value: bool = True, **more: Any) -> StoredLetter:
    """A letter that lies there."""
    found = lying_as(refused(**more), offset, partition, value=value)
    assert isinstance(found, StoredLetter)
    return found
