"""Looks through the logs of a test run for what must never stand in one: the key, and addresses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["API_KEY", "Leak", "leaks_in", "leaks_of"]

API_KEY: Final = "test-key-5d0c1b7ae94f4c62"
"""The key for tests of whole processes: a word that stands in a log only if it leaked."""

_FORBIDDEN: Final = {
    "the key": re.compile(re.escape(API_KEY)),
    "an authorization header": re.compile(r"\bBearer\s+(?!\*)\S", re.IGNORECASE),
    "an address": re.compile(r"(@|%40)example\.(com|org)\b", re.IGNORECASE),
}


class Leak(NamedTuple):
    """What was found, in which line (from 1) of which file; never the text itself."""

    file: str
    line: int
    what: str


def leaks_of(text: str) -> list[tuple[int, str]]:
    """Each line of the text, from 1, that holds something forbidden, with what it is."""
    return [
        (number, what)
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in _FORBIDDEN.items()
        if pattern.search(line)
    ]


def leaks_in(directory: Path) -> list[Leak]:
    """Every leak in every ``*.log`` below the directory."""
    return [
        Leak(str(file.relative_to(directory)), line, what)
        for file in sorted(directory.rglob("*.log"))
        for line, what in leaks_of(file.read_text(errors="replace"))
    ]
