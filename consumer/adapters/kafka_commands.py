"""What the event loop asks of the Kafka thread, and the queue that carries it."""

from __future__ import annotations

import queue
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from consumer.adapters.kafka_commits import Positions
from consumer.core.record import TopicPartition

__all__ = ["Command", "CommandQueue", "Commit", "Handed", "Pause", "ReadAgain", "Stop", "Took"]

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Took:
    """The oldest batch is taken in."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Commit these, each where its assignment still has the epoch under which it was asked for."""

    positions: Positions
    epochs: Mapping[TopicPartition, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pause:
    """Read no more of this partition, or, where ``paused`` is false, read it again."""

    partition: TopicPartition
    epoch: int
    paused: bool = True


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """Read this partition from ``offset`` again, or from lower where that is next."""

    partition: TopicPartition
    epoch: int
    offset: int


@dataclass(frozen=True, slots=True)
class Handed:
    """The answer to a revoke."""

    positions: Positions


@dataclass(frozen=True, slots=True)
class Stop:
    """Leave the group and end."""


Command: TypeAlias = Took | Commit | Pause | ReadAgain | Handed | Stop


class CommandQueue:
    """First in, first out, but for :meth:`wait_for`, which leaves the others in their order."""

    def __init__(self) -> None:
        """Empty."""
        self._queue: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._set_aside: list[Command] = []

    def put(self, command: Command) -> None:
        """Adds one, from any thread."""
        self._queue.put(command)

    def take(self, *, within_s: float = 0.0) -> Command | None:
        """The next one; None where none comes in time."""
        if self._set_aside:
            return self._set_aside.pop(0)
        try:
            return self._queue.get(timeout=within_s) if within_s > 0 else self._queue.get_nowait()
        except queue.Empty:
            return None

    def wait_for(self, kind: type[C], *, within_s: float) -> C | None:
        """The next one of this kind, even if others stand before it; None where none comes in time."""
        for index, command in enumerate(self._set_aside):
            if isinstance(command, kind):
                del self._set_aside[index]
                return command
        end = time.monotonic() + within_s
        while (left_s := end - time.monotonic()) > 0:
            try:
                command = self._queue.get(timeout=left_s)
            except queue.Empty:
                return None
            if isinstance(command, kind):
                return command
            self._set_aside.append(command)
        return None
