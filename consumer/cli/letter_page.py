"""``loops-consumer dead-letters show``: everything about one letter."""

from __future__ import annotations

from typing import Any

import orjson
from rich.table import Table
from rich.text import Text

from consumer.adapters.letter_headers import iso
from consumer.adapters.letter_reading import Mark, StoredLetter
from consumer.cli.letter_words import NO_RULE, age, place, plain_letter, safe
from consumer.cli.terminal import console, printable
from consumer.redrive.survey import age_s

__all__ = ["plain_page", "show_page"]


def plain_page(letter: StoredLetter, done: Mark | None, wall: float, *, value: bool) -> dict[str, Any]:
    """What a program reads; key, headers and value only with ``value``, as text with what is not UTF-8 escaped."""
    page = plain_letter(letter, done, wall)
    record = letter.record
    page["value_bytes"] = None if record.value is None else len(record.value)
    page["header_names"] = [safe(name) for name, _ in record.headers]
    if value:
        page["key"] = _text(record.key)
        page["headers"] = [[name, _text(found)] for name, found in record.headers]
        page["value"] = _text(record.value)
    return page


def show_page(letter: StoredLetter, done: Mark | None, wall: float, *, value: bool) -> None:
    """The same for people. The value stands last, so that it can be copied."""
    screen = console()
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in _rows(letter, done, wall, value=value):
        table.add_row(name, Text(text))
    screen.print(table)
    if value and letter.record.value is not None:
        screen.print(Text(printable(_pretty(letter.record.value))), soft_wrap=True)


def _rows(letter: StoredLetter, done: Mark | None, wall: float, *, value: bool) -> list[tuple[str, str]]:
    record = letter.record
    state = f"done: {safe(done.fate)} at {iso(done.marked_ms)}" if done else "open"
    rows = [
        ("letter", f"{place(letter.at)} on {letter.at.topic}, {state}"),
        ("record", f"{safe(record.topic)} {record.partition}:{record.offset}"),
        ("rule", f"{safe(letter.rule or NO_RULE)}, in mapping {safe(letter.mapping) or 'unknown'}"),
        ("failed", f"{iso(letter.first_failed_ms)} first, {age(age_s(letter, wall))} ago"),
        ("why", f"{safe(letter.stage)}: {safe(letter.reason)}"),
        ("message", safe(letter.message)),
        ("tries", f"{letter.attempts}, refused {letter.refusals}"),
        ("key sent", letter.idempotency_key or "none"),
    ]
    if letter.redrive_of is not None:
        rows.append(("follows", f"{place(letter.redrive_of)}, which was redriven and failed again"))
    if value:
        rows.append(("record key", printable(_text(record.key) or "none")))
        rows += [("header", printable(f"{name}: {_text(found)}")) for name, found in record.headers]
    elif record.headers:
        rows.append(("headers", ", ".join(safe(name) for name, _ in record.headers)))
    return [*rows, ("value", _about_value(letter, shown=value))]


def _about_value(letter: StoredLetter, *, shown: bool) -> str:
    if letter.value_omitted_bytes is not None:
        return f"left out: its {letter.value_omitted_bytes} bytes were too many for the dead-letter topic"
    if letter.record.value is None:
        return "none"
    size = f"{len(letter.record.value)} bytes"
    return f"{size}, personal data:" if shown else f"{size}; --value shows it with key and headers: personal data"


def _text(found: bytes | None) -> str | None:
    return None if found is None else found.decode("utf-8", "backslashreplace")


def _pretty(value: bytes) -> str:
    try:
        return orjson.dumps(orjson.loads(value), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return _text(value) or ""
