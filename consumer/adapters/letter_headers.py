"""The headers of a dead letter: the record's own first and untouched, then Kafka Connect's, then ours.

Kafka Connect's names are those of its ``DeadLetterQueueReporter``, so that tools made for it can read these too.
Every value is UTF-8 text, numbers in decimal; a header that would be empty is left out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeAlias

from consumer.core.effect import Letter

__all__ = ["CONNECT", "OURS", "LetterHeaders", "iso", "letter_headers"]

LetterHeaders: TypeAlias = list[tuple[str, str | bytes | None]]

CONNECT = "__connect.errors."
"""How Kafka Connect's names begin; the first of a letter's is ``topic``, and no other of ours stands before it."""

OURS = "loops-consumer-"
"""How our own names begin."""


def letter_headers(letter: Letter, *, value: bool = True, own: bool = True) -> LetterHeaders:
    """All headers. ``value``: whether the record's value goes with it; ``own``: whether the record's headers do.

    ``loops-consumer-value-omitted`` holds the number of bytes that are missing.
    """
    record = letter.record
    connect = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "stage": letter.stage,
        "exception.class.name": letter.reason,
        "exception.message": letter.message,
    }
    ours = {
        "rule": letter.rule,
        "mapping": letter.mapping,
        "idempotency-key": letter.idempotency_key,
        "refusals": letter.refusals,
        "attempts": letter.attempts,
        "first-failed-at": iso(letter.first_failed_at_ms),
        # As a number: a producer may have written any, and not each is a date.
        "timestamp": record.timestamp_ms or None,
        "value-omitted": None if value else len(record.value or b""),
    }
    named = {CONNECT + name: found for name, found in connect.items()}
    named |= {OURS + name: found for name, found in ours.items()}
    headers: LetterHeaders = list(record.headers) if own else []
    return headers + [(name, str(found).encode()) for name, found in named.items() if found not in {None, ""}]


def iso(at_ms: int) -> str | None:
    """``2026-05-01T10:00:00.000Z``; nothing for 0, and the digits of what is past the year 9999 or before the first."""
    if not at_ms:
        return None
    try:
        at = datetime.fromtimestamp(at_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return str(at_ms)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
