"""What a busy product writes to its topic, and for each record what Loops has to receive because of it. Pure.

What has to arrive is composed from what people did, not from the records: nothing of ``consumer/mapping`` is asked.
It is what the rules of the repository's ``config/mapping.yaml`` come to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from consumer.sandbox.arrivals import Arrival
from consumer.sandbox.people import People, Step
from consumer.sandbox.segment import Segment, encoded

__all__ = ["Produced", "traffic"]

SHARE_WANTED: Final = 0.05
CALM_PER_S: Final = 75.0
BURST_PER_S: Final = 300.0
"""Records a second; with the share wanted 15 requests a second: half as many again as Loops takes."""
CYCLE_S: Final = 6.0
BURST_BEGINS_S: Final = 2.0
BURST_ENDS_S: Final = 3.5
"""Of each cycle. On average 131 records and 6.6 requests a second: what a burst heaps up is gone before the next."""
LETTER_EVERY: Final = 20
"""One in so many wanted records is a dead letter, the tenth the first."""
_SHARE_VISITORS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Produced:
    """One record, and what has to become of it."""

    at_s: float
    """When it is produced: seconds since the beginning."""
    key: bytes = field(repr=False)
    """The same for all records of a user, so that they stay in one partition."""
    value: bytes = field(repr=False)
    arrival: Arrival | None = None
    """The request that takes effect in Loops because of it."""
    letter: bool = False
    """Whether it has to become a dead letter."""


def traffic(seed: int, *, wall: float) -> Iterator[Produced]:
    """Records without end, in the order of their times; the same for the same ``seed`` and ``wall``.

    ``wall`` is the beginning, seconds since 1970.
    """
    return iter(_Traffic(seed, wall))


class _Traffic:
    def __init__(self, seed: int, wall: float) -> None:
        self._random = Random(seed)  # noqa: S311 - repeatable on purpose
        self._wall = wall
        self._people = People(self._random)
        self._segment = Segment(self._random)
        self._wanted = 0
        self._orders = 0

    def __iter__(self) -> Iterator[Produced]:
        at_s = 0.0
        while True:
            at_s += self._random.expovariate(_rate_at(at_s))
            if self._random.random() >= SHARE_WANTED:
                yield self._dull(at_s)
                continue
            self._wanted += 1
            letters, rest = divmod(self._wanted + LETTER_EVERY // 2, LETTER_EVERY)
            yield self._step(at_s) if rest else self._letter(at_s, letters)

    def _dull(self, at_s: float) -> Produced:
        person = None if self._random.random() < _SHARE_VISITORS else self._people.anybody()
        return _record(at_s, self._segment.dull(person, at=self._wall + at_s))

    def _step(self, at_s: float) -> Produced:
        person, step = self._people.step()
        at = self._wall + at_s
        properties: dict[str, Any] = {}
        match step:
            case Step.IDENTIFY:
                call = self._segment.identify(person, at=at)
                return _record(at_s, call, Arrival(person.id, "updateContact", mark=person.plan))
            case Step.SIGN_UP:
                arrival = Arrival(person.id, "createContact")
                properties = {"referrer": "friend"}
            case Step.TRIAL:
                arrival = Arrival(person.id, "sendEvent", "trialStarted", person.plan)
                properties = {"plan": person.plan, "seats": 5}
            case Step.UPGRADE:
                arrival = Arrival(person.id, "updateContact", mark=person.plan)
                properties = {"plan": person.plan, "price": 49.5}
            case Step.ORDER:
                properties = self._order()
                arrival = Arrival(person.id, "sendEvent", "orderCompleted", properties["order_id"])
            case _:  # User Deleted, Account Closed
                arrival = Arrival(person.id, "deleteContact")
        call = self._segment.track(person, step.value, properties, at=at)
        if step is Step.SIGN_UP:
            call["context"]["traits"] = {"email": person.email}
        return _record(at_s, call, arrival)

    def _letter(self, at_s: float, number: int) -> Produced:
        """In turn: one cut short, one about nobody, one about somebody whom Loops does not know."""
        at = self._wall + at_s
        if number % 3 == 1:
            whole = _record(at_s, self._segment.dull(self._people.anybody(), at=at))
            return replace(whole, value=whole.value[: len(whole.value) // 2], letter=True)
        person = self._people.stranger() if number % 3 == 2 else None
        call = self._segment.track(person, Step.ORDER.value, self._order(), at=at)
        return replace(_record(at_s, call), letter=True)

    def _order(self) -> dict[str, Any]:
        self._orders += 1
        total = self._random.randint(900, 25_000) / 100
        return {"order_id": f"ord_{self._orders:06}", "total": total, "currency": "EUR"}


def _rate_at(at_s: float) -> float:
    return BURST_PER_S if BURST_BEGINS_S <= at_s % CYCLE_S < BURST_ENDS_S else CALM_PER_S


def _record(at_s: float, call: Mapping[str, Any], arrival: Arrival | None = None) -> Produced:
    return Produced(at_s, (call["userId"] or call["anonymousId"]).encode(), encoded(call), arrival)
