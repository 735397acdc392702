"""What a person sees while a topic is read: a bar, below what was found so far where there is any of it to show."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from consumer.adapters.kafka_peek import Peek

__all__ = ["Screen"]


class Screen:
    """A context manager. Only a terminal shows it, and nothing of it stays."""

    def __init__(self, found: Callable[[Console], RenderableType] | None = None) -> None:
        """With ``found`` it is shown on standard output, which that fits into; else a bar on standard error."""
        stream = sys.stderr if found is None else sys.stdout
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._found = found
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(compact=True)
        )
        self._task = self._bar.add_task("reading", total=None)
        self._live: Live | None = None

    def __enter__(self) -> Self:
        """From here on."""
        if self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=True, vertical_overflow="crop")
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """To here."""
        if self._live is not None:
            self._live.stop()

    @property
    def is_shown(self) -> bool:
        """Whether anybody sees it."""
        return self._live is not None

    def show(self, peek: Peek) -> None:
        """Shows how far the reading is."""
        if self._live is None:
            return
        endless = not peek.records
        description = "reading what comes; Ctrl-C ends it" if endless else "reading"
        self._bar.update(
            self._task, description=description, total=None if endless else peek.records, completed=peek.done
        )
        shown: RenderableType = self._bar
        if self._found is not None:
            shown = Group(self._found(self._console), "", self._bar)
        self._live.update(shown, refresh=True)
