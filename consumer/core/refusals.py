"""Events that go on after a refusal, and the number that their keys bear from then on.

An event that Loops refused while it carried updates is sent by itself: the fault may have been one of theirs. A refusal
may use a key up, so its key bears their number then; and that has to stand in a commit before it leaves. Whoever read
the record again would else send it under the key without the number, and it might take effect twice. So the number
is kept until a commit tells that all of the record is final, and whatever mapping makes its plans anew.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Final

from consumer.core.completions import Completions, Refusal, decode, encode
from consumer.core.delivery import HELD, Delivery, Held, OpenRecord
from consumer.core.effect import Committable
from consumer.core.outcome import Outcome, Verdict

__all__ = ["FINISHED_MAX", "Refusals", "Room", "key_fingerprint"]

FINISHED_MAX: Final = 1_000
"""Events of finished records that are remembered, should these be read again."""

_KEYS: Final = 2**21
"""Fingerprints that there are: 3 bytes each. They tell apart the few events of one record."""

_BEFORE: Final = Outcome(Verdict.REFUSED, "refused", message="a former owner of the partition was told why")


@dataclass(frozen=True, slots=True)
class Room:
    """What a commit can tell of: so many bytes, from this offset on."""

    bytes_max: int
    offset: int

    def told(self, refusals: tuple[Refusal, ...]) -> tuple[Refusal, ...]:
        """Which of them find room."""
        text = encode(Completions(refusals=refusals), offset=self.offset, bytes_max=self.bytes_max)
        found = decode(text, offset=self.offset)
        return found.refusals if isinstance(found, Completions) and len(text) <= self.bytes_max else ()


@dataclass(slots=True)
class _Known:
    """Of one event of an unfinished record."""

    number: int
    refused: Outcome
    """What Loops said."""
    committed: bool = False
    """The number stands in the last commit that was taken."""
    left: bool = False
    """It has left with the number."""


class Refusals:
    """Those of one partition."""

    __slots__ = ("_finished", "_known", "_untold", "_waiting")

    def __init__(self, done: Completions) -> None:
        """As a former owner told of them."""
        self._known = {(one.offset, one.key): _Known(one.number, _BEFORE, committed=True) for one in done.refusals}
        self._finished: dict[tuple[int, int], _Known] = {}
        """Of finished records, the latest last."""
        self._untold: set[tuple[int, int]] = set()
        """Those of them whose record the last commit had no room to tell of: who reads it again needs the number."""
        self._waiting: list[Delivery] = []

    @property
    def waits(self) -> bool:
        """Whether any waits for a commit."""
        return bool(self._waiting)

    def number(self, offset: int, key: str) -> int:
        """How many an event of a new record had, by its idempotency key."""
        known = self._known.get((offset, key_fingerprint(key)))
        return 0 if known is None else known.number

    def add(self, delivery: Delivery, refused: Outcome, room: Room) -> bool:
        """An event is to go on after its first refusal. Returns whether it may: whether a commit can tell of all."""
        at = _place(delivery)
        self._known[at] = _Known(delivery.refusals, refused)
        told = self.to_tell(room)
        if room.told(told) == told:
            return True
        del self._known[at]
        return False

    def to_tell(self, room: Room) -> tuple[Refusal, ...]:
        """What the next commit is to tell, ascending."""
        needed = self._known | {at: self._finished[at] for at in self._untold & self._finished.keys()}
        return tuple(Refusal(*at, needed[at].number) for at in sorted(needed) if at[0] >= room.offset)

    def position(self, done: Completions, room: Room) -> Committable:
        """What to commit: what is ``done``, with the numbers of what is not, and of what finds no room among it."""
        finished = [at for at in self._finished if at[0] >= room.offset]
        self._untold.clear()
        while True:
            told = replace(done, refusals=self.to_tell(room))
            position = Committable(room.offset, encode(told, offset=room.offset, bytes_max=room.bytes_max))
            found = decode(position.metadata, offset=room.offset) if finished else None
            runs = found.runs if isinstance(found, Completions) else ()
            untold = {at for at in finished if not any(first <= at[0] <= last for first, last in runs)}
            if untold <= self._untold:
                return position
            self._untold |= untold

    def committed(self, position: Committable) -> None:
        """A commit was taken. One that found no room in it stands in none, though a former one told of it."""
        if all(known.left for known in self._known.values()):
            return
        done = decode(position.metadata, offset=position.offset)
        told = set(done.refusals) if isinstance(done, Completions) else set()
        for (offset, key), known in self._known.items():
            known.committed = Refusal(offset, key, known.number) in told

    def judge(self, delivery: Delivery, room: Room) -> Outcome | Held | None:
        """Whether one may leave: None. It is held until its number is committed, or ends where that can not be told.

        Where the next commit tells of it no more, it does not leave either. What it became instead bears no number.
        """
        known = self._known.get(_place(delivery))
        if known is None or known.left or delivery.former is not None:
            return None
        if not self._can_be_told(delivery, room):
            return known.refused
        if known.committed:
            return None
        self._waiting.append(delivery)
        return HELD

    def leaves(self, delivery: Delivery) -> None:
        """It is sent now: whatever becomes of the commits, the number may have been used."""
        known = self._known.get(_place(delivery))
        if known is not None:
            known.left = True

    def let_go(self, room: Room) -> list[Delivery]:
        """Those that waited and may ask again: their number is committed, or can not be told any more."""
        waiting = [one for one in self._waiting if not one.forgotten]
        self._waiting = [one for one in waiting if self._must_wait(one, room)]
        return [one for one in waiting if one not in self._waiting]

    def finish(self, of: OpenRecord) -> None:
        """All of a record is final. Before that another mapping may make all its plans anew."""
        for at in [at for at in self._known if at[0] == of.record.offset]:
            self._finished[at] = self._known.pop(at)
        while len(self._finished) > FINISHED_MAX:
            del self._finished[next(iter(self._finished))]

    def rewind(self, first: int, end: int) -> None:
        """Finished records from ``first`` to below ``end`` come again, and are new: a commit has to tell of them."""
        for at in [at for at in self._finished if first <= at[0] < end]:
            known = self._finished.pop(at)
            self._known[at] = _Known(known.number, known.refused)

    def _must_wait(self, delivery: Delivery, room: Room) -> bool:
        known = self._known.get(_place(delivery))
        return known is not None and not known.committed and self._can_be_told(delivery, room)

    def _can_be_told(self, delivery: Delivery, room: Room) -> bool:
        offset, key = _place(delivery)
        return Refusal(offset, key, delivery.refusals) in room.told(self.to_tell(room))


def key_fingerprint(key: str) -> int:
    """The same for the same idempotency key in any process."""
    return zlib.crc32(key.encode()) % _KEYS


def _place(delivery: Delivery) -> tuple[int, int]:
    """Nothing is known of what has no key."""
    return delivery.of.record.offset, -1 if delivery.key is None else key_fingerprint(delivery.key)
