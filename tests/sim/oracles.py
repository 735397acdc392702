"""What must hold in every simulated run, each a small class that fails the run by name."""

from __future__ import annotations

from collections import defaultdict

from consumer.core.effect import Attempt
from consumer.core.outcome import Outcome
from consumer.core.record import TopicPartition
from consumer.core.request import Call
from tests.sim.world import Replica, World

__all__ = [
    "CommitNeverPassesUnfinished",
    "GoesOnByItself",
    "InOrderPerContact",
    "NothingLost",
    "OneOnTheWirePerContact",
    "OnlyTheOwnerCommits",
    "RateHolds",
    "RecordsAdd",
]


class NothingLost:
    """Every wanted record took effect or lies in the dead letters."""

    def __init__(self, world: World) -> None:
        """Looks at the end."""
        self._world = world

    def at_the_end(self) -> None:
        """Holds the logs against what came of them."""
        world = self._world
        for tp, log in world.logs.items():
            for offset, entry in enumerate(log):
                if entry.user is None and not entry.junk:
                    continue
                done = f"{tp.partition}/{offset}" in world.loops.keys or (tp, offset) in world.letters
                assert done, f"NothingLost: {tp} {offset} of {entry.user}"


class GoesOnByItself:
    """When the faults are over, everything is committed to the end."""

    def __init__(self, world: World) -> None:
        """Looks at the end."""
        self._world = world

    def at_the_end(self) -> None:
        """Holds the commits against the logs' ends."""
        for tp, log in self._world.logs.items():
            assert len(log) == self._world.committed.get(tp, 0), f"GoesOnByItself: {tp}"


class InOrderPerContact:
    """What took effect of one contact took effect in the order of its records."""

    def __init__(self, world: World) -> None:
        """Looks at the end."""
        self._world = world

    def at_the_end(self) -> None:
        """Holds each contact's effects against their offsets; a contact's records lie in one partition."""
        last: dict[str, int] = {}
        for user, key in self._world.loops.effects:
            offset = int(key.split("/")[1])
            assert last.get(user, -1) < offset, f"InOrderPerContact: {user} {offset} after {last.get(user)}"
            last[user] = offset


class OneOnTheWirePerContact:
    """A replica never has two requests of one contact on the wire."""

    def __init__(self, world: World) -> None:
        """Listens to what leaves and what is answered."""
        self._on_wire: defaultdict[int, set[str]] = defaultdict(set)
        world.on_send.append(self._sent)
        world.on_answer.append(self._answered)

    def _sent(self, replica: Replica, attempt: Attempt) -> None:
        for lane in attempt.lanes:
            assert lane not in self._on_wire[replica.name], f"OneOnTheWirePerContact: {lane}"
            self._on_wire[replica.name].add(lane)

    def _answered(self, replica: Replica, attempt: Attempt, _: Outcome) -> None:
        self._on_wire[replica.name] -= set(attempt.lanes)

    def at_the_end(self) -> None:
        """It is judged as it happens."""


class CommitNeverPassesUnfinished:
    """A commit leaves no record below it that neither took effect nor is in the dead letters."""

    def __init__(self, world: World) -> None:
        """Listens to commits."""
        self._world = world
        world.on_commit.append(self._committed)

    def _committed(self, _: Replica, tp: TopicPartition, offset: int) -> None:
        world = self._world
        for below in range(world.committed.get(tp, 0), offset):
            entry = world.logs[tp][below]
            if entry.user is not None or entry.junk:
                done = f"{tp.partition}/{below}" in world.loops.keys or (tp, below) in world.letters
                assert done, f"CommitNeverPassesUnfinished: {tp} {below} < {offset}"

    def at_the_end(self) -> None:
        """It is judged as it happens."""


class OnlyTheOwnerCommits:
    """No commit comes from a replica whose partition is another's, and none goes back."""

    def __init__(self, world: World) -> None:
        """Listens to commits."""
        self._world = world
        world.on_commit.append(self._committed)

    def _committed(self, replica: Replica, tp: TopicPartition, offset: int) -> None:
        assert self._world.owner.get(tp) is replica, f"OnlyTheOwnerCommits: {tp} by {replica.name}"
        assert self._world.committed.get(tp, 0) <= offset, f"OnlyTheOwnerCommits: {tp} back to {offset}"

    def at_the_end(self) -> None:
        """It is judged as it happens."""


class RateHolds:
    """No second sees more departures of all replicas together than the team may send."""

    def __init__(self, world: World) -> None:
        """Listens to what leaves."""
        self._left: list[float] = []
        self._world = world
        world.on_send.append(self._sent)

    def _sent(self, _: Replica, attempt: Attempt) -> None:
        rate = self._world.policy.rate_per_s
        self._left.append(self._world.now)
        if len(self._left) > rate:
            span_s = self._left[-1] - self._left[-1 - rate]
            assert span_s > 1.0, f"RateHolds: {rate + 1} within {span_s:.3f} s at {self._world.now:.3f}"
        assert attempt.request.call is Call.API_KEY or attempt.lanes

    def at_the_end(self) -> None:
        """It is judged as it happens."""


class RecordsAdd:
    """Received is the sum of fates, in flight, and handed back."""

    def __init__(self, world: World) -> None:
        """Looks at the end."""
        self._world = world

    def at_the_end(self) -> None:
        """For each replica, dead ones too."""
        for replica in self._world.replicas:
            pipeline = replica.pipeline
            added = sum(pipeline.fates.values()) + pipeline.in_flight + pipeline.handed_back
            assert pipeline.received == added, f"RecordsAdd: {pipeline.received} != {added}"
