"""What is wrong with a file that a user wrote: where it is, what was found, and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

__all__ = ["Fault", "Faults", "nearest"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``line`` and ``column`` count from 1; ``path`` is the key, as ``kafka.group_id``."""

    message: str
    file: str | None = None
    path: str = ""
    line: int | None = None
    column: int | None = None
    source: str | None = None
    """The line itself, where it may be shown."""
    hint: str | None = None
    """What to do about it."""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        head = ": ".join(part for part in (place, self.path, self.message) if part)
        lines = [head]
        if self.source is not None and self.column is not None:
            lines += [f"    {self.source}", f"    {_blank(self.source[: self.column - 1])}^"]
        if self.hint:
            lines.append(f"    {self.hint}")
        return "\n".join(lines)


def _blank(text: str) -> str:
    """As wide as the text on a terminal: a tab is one, and what is wide there takes two columns."""
    return "".join("\t" if char == "\t" else "  " if east_asian_width(char) in "WF" else " " for char in text)


class Faults(Exception):  # noqa: N818 - it is what it holds
    """All that is wrong with the user's files, found in one go; ends a command with exit code 78."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keeps them in the order given; there must be at least one."""
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def nearest(name: str, allowed: Sequence[str], *, likeness: float = 0.6) -> str | None:
    """The allowed name that ``name`` most probably means, or None where none is so like it, from 0 to 1."""
    folded = {candidate.casefold(): candidate for candidate in allowed}
    found = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=likeness)
    return folded[found[0]] if found else None
