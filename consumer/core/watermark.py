"""How far one partition is finished: what lies below the watermark, and what is finished beyond it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Run", "Watermark"]

Run = tuple[int, int]
"""Offsets from the first to the last, both inclusive."""


@dataclass(slots=True)
class _Finished:
    """A run of finished offsets with the places of its first and last wanted record."""

    first: int
    last: int
    first_place: int
    last_place: int


_NOWHERE = -1


class Watermark:
    """The watermark of one partition under one assignment, and the runs of finished offsets above it.

    The watermark is the lowest offset that is received and not finished, else the one after the last received. Offsets
    that no read brought (compaction, transaction markers) hold nothing up, since only received ones are waited for; and
    no run reaches over one, since a record may lie there that was not delivered to us. Nor does one reach over what is
    waited for, whichever mapping wanted it: what is read twice may be wanted the one time and not the other.
    """

    __slots__ = ("_finished", "_firsts", "_next", "_place", "_places", "_unfinished")

    def __init__(self, start: int, finished: Iterable[Run] = ()) -> None:
        """Nothing is received yet; ``start`` is read first, and ``finished`` are runs from it on that were finished.

        They are ascending and disjoint.
        """
        self._next = start
        self._unfinished: deque[int] = deque()
        """Ascending; finished ones leave it when they come to stand first."""
        self._place = 0
        self._places: dict[int, int] = {}
        """Of each unfinished offset its place: one more than that of the record before it that was wanted or is waited
        for, two or more where offsets between them were not received, or are to be read again."""
        self._finished = [_Finished(first, last, _NOWHERE, _NOWHERE) for first, last in finished]
        self._firsts = [run.first for run in self._finished]

    @property
    def offset(self) -> int:
        """What may be committed: the next offset to read, were we to start anew."""
        return min(self._unfinished[0], self._next) if self._unfinished else self._next

    @property
    def next_offset(self) -> int:
        """The offset after the last one received."""
        return self._next

    @property
    def runs(self) -> tuple[Run, ...]:
        """What is finished from the watermark on, ascending and disjoint."""
        at = self.offset
        return tuple((max(run.first, at), run.last) for run in self._finished)

    @property
    def runs_count(self) -> int:
        """How many runs there are."""
        return len(self._finished)

    @property
    def last_finished(self) -> int:
        """The highest finished offset beyond the watermark; the watermark where there is none."""
        return self._finished[-1].last if self._finished else self.offset

    def is_finished(self, offset: int) -> bool:
        """Whether an offset from the watermark on is finished."""
        return self._run_with(offset) is not None

    def receive(self, runs: Sequence[Run], wanted: Sequence[int]) -> list[int]:
        """Takes in what a read brought; ``wanted`` are the offsets among it that need finishing, ascending.

        Returns those that are new: not finished, by a former assignment or before a rewind, and not waited for already.
        What is waited for needs finishing though it is not wanted any more.
        """
        new = []
        at = 0
        if self._unfinished and runs and runs[0][0] <= self._unfinished[-1]:
            firsts = [first for first, _ in runs]
            waiting = (at for at in self._places if firsts[0] <= at <= runs[bisect_right(firsts, at) - 1][1])
            wanted = sorted({*wanted, *waiting})
        for first, last in runs:
            if first != self._next:
                self._place += 1
            self._next = last + 1
            while at < len(wanted) and wanted[at] <= last:
                if self._take(wanted[at]):
                    new.append(wanted[at])
                at += 1
        if self._unfinished and new and new[0] < self._unfinished[-1]:
            self._unfinished = deque(sorted(self._places))
        else:
            self._unfinished.extend(new)
        self._drop_passed()
        return new

    def finish(self, offset: int) -> None:
        """One more is final. An offset is finished once."""
        place = self._places.pop(offset)
        index = bisect_left(self._firsts, offset)
        self._finished.insert(index, _Finished(offset, offset, place, place))
        self._firsts.insert(index, offset)
        for at in (index + 1, index):
            if 0 < at < len(self._finished) and self._finished[at - 1].last_place + 1 == self._finished[at].first_place:
                left, right = self._finished[at - 1], self._finished.pop(at)
                left.last, left.last_place = right.last, right.last_place
                del self._firsts[at]
        while self._unfinished and self._unfinished[0] not in self._places:
            self._unfinished.popleft()
        self._drop_passed()

    def rewind(self, offset: int) -> None:
        """What comes next begins there again, since a record there was not delivered.

        What is finished or waited for from there on is not new when it comes again. What lay between there and the
        watermark is: nothing is kept of what the watermark has passed. What lies side by side from there on is known
        again when it is read again: something between may be wanted then that was not before.
        """
        self._next = min(self._next, offset)
        self._place += 1
        # Places below _NOWHERE, of which no two are neighbours.
        self._places.update({at: 2 * (_NOWHERE - 1 - at) for at in self._places if at >= offset})
        for run in self._finished:
            if run.last >= offset:
                run.first_place = run.last_place = _NOWHERE

    def forget(self, offsets: Collection[int]) -> None:
        """What comes next begins at the lowest of these, which were waited for: when they come again they are new."""
        for offset in offsets:
            del self._places[offset]
        self._unfinished = deque(offset for offset in self._unfinished if offset in self._places)
        self.rewind(min(offsets))

    def _take(self, offset: int) -> bool:
        """Gives a wanted record its place. Returns whether it is new."""
        self._place += 1
        if offset in self._places:
            self._places[offset] = self._place
            return False
        run = self._run_with(offset)
        if run is not None:
            run.last_place = self._place if offset == run.last else _NOWHERE
            if offset == run.first:
                run.first_place = self._place
            return False
        self._places[offset] = self._place
        return True

    def _run_with(self, offset: int) -> _Finished | None:
        index = bisect_left(self._firsts, offset + 1) - 1
        return self._finished[index] if index >= 0 and offset <= self._finished[index].last else None

    def _drop_passed(self) -> None:
        passed = bisect_left(self._finished, self.offset, key=lambda run: run.last)
        del self._finished[:passed], self._firsts[:passed]
