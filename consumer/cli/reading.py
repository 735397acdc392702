"""What commands that look at a topic share: from when and for how long they read, and how they show that they do."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Protocol, Self, TypeAlias

import typer

from consumer.adapters.kafka_peek import Peek, PeekFailed
from consumer.adapters.kafka_span import Begin, Since
from consumer.cli.letter_options import duration_s, fail
from consumer.logs import configure
from consumer.mapping.message import Message
from consumer.settings import KafkaSettings

__all__ = ["ForOption", "LimitOption", "Reading", "Shows", "SinceOption", "Span", "Stopped"]

_SHOW_EVERY_S = 0.5


def _checked_since(text: str) -> str:
    if text not in {each.value for each in Begin}:
        duration_s(text)
    return text


def _checked_for(text: str | None) -> str | None:
    duration_s(text)
    return text


SinceOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--since",
        metavar="AGE",
        callback=_checked_since,
        help="From so long ago up to now, as 30m or 2d; or beginning, or now: then what comes is read until Ctrl-C.",
    ),
]
ForOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--for", metavar="TIME", callback=_checked_for, help="Reads no longer than this, as 30s.", show_default=False
    ),
]
LimitOption: TypeAlias = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", min=1, help="Reads no more than so many records.", show_default=False),
]


@dataclass(frozen=True, slots=True)
class Span:
    """How much of the topics a person wants to look at."""

    since: str = "1h"
    """An age, or one of :class:`~consumer.adapters.kafka_span.Begin`."""
    for_s: float | None = None
    records_max: int | None = None

    @classmethod
    def of(cls, since: str, within: str | None, limit: int | None) -> Span:
        """What the three options say, which are checked already."""
        return cls(since, duration_s(within), limit)

    def begin(self, wall: float) -> Since | Begin:
        """Where reading begins; ``wall`` is now, seconds since 1970."""
        try:
            return Begin(self.since)
        except ValueError:
            return Since(round((wall - (duration_s(self.since) or 0)) * 1_000))


class Shows(Protocol):
    """What shows a person that reading goes on."""

    def show(self, peek: Peek) -> None:
        """How far it is; called twice a second."""


@dataclass(slots=True)
class Reading:
    """Reading of one span: begun at a moment, and ended by what comes first of its end, a limit, or Ctrl-C."""

    span: Span
    wall: float
    """When it began, seconds since 1970."""
    begin: Since | Begin = field(init=False)
    records: int = 0
    seconds: float = 0.0
    """How long it took."""
    stopped: bool = False
    """Whether it ended before all that lay there was read."""
    by_time: bool = True
    """False: the broker knows no offsets by time."""

    def __post_init__(self) -> None:
        """Fixes where it begins."""
        self.begin = self.span.begin(self.wall)

    def batches(self, kafka: KafkaSettings, screen: Shows) -> Iterator[Sequence[Message]]:
        """The records, in batches. Ends the command with a sentence where Kafka does not give them."""
        undo = configure(sys.stderr, terminal=sys.stderr.isatty(), level="critical")
        try:
            with Stopped() as stopped, Peek(kafka, begin=self.begin) as peek:
                self.by_time = peek.by_time
                yield from self._within_limits(peek, stopped, screen)
        except PeekFailed as failed:
            fail(str(failed))
        finally:
            undo()

    def _within_limits(self, peek: Peek, stopped: Stopped, screen: Shows) -> Iterator[Sequence[Message]]:
        began = shown = time.monotonic()
        for messages in peek:
            left = self.span.records_max
            batch = messages if left is None else messages[: left - self.records]
            self.records += len(batch)
            yield batch
            now = time.monotonic()
            self.seconds = now - began
            if now - shown >= _SHOW_EVERY_S:
                screen.show(peek)
                shown = time.monotonic()
            if stopped or self.records == left or (self.span.for_s is not None and self.seconds >= self.span.for_s):
                self.stopped = self.begin is Begin.NOW or peek.done < peek.records or len(batch) < len(messages)
                break


class Stopped:
    """True from the first Ctrl-C on, which then ends no call that reads; the second one ends the command."""

    def __init__(self) -> None:
        """Nobody pressed it."""
        self._asked = False
        self._before: object = None

    def __bool__(self) -> bool:
        return self._asked

    def __enter__(self) -> Self:
        """From here on."""
        self._before = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        """To here."""
        signal.signal(signal.SIGINT, self._before)  # type: ignore[arg-type]  # what the same function gave

    def _on_signal(self, *_: object) -> None:
        self._asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
