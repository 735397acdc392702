"""Dead letters in words: for people, and as JSON for programs. None of it shows a contact unless it is asked to."""

from __future__ import annotations

from typing import Any

from consumer.adapters.kafka_errors import without_addresses
from consumer.adapters.letter_headers import iso
from consumer.adapters.letter_reading import Mark, StoredLetter
from consumer.core.record import Position
from consumer.redrive.survey import age_s

__all__ = ["NO_RULE", "age", "place", "plain_letter", "safe"]

NO_RULE = "(no rule)"
_TEXT_MAX = 500


def place(at: Position) -> str:
    """Where a letter lies, as ``show`` takes it: ``PARTITION:OFFSET``."""
    return f"{at.partition}:{at.offset}"


def age(seconds: float) -> str:
    """``45 s``, ``12 min``, ``3 h``, ``2 d``: rounded down."""
    for unit, size_s in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size_s:
            return f"{int(seconds // size_s)} {unit}"
    return f"{int(seconds)} s"


def safe(text: str) -> str:
    """What a letter says, without addresses and without what could steer a terminal: anyone may have written it."""
    shown = "".join(char if char.isprintable() else " " for char in text[:_TEXT_MAX])
    return without_addresses(shown)


def plain_letter(letter: StoredLetter, done: Mark | None, wall: float) -> dict[str, Any]:
    """All that is said of a letter, but what its record holds; ``wall`` is seconds since 1970."""
    record = letter.record
    return {
        "letter": place(letter.at),
        "written_at": iso(letter.written_ms),
        "first_failed_at": iso(letter.first_failed_ms),
        "age_s": round(age_s(letter, wall)),
        "rule": None if letter.rule is None else safe(letter.rule),
        "stage": safe(letter.stage),
        "reason": safe(letter.reason),
        "message": safe(letter.message),
        "attempts": letter.attempts,
        "refusals": letter.refusals,
        "idempotency_key": letter.idempotency_key,
        "mapping": safe(letter.mapping),
        "record": {
            "topic": safe(record.topic),
            "partition": record.partition,
            "offset": record.offset,
            "timestamp_ms": record.timestamp_ms,
        },
        "value_omitted_bytes": letter.value_omitted_bytes,
        "done": None if done is None else {"fate": safe(done.fate), "at": iso(done.marked_ms)},
    }
