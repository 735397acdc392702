"""Dead letters between being decided and being confirmed by the broker."""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass

from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.effect import Letter
from consumer.core.outcome import Outcome
from consumer.core.record import Rejection, TopicPartition

__all__ = ["RETRY_S", "UNDECODABLE", "Letters"]

RETRY_S = 2.0
"""Seconds until a letter that the broker did not take is written again; the client has retried for longer by then."""

UNDECODABLE = "undecodable"
"""The reason of a record whose event name cannot be read."""

_MINUTE_S = 60.0


@dataclass(slots=True)
class _Entry:
    letter: Letter
    of: OpenRecord


class Letters:
    """Which letters are being written, which wait to be written again, and which are held.

    Records that cannot be read are written at a bounded rate: beyond it the format is probably wrong, and the topic
    would be emptied into the dead letters.
    """

    __slots__ = ("_failing", "_held", "_number", "_per_min", "_writing", "_written_at")

    def __init__(self, undecodable_per_min: int) -> None:
        """None yet."""
        self._per_min = undecodable_per_min
        self._number = 0
        self._writing: dict[int, _Entry] = {}
        self._failing: list[tuple[float, int, _Entry]] = []
        self._held: deque[_Entry] = deque()
        self._written_at: deque[float] = deque()

    def of_rejection(self, rejection: Rejection, of: OpenRecord, plan: int, *, wall: float) -> Letter:
        """The letter of a record that cannot be read, or that a rule cannot make a request of."""
        self._number += 1
        stage = "decode" if rejection.reason == UNDECODABLE else "map"
        return Letter(
            self._number,
            of.record,
            stage,
            rejection.reason,
            rejection.message,
            rejection.rule,
            plan,
            first_failed_at_ms=int(wall * 1000),
            mapping=of.mapping,
        )

    def of_delivery(self, delivery: Delivery, outcome: Outcome, *, wall: float) -> Letter:
        """The letter of a request that Loops refused, that failed too often, or that its rule let go no further."""
        self._number += 1
        said = " ".join(str(part) for part in (outcome.status, outcome.message) if part)
        return Letter(
            self._number,
            delivery.of.record,
            "deliver",
            outcome.reason,
            said or outcome.reason,
            delivery.request.rule,
            delivery.plan,
            delivery.key,
            delivery.refusals,
            delivery.tries,
            delivery.first_failed_ms or int(wall * 1000),
            delivery.of.mapping,
        )

    def add(self, letter: Letter, of: OpenRecord, *, now: float) -> bool:
        """Takes a new one in. Returns whether to write it now; if not, it is held."""
        entry = _Entry(letter, of)
        if letter.reason == UNDECODABLE and (self._held or not self._may_write(now)):
            self._held.append(entry)
            return False
        self._write(entry, now)
        return True

    def confirmed(self, number: int) -> OpenRecord | None:
        """The broker has it. Returns the record, or None where it was forgotten."""
        entry = self._writing.pop(number, None)
        return None if entry is None else entry.of

    def failed(self, number: int, *, now: float) -> OpenRecord | None:
        """The broker does not have it: it comes back from :meth:`due`. Returns the record, or None where forgotten."""
        entry = self._writing.pop(number, None)
        if entry is None:
            return None
        heapq.heappush(self._failing, (now + RETRY_S, number, entry))
        return entry.of

    def due(self, *, now: float) -> list[Letter]:
        """Those to be written now: again, or released."""
        entries = []
        while self._failing and self._failing[0][0] <= now:
            entries.append(heapq.heappop(self._failing)[2])
        while self._held and self._may_write(now):
            entry = self._held.popleft()
            entries.append(entry)
            self._write(entry, now)
        for entry in entries:
            self._writing[entry.letter.number] = entry
        return [entry.letter for entry in entries]

    def next_at(self) -> float:
        """When :meth:`due` has the next, monotonic seconds; infinite if never."""
        again = self._failing[0][0] if self._failing else math.inf
        release = self._written_at[0] + _MINUTE_S if self._held and self._written_at else math.inf
        return min(again, release)

    def forget(self, of: set[int]) -> None:
        """Drops what is not being written of these records (by ``id``); what is being written is no longer ours."""
        self._writing = {number: entry for number, entry in self._writing.items() if id(entry.of) not in of}
        self._failing = [item for item in self._failing if id(item[2].of) not in of]
        heapq.heapify(self._failing)
        self._held = deque(entry for entry in self._held if id(entry.of) not in of)

    def drop_held(self, partition: TopicPartition) -> None:
        """Those of it that are held, as if they had never been."""
        self._held = deque(entry for entry in self._held if entry.of.partition != partition)

    def __len__(self) -> int:
        """Letters that the broker has not confirmed."""
        return len(self._writing) + len(self._failing) + len(self._held)

    def writing(self) -> list[OpenRecord]:
        """The records whose letters are being written."""
        return [entry.of for entry in self._writing.values()]

    def failing(self) -> list[OpenRecord]:
        """The records whose letters the broker did not take."""
        return [entry.of for _, _, entry in self._failing]

    def held(self) -> list[OpenRecord]:
        """The records whose letters are held."""
        return [entry.of for entry in self._held]

    def waiting(self) -> list[OpenRecord]:
        """The records with a letter that the broker has not confirmed."""
        return self.writing() + self.failing() + self.held()

    def rules(self) -> list[str | None]:
        """Those of the letters that the broker has not confirmed."""
        entries = [*self._writing.values(), *(entry for _, _, entry in self._failing), *self._held]
        return [entry.letter.rule for entry in entries]

    def _may_write(self, now: float) -> bool:
        while self._written_at and self._written_at[0] + _MINUTE_S <= now:
            self._written_at.popleft()
        return len(self._written_at) < self._per_min

    def _write(self, entry: _Entry, now: float) -> None:
        if entry.letter.reason == UNDECODABLE:
            self._written_at.append(now)
        self._writing[entry.letter.number] = entry
