"""A bursty product, by a seed: people who come at once, and tell of themselves on every page and around each event.

A mailing goes out every quarter of an hour, and hundreds come within a minute of it; beside them few do. A visit
loads three to eight pages, two to twenty seconds apart, and each load identifies its person with the same traits and
what changed. In its middle something is ordered, and within half a second around the order five properties of the
person change, each told on its own: two or three before it, the others behind; one list is joined and left, or left and
joined. One person in ten is known to the product's server by userId alone: their orders and properties bear no address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import orjson

__all__ = ["MAPPING", "SEED", "Produced", "Trace", "bursty"]

SEED: Final = 6

MAPPING: Final = """\
format: segment
contact:
  email: 'traits.email ? traits.email : context.traits.email'
  userId: userId
rules:
  - name: page-load
    when: {type: identify}
    update: true
    contact: {firstName: traits.firstName, plan: traits.plan, pages: traits.pages, lastPage: traits.lastPage}
  - name: profile-changed
    when: Profile Changed
    update: true
    contact: {seats: properties.seats, theme: properties.theme, plan: properties.plan}
    lists: {cm16k73gq014h0mmj5b6jdi9r: properties.digest}
  - name: order-completed
    when: Order Completed
    send: orderCompleted
    event: {orderId: properties.order_id, total: properties.total}
    contact: {lastOrderAt: timestamp}
    lists: {cm06f5v0e45nf0ml5754o9cix: true}
"""

_PAGES: Final = ("Home", "Pricing", "Docs", "Projects", "Settings", "Billing", "Invite", "Search")
_PLANS: Final = ("free", "pro", "team", "business")
_PAGES_A_VISIT: Final = (3, 8)
_BETWEEN_PAGES_S: Final = (2.0, 20.0)
_AROUND_S: Final = 0.5
_MAILING_EVERY_S: Final = 900.0
_COMES_WITHIN_S: Final = 60.0
_SHARE_WITHOUT_ADDRESS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Trace:
    """How much of it: ``mailings``, each of which brings ``visits`` to ``people``, and the visits between them."""

    mailings: int = 2
    visits: int = 600
    people: int = 3_000
    calm_visits_per_s: float = 0.1


@dataclass(frozen=True, slots=True)
class Produced:
    """One record. All records of a person have the same key."""

    at_s: float
    """Seconds since the beginning."""
    key: bytes = field(repr=False)
    value: bytes = field(repr=False)


@dataclass(slots=True)
class _Person:
    number: int
    known_by_address: bool
    plan: str
    pages: int = 0


def bursty(trace: Trace, seed: int = SEED, *, wall: float) -> list[Produced]:
    """All records in the order of their times; ``wall`` is the beginning, seconds since 1970."""
    return sorted(_Bursty(trace, Random(seed), wall).records(), key=lambda record: record.at_s)  # noqa: S311 - a seed decides


class _Bursty:
    def __init__(self, trace: Trace, random: Random, wall: float) -> None:
        self._trace = trace
        self._random = random
        self._wall = wall
        self._numbers = 0
        self._people = [
            _Person(number, random.random() >= _SHARE_WITHOUT_ADDRESS, random.choice(_PLANS))
            for number in range(trace.people)
        ]

    def records(self) -> Iterator[Produced]:
        """Visit by visit; with each mailing everybody comes once at most."""
        random, trace = self._random, self._trace
        for mailing in range(trace.mailings):
            began_s = mailing * _MAILING_EVERY_S
            between = round(trace.calm_visits_per_s * _MAILING_EVERY_S)
            starts_s = [random.uniform(0, _COMES_WITHIN_S) for _ in range(trace.visits)]
            starts_s += [random.uniform(0, _MAILING_EVERY_S) for _ in range(between)]
            for person, start_s in zip(random.sample(self._people, len(starts_s)), starts_s, strict=True):
                yield from self._visit(person, began_s + start_s)

    def _visit(self, person: _Person, at_s: float) -> Iterator[Produced]:
        pages = self._random.randint(*_PAGES_A_VISIT)
        for page in range(pages):
            yield self._page_load(person, at_s)
            at_s += self._random.uniform(*_BETWEEN_PAGES_S)
            if page == pages // 2:
                yield from self._order(person, at_s - 2 * _AROUND_S)

    def _page_load(self, person: _Person, at_s: float) -> Produced:
        person.pages += 1
        traits = {
            "email": _address(person),
            "firstName": f"Person {person.number}",
            "plan": person.plan,
            "pages": person.pages,
            "lastPage": self._random.choice(_PAGES),
        }
        return self._record(person, at_s, {"type": "identify", "traits": traits})

    def _order(self, person: _Person, at_s: float) -> Iterator[Produced]:
        random = self._random
        person.plan = random.choice(_PLANS)
        changes: list[dict[str, Any]] = [
            {"seats": random.randint(1, 50)},
            {"theme": random.choice(("dark", "light"))},
            {"plan": person.plan},
            {"digest": True},
            {"digest": False},
        ]
        random.shuffle(changes)
        moments = sorted(at_s + random.uniform(-_AROUND_S, _AROUND_S) for _ in range(len(changes) + 1))
        before = random.choice((2, 3))
        for number, moment_s in enumerate(moments):
            if number == before:
                order = {"order_id": f"order-{self._next()}", "total": random.randint(900, 25_000) / 100}
                yield self._track(person, moment_s, "Order Completed", order)
            else:
                yield self._track(person, moment_s, "Profile Changed", changes.pop())

    def _track(self, person: _Person, at_s: float, name: str, properties: dict[str, Any]) -> Produced:
        context = {"traits": {"email": _address(person)}} if person.known_by_address else {}
        return self._record(
            person, at_s, {"type": "track", "event": name, "properties": properties, "context": context}
        )

    def _record(self, person: _Person, at_s: float, call: dict[str, Any]) -> Produced:
        at = datetime.fromtimestamp(self._wall + at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        whole = {"messageId": f"message-{self._next()}", "userId": f"user-{person.number}", "timestamp": at, **call}
        return Produced(at_s, b"user-%d" % person.number, orjson.dumps(whole))

    def _next(self) -> int:
        self._numbers += 1
        return self._numbers


def _address(person: _Person) -> str:
    return f"user-{person.number}@example.com"
