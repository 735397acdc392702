"""The topic of a simulation: its partitions' records, and whose plans a request tells of."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field

import orjson

from consumer.core.record import Received, TopicPartition, Wanted
from consumer.core.request import HttpRequest
from tests.sim.contact import StillContact
from tests.sim.mapping import SimulatedMapping, place_under
from tests.sim.planned import Planned, Told

__all__ = ["STILL", "WALL", "Entry", "PartitionLog", "Topic"]

WALL = 1_777_629_600.0
"""Seconds since 1970 at the simulation's beginning."""

STILL = "still-"
"""How the names of contacts begin that are judged by what Loops has of them."""

_MARK = re.compile(rb'"#([^"]+)":')
"""The name of a property that tells which plan's request it is: where plans are merged, each has left its own."""


@dataclass(slots=True, eq=False)
class Entry:
    """One record."""

    offset: int
    arrives_s: float
    wanted: Wanted | None = None
    """None where no rule wants it."""
    plans: Told = ()
    excused: bool = False
    """Retention took it before it was read."""
    undelivered: bool = False
    """The client has passed over it, and reads it again only when told to."""
    at_risk: bool = False
    """So has perhaps a commit: whoever crashes before the next one loses it."""
    to_pass_over: bool = False
    """The client will pass over it when it comes to it."""

    def wanted_by(self, mapping: str) -> Wanted | None:
        """What a version of the mapping, named by its digest, makes of it."""
        if self.wanted is None or len(self.plans) == 1:
            return self.wanted
        count = len(self.plans)
        made = sorted(self.plans, key=lambda planned: place_under(mapping, planned.number, count))
        return Wanted(self.wanted.record, tuple(planned.plan for planned in made))


class PartitionLog:
    """The records of one partition in offset order, with gaps."""

    def __init__(self, tp: TopicPartition) -> None:
        """Empty."""
        self.tp = tp
        self.entries: list[Entry] = []
        self.offsets: list[int] = []
        self.visible = 0
        """How many have arrived."""
        self.low = 0
        """What lies below is gone."""

    def add(self, entry: Entry) -> None:
        """One more; it becomes visible by :meth:`arrive`."""
        self.entries.append(entry)
        self.offsets.append(entry.offset)

    def arrive(self, now: float) -> bool:
        """Makes visible what has arrived by now. Returns whether anything was."""
        before = self.visible
        while self.visible < len(self.entries) and self.entries[self.visible].arrives_s <= now:
            self.visible += 1
        return self.visible > before

    def index(self, offset: int) -> int:
        """Of the first entry at or above an offset."""
        return bisect_left(self.offsets, offset)

    def between(self, first: int, end: int) -> list[Entry]:
        """The entries from one offset to below another."""
        return self.entries[self.index(first) : self.index(end)]

    def entry(self, offset: int) -> Entry | None:
        """The record that lies at an offset."""
        index = self.index(offset)
        return self.entries[index] if index < len(self.offsets) and self.offsets[index] == offset else None

    def skip_to_low(self, position: int) -> int:
        """Where reading goes on that stood at ``position``; what retention took on the way is excused."""
        for entry in self.between(position, self.low):
            entry.excused = True
        return max(position, self.low)

    def read(
        self, position: int, records_max: int, mapping: SimulatedMapping, *, by_owner: bool
    ) -> tuple[Received | None, int, list[Entry]]:
        """What a read from ``position`` brings, where the next one begins, and what was passed over on the way.

        ``by_owner``: the reader was not put out of the group.
        """
        start = self.index(position)
        end = min(start + records_max, self.visible)
        if end <= start:
            return None, position, []
        received, passed_over = Received(mapping=mapping.rules.digest), []
        following = -1
        for entry in self.entries[start:end]:
            if entry.to_pass_over and by_owner:
                entry.to_pass_over, entry.undelivered, entry.at_risk = False, True, True
                passed_over.append(entry)
                continue
            entry.undelivered = entry.undelivered and not by_owner
            if entry.offset == following:
                received.runs[-1] = (received.runs[-1][0], entry.offset)
            else:
                received.runs.append((entry.offset, entry.offset))
            following = entry.offset + 1
            received.records += 1
            if (wanted := entry.wanted_by(received.mapping)) is not None:
                received.wanted.append(wanted)
        received.last_timestamp_ms = int((WALL + self.entries[end - 1].arrives_s) * 1000)
        return received, self.offsets[end - 1] + 1, passed_over


@dataclass(slots=True, eq=False)
class Topic:
    """All partitions, and every plan by what its request looks like on the wire."""

    logs: dict[TopicPartition, PartitionLog] = field(default_factory=dict)
    planned: dict[bytes, Planned] = field(default_factory=dict)
    by_body: dict[bytes, Told] = field(default_factory=dict)
    by_user: dict[str, Told] = field(default_factory=dict)
    """Those that ask whether their contact is there: each is the only one about its userId."""
    still: dict[str, StillContact] = field(default_factory=dict)
    """By userId and by email."""
    passed_over: dict[TopicPartition, list[Entry]] = field(default_factory=dict)
    """Records that the client fails to deliver once."""

    def told_of(self, request: HttpRequest) -> Told:
        """Which plans a request tells of; none for a probe, nor where that cannot be told by its body."""
        body = request.body
        if body is None:
            return self.by_user.get(request.query.get("userId", ""), ())
        marks = _MARK.findall(body)
        if marks:
            return tuple(map(self.planned.__getitem__, marks))
        return self.by_body.get(body, ())

    def still_of(self, request: HttpRequest) -> StillContact | None:
        """Whose a request is, if that is a contact judged by what Loops has of it."""
        body = request.body
        if body is None or STILL.encode() not in body:
            return None
        told = orjson.loads(body)
        return self.still[told.get("userId") or told["email"].lower()]

    def still_lanes_of(self, request: HttpRequest) -> tuple[str, ...]:
        """The lanes of a request about such a contact."""
        told = orjson.loads(request.body or b"{}")
        names = ("e" + told.get("email", "").lower(), "u" + told.get("userId", ""))
        return tuple(name for name in names if len(name) > 1)

    def disturb(self, tp: TopicPartition) -> None:
        """Some of a partition is begun anew."""
        for still in self.still.values():
            still.disturbed = still.disturbed or still.plans[0].tp == tp

    def all_planned(self) -> list[Planned]:
        """Every plan."""
        return [planned for log in self.logs.values() for entry in log.entries for planned in entry.plans]
