"""How far one partition is finished: everything below the watermark may be committed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

__all__ = ["Watermark"]


class Watermark:
    """The watermark of one partition under one assignment.

    It is the lowest offset that is received and not finished, else the one after the last received. Offsets that no
    read brought (compaction, transaction markers) hold nothing up, since only received ones are ever waited for.
    """

    __slots__ = ("_finished", "_next", "_unfinished")

    def __init__(self, start: int) -> None:
        """Nothing is received yet; ``start`` is the offset that is read first."""
        self._next = start
        self._unfinished: deque[int] = deque()
        self._finished: set[int] = set()

    @property
    def offset(self) -> int:
        """What may be committed: the next offset to read, were we to start anew."""
        return self._unfinished[0] if self._unfinished else self._next

    @property
    def next_offset(self) -> int:
        """The offset after the last one received."""
        return self._next

    @property
    def finished_beyond(self) -> int:
        """How many offsets above the watermark are finished: what a crash would read again."""
        return len(self._finished)

    def receive(self, last: int, unfinished: Iterable[int]) -> None:
        """Takes in what a read brought, up to and with ``last``; ``unfinished`` are those to wait for, ascending."""
        self._unfinished.extend(unfinished)
        self._next = max(self._next, last + 1)

    def finish(self, offset: int) -> bool:
        """One more is final. Returns whether the watermark moved. An offset is finished once."""
        self._finished.add(offset)
        moved = False
        while self._unfinished and self._unfinished[0] in self._finished:
            self._finished.discard(self._unfinished.popleft())
            moved = True
        return moved
