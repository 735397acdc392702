"""What must hold of a job, judged from what Loops' stand-in received: each rule a function that lists what breaks it.

Events are told apart by the ``number`` that the product gave them; a contact's numbers rise from record to record, and
all its records lie in one partition. Requests of other kinds, such as probes, are passed over unless a rule says so.
"""

from __future__ import annotations

import bisect
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from consumer.sandbox.journal import Entry
from tests.kafka import product
from tests.kafka.product import Made

__all__ = [
    "Sighting",
    "again",
    "lost",
    "most_within",
    "out_of_order",
    "refused_by_the_limit",
    "repeated",
    "sightings",
    "silences_s",
    "together_on_the_wire",
    "twice_in_effect",
]

_WINDOW_S: Final = 1.0
_FINAL: Final = frozenset({200, 400, 409})
"""Statuses after which a request never leaves again in the same process."""
_LATER: Final = frozenset({401, 429, 500, 502, 503})
"""Statuses that say that nothing was done: it has to leave again, in whatever process."""


class Sighting(NamedTuple):
    """One request for an event, as the stand-in saw it."""

    n: int
    """Its place among all requests, from 1."""
    at: float
    """Seconds of the stand-in's clock at which it took effect, or would have."""
    user: int
    number: int
    key: str
    status: int | None
    took_effect: bool

    @property
    def partition(self) -> int:
        """Where the contact's records lie."""
        return self.user % product.PARTITIONS


def sightings(entries: Iterable[Entry]) -> list[Sighting]:
    """The requests for events, in the order of the entries."""
    return [
        Sighting(
            entry.n,
            entry.now,
            int((entry.user_id or "").removeprefix("user-")),
            int(str((entry.event_properties or {})["number"])),
            entry.idempotency_key or "",
            entry.status,
            entry.took_effect,
        )
        for entry in entries
        if entry.call == "sendEvent"
    ]


def lost(wanted: Iterable[Made], seen: Iterable[Sighting], dead: Collection[int] = ()) -> list[int]:
    """Numbers of wanted events that neither took effect nor are dead letters."""
    arrived = {each.number for each in seen if each.took_effect}
    return sorted({event.number for event in wanted} - arrived - set(dead))


def twice_in_effect(seen: Iterable[Sighting]) -> list[int]:
    """Numbers of events that took effect more than once."""
    return sorted(number for number, count in _effects(seen).items() if count > 1)


def out_of_order(seen: Iterable[Sighting]) -> list[Sighting]:
    """What came for the first time, or took effect, behind a later event of its contact."""
    first: defaultdict[int, int] = defaultdict(lambda: -1)
    effect: defaultdict[int, int] = defaultdict(lambda: -1)
    known: set[int] = set()
    wrong = []
    for each in seen:
        came_late = each.number not in known and each.number < first[each.user]
        if came_late or (each.took_effect and each.number < effect[each.user]):
            wrong.append(each)
        known.add(each.number)
        first[each.user] = max(first[each.user], each.number)
        if each.took_effect:
            effect[each.user] = max(effect[each.user], each.number)
    return wrong


def together_on_the_wire(
    seen: Iterable[Sighting], *, latency_s: float = 0.0, ends: Sequence[int] = ()
) -> list[tuple[Sighting, Sighting]]:
    """Two of one contact of which the second came before the first was answered.

    An answer takes ``latency_s``. ``ends``, rising, are the last places of the processes that were killed: what one of
    them had on the wire ends with it.
    """
    before: dict[int, Sighting] = {}
    found = []
    for each in seen:
        first = before.get(each.user)
        before[each.user] = each
        if first is None or _life(first, ends) != _life(each, ends):
            continue
        other = each.number != first.number and first.status not in _FINAL
        if other or (first.status is not None and each.at < first.at + latency_s):
            found.append((first, each))
    return found


def repeated(seen: Iterable[Sighting]) -> list[tuple[Sighting, Sighting]]:
    """What came again, behind what had come before, though no answer had said that nothing was done."""
    last: dict[str, Sighting] = {}
    found = []
    for each in seen:
        before = last.get(each.key)
        last[each.key] = each
        if before is not None and before.status not in _LATER:
            found.append((before, each))
    return found


def again(seen: Iterable[Sighting], ends: Sequence[int]) -> list[list[int]]:
    """For each process that ended at ``ends`` (rising places): the numbers of the events that the next one repeated.

    What had been answered with a request to come later is none of them: it waited, and was not on the wire.
    """
    numbers: list[list[int]] = [[] for _ in ends]
    for before, each in repeated(seen):
        if _life(before, ends) < _life(each, ends):
            numbers[_life(each, ends) - 1].append(each.number)
    return numbers


def silences_s(
    seen: Iterable[Sighting], took_s: Callable[[float, float], float] = lambda began, ended: ended - began
) -> Mapping[int, float]:
    """By partition, the longest time in seconds between two of its requests; ``took_s`` measures one."""
    times: defaultdict[int, list[float]] = defaultdict(list)
    for each in seen:
        times[each.partition].append(each.at)
    return {
        partition: max(itertools.starmap(took_s, itertools.pairwise(at)), default=0.0)
        for partition, at in times.items()
    }


def most_within(times: Iterable[float], window_s: float = _WINDOW_S) -> int:
    """The most of these moments, in seconds, that lie within a window."""
    return max(_counts(sorted(times), window_s), default=0)


def refused_by_the_limit(entries: Iterable[Entry]) -> int:
    """How many requests of any kind the team's limit refused."""
    return sum(entry.rate == "refused" for entry in entries)


def _effects(seen: Iterable[Sighting]) -> Counter[int]:
    return Counter(each.number for each in seen if each.took_effect)


def _life(sighting: Sighting, ends: Sequence[int]) -> int:
    return bisect.bisect_left(ends, sighting.n)


def _counts(times: Sequence[float], window_s: float) -> Iterator[int]:
    first = 0
    for last, at in enumerate(times):
        while at - times[first] >= window_s:
            first += 1
        yield last - first + 1
