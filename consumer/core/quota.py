"""Which part of the team's limit is this replica's own, by the partitions that it has and by what the group wants."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from consumer.core.completions import demand_of
from consumer.core.demand import Demand
from consumer.core.effect import Committable, Committed
from consumer.core.record import TopicPartition
from consumer.core.shares import Want, divided
from consumer.core.wish import LEASE_S, STALE_S, Wish

__all__ = ["EPOCH_S", "REFRESH_S", "SETTLE_S", "Owned", "Quota"]

EPOCH_S = 60.0
"""Seconds of wall clock for which one dealing holds; shorter ones cost rate at each change."""

SETTLE_S = 1.2
"""Seconds before a larger part is used: the limit's window plus 0.2 s by which the replicas' clocks may differ."""

REFRESH_S = 5.0
"""Seconds after which a want is told again: before it is taken for that of a dead owner."""

_FORMER_MAX = 8
"""Former numbers of partitions that others may still deal by; they ask each minute at the latest."""

_CLOCK_SET_S = 0.1
"""By so much the calendar's clock is set, not merely corrected; the replicas' may differ by twice as much."""

_ITS_BASE = Want(math.inf)


class Owned(NamedTuple):
    """A partition that is ours."""

    tp: TopicPartition
    epoch: int
    """Tells one assignment of it from the next."""
    committed: Committable | None


class _Heard(NamedTuple):
    """What the group had for the partitions of others."""

    demands: Mapping[TopicPartition, tuple[Demand | None, bool]]
    """With each, whether nothing was ever committed."""
    begun_at: float

    @property
    def any_idle(self) -> bool:
        """Whether a replica said that it wants nothing, or may want nothing without having said anything."""
        return any(demand is None or demand.idle for demand, _ in self.demands.values())


class Quota:
    """A replica's slots as time, assignments and wants pass: less at once, more only after :data:`SETTLE_S`.

    Whoever had a slot before may have used it within the last window, so a raise waits that long. Only a process that
    takes the place of a dead one, and is given every partition at first, may count that wait from its own birth. Any
    other may have been born long before the former owner's last request.
    """

    __slots__ = (
        "_born",
        "_ceiling",
        "_former",
        "_former_until",
        "_heard",
        "_reserve",
        "_sent_by_others",
        "_shares",
        "_targets",
        "_total",
        "_valid_until",
        "_virgin",
        "_wall_ahead_s",
        "_wishes",
        "others",
        "rate_per_s",
    )

    def __init__(
        self,
        rate: int,
        reserve: int = 0,
        *,
        now: float,
        follows: bool = False,
        shares: bool = False,
        replaces: bool = False,
    ) -> None:
        """``rate``: the team's requests a second, ``reserve`` what others have of it. Nothing is owned yet.

        ``follows``: Loops' answers may raise the rate. ``shares``: wants are told and heard; else each has its base.
        ``replaces``: this process takes the place of one that was dead before it was born.
        """
        self._ceiling: float = math.inf if follows else rate
        self._reserve = reserve
        self.rate_per_s = max(1, rate - reserve)
        """What is divided: the team's requests a second, less the reserve."""
        self._shares = shares
        self._born = now
        self._virgin = replaces
        self._total: tuple[TopicPartition, ...] = ()
        self._former: tuple[tuple[TopicPartition, ...], ...] = ()
        """What was all there is, by which others may still deal."""
        self._former_until = math.inf
        self.others: tuple[TopicPartition, ...] = ()
        """All that are not ours: whose wants are to be read. Empty where nothing is shared."""
        self._wishes: dict[TopicPartition, tuple[int, Wish]] = {}
        self._heard = _Heard({}, -math.inf)
        self._targets: deque[tuple[float, int]] = deque([(-math.inf, 0)])
        """What the part was since when, within :data:`SETTLE_S`."""
        self._valid_until = -math.inf
        self._wall_ahead_s = 0.0
        """What the calendar's clock was ahead of the other."""
        self._sent_by_others: float | None = None
        """What :attr:`sent_by_others_per_s` was found to be, until something changes."""

    @property
    def owned(self) -> Collection[TopicPartition]:
        """The partitions that count as ours."""
        return self._wishes.keys()

    @property
    def wanted_per_s(self) -> int:
        """What is wanted for all of ours."""
        return sum(wish.intended for _, wish in self._wishes.values())

    @property
    def is_idle(self) -> bool:
        """Whether nothing is wanted for any of ours."""
        return all(wish.idle for _, wish in self._wishes.values())

    def wish(self, tp: TopicPartition) -> Wish | None:
        """What is wanted for one of ours; None where it is not."""
        known = self._wishes.get(tp)
        return None if known is None else known[1]

    def heard_ago_s(self, *, now: float) -> float:
        """Seconds since the others' wants were read; infinite if never."""
        return now - self._heard.begun_at

    @property
    def others_told(self) -> list[int]:
        """When others told what they want, seconds since 1970: for each of their partitions of which it is known."""
        return [demand.wall_s for demand in self._told_by_others()]

    def margins_of_others_s(self, *, wall: float) -> list[float]:
        """What their pacers learned, of each of their partitions: of those that told it lately, and are not idle."""
        lately = [one for one in self._told_by_others() if not one.idle and wall - one.wall_s < STALE_S]
        return [demand.margin_ms / 1000 for demand in lately if demand.margin_ms]

    @property
    def sent_by_others_per_s(self) -> float:
        """What the group's other members said that they send; infinite: not all of them have."""
        if self._sent_by_others is None:
            self._sent_by_others = self._sent(tp for tp in self._total if tp not in self._wishes)
        return self._sent_by_others

    def assign(self, owned: Iterable[Owned], total: Sequence[TopicPartition], *, now: float, wall: float) -> None:
        """What is owned now, of all there is.

        It is aimed at now, though nobody may ask for it before the next change: what was less meanwhile was another's.
        Where ``total`` changes, others may still deal by the old one: for as long as an epoch lasts the smallest part
        by any of them counts.
        """
        if self._total and tuple(total) != self._total:
            self._former = (*self._former, self._total)[-_FORMER_MAX:]
            self._former_until = now + EPOCH_S
        before = self._wishes
        self._wishes = {}
        for tp, epoch, committed in owned:
            known = before.get(tp)
            self._wishes[tp] = known if known and known[0] == epoch else (epoch, _wish(committed, now, wall))
        self._total = tuple(total)
        shared = self._shares and bool(self._wishes)
        self.others = tuple(tp for tp in self._total if tp not in self._wishes) if shared else ()
        self._virgin = self._virgin and len(self._wishes) == len(self._total)
        self._changed()
        self._aim(now, wall)

    def limited(self, limit: int) -> None:
        """Loops says that the team's limit is this; it raises what is set only where the limit is followed."""
        rate = max(1, int(min(self._ceiling, limit)) - self._reserve)
        if rate != self.rate_per_s:
            self.rate_per_s = rate
            self._changed()

    def heard(self, positions: Committed, *, begun_at: float) -> None:
        """What the group has for the partitions of others, by a reading that began then (monotonic seconds)."""
        found = {
            tp: (None, True) if position is None else (demand_of(position.metadata, offset=position.offset), False)
            for tp, position in positions.items()
        }
        self._heard = _Heard(found, begun_at)
        self._changed()

    def intend(self, wants: Mapping[TopicPartition, int], *, idle: bool) -> None:
        """What is wanted for each of ours from now on."""
        for tp, (_, wish) in self._wishes.items():
            per_s = wants.get(tp, 0)
            if (per_s, idle) != (wish.intended, wish.idle):
                wish.intend(per_s, idle=idle)
                self._changed()

    def told(self, tp: TopicPartition, demand: Demand | None, *, begun_at: float, now: float) -> None:
        """The group has this of one of ours, by a commit that began then (monotonic seconds); None: no room for it."""
        if (known := self._wishes.get(tp)) is None:
            return
        wish = known[1]
        if wish.not_tell(now=now) if demand is None else wish.tell(demand, begun_at=begun_at, now=now):
            self._changed()

    def untold(self, *, now: float) -> list[TopicPartition]:
        """Ours of which the group has to hear: of another want, or of the same one again."""
        if not self.others:
            return []
        return [tp for tp, (_, wish) in self._wishes.items() if _telling_at(wish) <= now]

    def next_telling_at(self, *, now: float) -> float:
        """When the group has to hear the next one again, monotonic seconds."""
        times = (_telling_at(wish) for _, wish in self._wishes.values())
        return min((at for at in times if at > now), default=math.inf)

    def slots(self, *, now: float, wall: float) -> int:
        """Requests a second that are this replica's own at this moment."""
        if now >= self._valid_until or abs(wall - now - self._wall_ahead_s) > _CLOCK_SET_S:
            self._wall_ahead_s = wall - now
            self._aim(now, wall)
        while len(self._targets) > 1 and self._targets[1][0] + SETTLE_S <= now:
            self._targets.popleft()
        return min(target for _, target in self._targets)

    def next_change_at(self) -> float:
        """When to ask again, monotonic seconds: the next moment at which :meth:`slots` may be another."""
        settled = self._targets[1][0] + SETTLE_S if len(self._targets) > 1 else math.inf
        return min(settled, self._valid_until)

    def _told_by_others(self) -> list[Demand]:
        return [demand for demand, _ in self._heard.demands.values() if demand is not None]

    def _changed(self) -> None:
        self._valid_until = -math.inf
        self._sent_by_others = None

    def _sent(self, others: Iterable[TopicPartition]) -> float:
        sent = 0.0
        for tp in others:
            demand, never_committed = self._heard.demands.get(tp, (None, False))
            if demand is None and not never_committed:
                return math.inf
            sent += 0 if demand is None else demand.sent_per_s
        return sent

    def _aim(self, now: float, wall: float) -> None:
        if now >= self._former_until:
            self._former, self._former_until = (), math.inf
        epoch = int(wall // EPOCH_S)
        target = min(self._part(total, epoch, now, wall) for total in (self._total, *self._former))
        if target != self._targets[-1][1]:
            since = self._born if self._virgin and target == self.rate_per_s else now
            self._virgin = False
            self._targets.append((since, target))
        times = [
            now + EPOCH_S - wall % EPOCH_S,
            self._former_until,
            *(wish.next_change_at(now=now, wall=wall) for _, wish in self._wishes.values()),
            self._heard.begun_at + LEASE_S,
            *(now + demand.wall_s + STALE_S - wall for demand in self._told_by_others()),
        ]
        self._valid_until = min(at for at in times if at > now)

    def _part(self, total: Sequence[TopicPartition], epoch: int, now: float, wall: float) -> int:
        """Our part of the rate, were these all partitions."""
        if not self._wishes or not total:
            return 0
        if all(tp in self._wishes for tp in total):
            return self.rate_per_s
        known = now < self._heard.begun_at + LEASE_S
        wants = [self._want(tp, now, wall, known=known) for tp in total]
        idle = self._keeps_idle_slot and (self.is_idle or not known or self._heard.any_idle)
        parts = divided(self.rate_per_s, wants, idle=idle, epoch=epoch)
        part = sum(slots for tp, slots in zip(total, parts, strict=True) if tp in self._wishes)
        return max(part, 1) if self.has_idle_slot(now=now) else part

    @property
    def _keeps_idle_slot(self) -> bool:
        """Whether one slot is set aside for all idle replicas: of one alone nothing would be left to the others."""
        return self._shares and self.rate_per_s > 1

    def has_idle_slot(self, *, now: float) -> bool:
        """Whether one may leave in the slot of all idle replicas: nothing is wanted, or not all can have heard of it.

        For a moment that may be one too many: who has just become idle is not known as idle.
        """
        return self._keeps_idle_slot and all(wish.counts_as_idle(now=now) for _, wish in self._wishes.values())

    def _want(self, tp: TopicPartition, now: float, wall: float, *, known: bool) -> Want:
        if not self._shares:
            return _ITS_BASE
        if (ours := self._wishes.get(tp)) is not None:
            return ours[1].want(now=now, wall=wall)
        demand, never = self._heard.demands.get(tp, (None, False))
        if not known or (demand is None and not never):
            return Want(self.rate_per_s, more=True)  # it may want all, and know that we do not
        if demand is None:
            return Want(0)
        return Want(demand.wants_per_s, more=wall - demand.wall_s < STALE_S)


def _telling_at(wish: Wish) -> float:
    if not wish.is_told:
        return -math.inf
    return wish.told_at + REFRESH_S if wish.intended else math.inf


def _wish(committed: Committable | None, now: float, wall: float) -> Wish:
    demand = None if committed is None else demand_of(committed.metadata, offset=committed.offset)
    return Wish(demand, never_committed=committed is None, now=now, wall=wall)
