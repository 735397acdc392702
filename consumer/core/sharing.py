"""What this replica tells the group of what it wants, and when it reads what the others do.

It stands beside the committed offsets (:mod:`consumer.core.demand`), so the group's coordinator is all that is needed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from consumer.core.demand import Demand
from consumer.core.demand_meter import DemandMeter
from consumer.core.effect import Committed
from consumer.core.partition import Partition
from consumer.core.policy import Policy
from consumer.core.quota import Owned, Quota
from consumer.core.record import TopicPartition

__all__ = ["READ_EVERY_S", "TELL_EVERY_S", "Sharing"]

READ_EVERY_S = 2.0
"""How often what the other replicas want is read, where there may be others: what one gives up another has within five
seconds or so, for two small requests of the brokers in that time."""

TELL_EVERY_S = 0.5
"""Seconds between two commits that tell of a want alone, at least."""


class Sharing:
    """The quota, what feeds it, and what is told of it."""

    __slots__ = (
        "_every_s",
        "_meter",
        "_partitions",
        "_places",
        "_read_at",
        "_reading",
        "_tell_at",
        "_telling_at",
        "margin_s",
        "quota",
    )

    def __init__(self, policy: Policy, partitions: Mapping[TopicPartition, Partition], *, now: float) -> None:
        """Reads the partitions as they change."""
        self._every_s = policy.demand_every_s
        self._partitions = partitions
        self.quota = Quota(
            policy.rate_per_s,
            policy.reserve_per_s,
            now=now,
            follows=policy.follows_limit,
            shares=self.shares,
            replaces=policy.replaces,
        )
        self._meter = DemandMeter()
        self._places: dict[TopicPartition, int] = {}
        """Of each of ours among them, in order: what is told of all together is split by it."""
        self._read_at = -math.inf
        self._reading = False
        self._telling_at = self._tell_at = -math.inf
        self.margin_s = 0.0
        """What the pacer has learned to add to the second, told too; 0: nothing yet."""

    @property
    def shares(self) -> bool:
        """Whether there may be others."""
        return self._every_s < math.inf

    def share_out(self, total: Sequence[TopicPartition], *, now: float, wall: float) -> None:
        """Other partitions are ours, of all there is."""
        owned = [Owned(tp, one.epoch, one.committed) for tp, one in self._partitions.items() if not one.revoked]
        self._places = {tp: place for place, tp in enumerate(sorted(one.tp for one in owned))}
        self.quota.assign(owned, total, now=now, wall=wall)

    def leave(self, now: float) -> None:
        """A request leaves."""
        if self.shares:
            self._meter.leave(now)

    def look(self, waiting: int, *, now: float) -> None:
        """So many requests could leave now, were there slots for them."""
        if not self.shares or not self._meter.is_due(waiting, now):
            return
        self._meter.look(waiting, now)
        tellable = [tp for tp in self._places if self._partitions[tp].may_be_committed]
        wanted = self._meter.wanted_per_s(self.quota.rate_per_s) if tellable else 0
        each, more = divmod(wanted, max(1, len(tellable)))
        wants = {tp: each + (place < more) for place, tp in enumerate(tellable)}
        self.quota.intend(wants, idle=not wanted)

    def untold(self, *, now: float) -> Collection[TopicPartition]:
        """Partitions of which a commit is due though nothing became final, as the group has to hear what is wanted."""
        if not self.shares or now < self._tell_at:
            return ()
        return {tp for tp in self.quota.untold(now=now) if self._partitions[tp].may_be_committed}

    def demand(self, tp: TopicPartition, *, now: float, wall: float) -> Demand | None:
        """What to put beside an offset; None where this process is alone."""
        wish = self.quota.wish(tp)
        if not self.shares or wish is None:
            return None
        wish.begin_telling()
        each, more = divmod(math.ceil(self._meter.sent_per_s(now)), len(self._places))
        sent = each + (self._places[tp] < more)
        settled = wish.settled(wish.intended)
        return Demand(int(wall), wish.intended, sent, wish.idle, round(self.margin_s * 1000), settled)

    def telling(self, *, now: float) -> None:
        """A commit begins."""
        self._telling_at, self._tell_at = now, now + TELL_EVERY_S

    def told(self, tp: TopicPartition, demand: Demand | None, *, now: float) -> None:
        """It was taken; None: it holds none."""
        if self.shares:
            self.quota.told(tp, demand, begun_at=self._telling_at, now=now)

    def to_read(self, *, now: float) -> tuple[TopicPartition, ...]:
        """Partitions of others whose wants are to be read now; empty where nothing is due."""
        if self._reading or now < self._read_at + self._every_s:
            return ()
        if self.quota.others:
            self._reading, self._read_at = True, now
        return self.quota.others

    def read(self, positions: Committed | None) -> None:
        """What the group has for these; None: it could not be read."""
        self._reading = False
        if positions is not None:
            self.quota.heard(positions, begun_at=self._read_at)

    def next_at(self, *, now: float) -> float:
        """When something is due by time alone, monotonic seconds; infinite if never."""
        at = self.quota.next_change_at()
        if self.shares and self.quota.others:
            at = min(at, self._meter.next_look_at())
            if not self._reading:
                at = min(at, max(now, self._read_at + self._every_s))
            at = min(at, max(self._tell_at, self.quota.next_telling_at(now=now)))
        return at
