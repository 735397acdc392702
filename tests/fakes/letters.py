"""A dead-letter topic in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from consumer.core.effect import Letter
from consumer.ports import LettersListener

__all__ = ["FakeDeadLetterSink", "RecordingLettersListener"]


class FakeDeadLetterSink:
    """Confirms each letter on the loop's next turn, unless a test wants otherwise."""

    def __init__(self) -> None:
        """Empty."""
        self.letters: list[Letter] = []
        """What is confirmed, in order."""
        self.errors: list[str] = []
        """The next letters fail with these."""
        self.down: str | None = None
        """Every letter fails with this."""
        self._listener: LettersListener | None = None

    def start(self, listener: LettersListener) -> None:
        """Connects."""
        self._listener = listener

    def write(self, letter: Letter) -> None:
        """Keeps it, or fails."""
        error = self.errors.pop(0) if self.errors else self.down
        if self._listener is None:
            error = "stopped"
        if error is None:
            self.letters.append(letter)
        self._soon(letter, error)

    def stop(self) -> None:
        """Tells nothing any more."""
        self._listener = None

    def _soon(self, letter: Letter, error: str | None) -> None:
        tell: Callable[[LettersListener], None]
        if error is None:
            tell = lambda listener: listener.letter_confirmed(letter)  # noqa: E731 - one of two ends of one letter
        else:
            tell = lambda listener: listener.letter_failed(letter, error)  # noqa: E731 - see above
        asyncio.get_running_loop().call_soon(self._tell, tell)

    def _tell(self, tell: Callable[[LettersListener], None]) -> None:
        if self._listener is not None:
            tell(self._listener)


class RecordingLettersListener:
    """Keeps what it is told."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.confirmed: list[int] = []
        self.failed: list[tuple[int, str]] = []

    def letter_confirmed(self, letter: Letter) -> None:
        """Keeps its number."""
        self.confirmed.append(letter.number)

    def letter_failed(self, letter: Letter, error: str) -> None:
        """Keeps its number and the error."""
        self.failed.append((letter.number, error))
