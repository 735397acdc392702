"""Loops is left alone while it says that it wants to be, and while it is down; no call for longer than that."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from consumer.core.effect import Attempt
from consumer.core.outcome import Answer, Response
from consumer.core.request import Call, HttpRequest
from tests.sim.observing import Observer
from tests.sim.oracles.ledger import Ledger
from tests.sim.planned import Told

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["AnOutageEndsForAll", "OutagesAreSpared", "RetryAfterIsHeeded"]

_FAILURES_MAX = 25
"""Five open a call's breaker, and there are five calls."""

_ON_WIRE_MAX = 20
"""What is on the wire then fails too. Calls open one after another: up to twice what is there at Loops' limit;
at a higher rate, and without an ``on_wire_max``, as much as is there."""

_PER_S_MAX = 2.5
"""Probes begin at two a second, and a trial may follow each."""


class OutagesAreSpared(Observer):
    """While every request fails, a replica sends little more than probes."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Nothing is sent yet."""
        super().__init__(world)
        self._ledger = ledger
        ways = world.scenario.loops
        over_s = world.scenario.trouble.lasts_s
        periods = (*ways.down, *ways.silent, *ways.locked)
        self._periods = [(began + ways.timeout_s, min(ended, over_s)) for began, ended in periods]
        """Each from when the first failure is known at the latest."""
        self._sent: defaultdict[tuple[Replica, float], int] = defaultdict(int)
        self._on_wire: defaultdict[tuple[Replica, float], int] = defaultdict(lambda: _ON_WIRE_MAX)
        """The most that was on the wire at once."""

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:  # noqa: ARG002 - as declared
        """Counts."""
        now = self.world.loop.now
        for began, ended in self._periods:
            if began <= now < ended:
                at = replica, began
                self._sent[at] += 1
                self._on_wire[at] = max(self._on_wire[at], len(self._ledger.on_wire[replica]))
                if self._sent[at] > _FAILURES_MAX + self._on_wire[at] + _PER_S_MAX * (now - began):
                    self.broken(f"replica {replica.name} sent {self._sent[at]} in {now - began:.1f} s")


class AnOutageEndsForAll(Observer):
    """A call that was stopped by another's answer, with none of its own, goes on with the first that is taken again."""

    def __init__(self, world: World) -> None:
        """Nothing was answered."""
        super().__init__(world)
        self._failed_at: dict[tuple[Replica, Call], float] = {}
        """The last answer that took no request."""

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:  # noqa: ARG002 - as declared
        """Notes what may be an outage of the call's own."""
        if not (isinstance(answer, Response) and answer.status == 200 and b"{" in answer.body[:2]):
            self._failed_at[replica, request.call] = self.world.loop.now

    def turned(self, replica: Replica) -> None:
        """Whether a call is held back though none of its requests failed since, and another is not."""
        breakers = replica.pipeline.wire.outages.breakers
        held = [(call, each.since) for call, each in breakers.items() if not each.closed]
        if not held or len(held) == len(breakers):
            return
        for call, since in held:
            if self._failed_at.get((replica, call), -1.0) < since:
                now = self.world.loop.now
                self.broken(f"replica {replica.name} holds {call.value} back for {now - since:.3f} s")


class RetryAfterIsHeeded(Observer):
    """A replica that was told to come back later sends nothing until then."""

    def __init__(self, world: World) -> None:
        """Nobody is told."""
        super().__init__(world)
        self._until: dict[Replica, float] = {}

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:  # noqa: ARG002 - as declared
        """Reads when."""
        if isinstance(answer, Response) and answer.status == 429 and "retry-after" in answer.headers:
            until = self.world.loop.now + float(answer.headers["retry-after"])
            self._until[replica] = max(until, self._until.get(replica, 0.0))

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:  # noqa: ARG002 - as declared
        """Whether it may."""
        now = self.world.loop.now
        if now < self._until.get(replica, 0.0):
            self.broken(f"replica {replica.name} sent {self._until[replica] - now:.3f} s too early")
