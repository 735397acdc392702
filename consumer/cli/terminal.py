"""What commands that show a person's own data share: a console, and text that steers no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions
from rich.text import Text

__all__ = ["Hanging", "console", "printable"]

_PIPED_WIDTH = 200
"""Columns where no terminal says how many it has."""


_NARROWEST = 20
"""Columns for a text; where fewer are left it goes on below its head."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """A text behind its head, and below itself where it takes several lines; no line ends in spaces."""

    head: Text
    text: Text

    def __rich_console__(self, screen: Console, options: ConsoleOptions) -> Iterator[Text]:
        indent = self.head.cell_len
        if options.max_width - indent < _NARROWEST:
            yield from _stripped(Text.assemble(self.head, self.text).wrap(screen, options.max_width))
            return
        lines = self.text.wrap(screen, options.max_width - indent) or [Text()]
        yield from _stripped(Text.assemble(" " * indent if n else self.head, line) for n, line in enumerate(lines))


def _stripped(lines: Iterable[Text]) -> Iterator[Text]:
    for line in lines:
        line.rstrip()
        yield line


def console() -> Console:
    """Standard output. Text is shown as it is: nothing in it is markup."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


def printable(text: str) -> str:
    """Without what could steer a terminal; lines stay."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)
