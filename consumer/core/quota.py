"""Which part of the team's limit is this replica's own, by the partitions that it has."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from consumer.core.record import TopicPartition

__all__ = ["EPOCH_S", "SETTLE_S", "Quota", "dealt"]

EPOCH_S = 60.0
"""Seconds of wall clock for which one dealing holds; shorter ones cost rate at each change."""

_FORMER_MAX = 8
"""Former numbers of partitions that others may still deal by; they ask each minute at the latest."""

SETTLE_S = 1.2
"""Seconds before a larger part is used: the limit's window plus 0.2 s by which the replicas' clocks may differ."""

_GOLDEN = (math.sqrt(5) - 1) / 2


def dealt(rate: int, total: Sequence[TopicPartition], owned: Collection[TopicPartition], epoch: int) -> int:
    """How many of the ``rate`` slots of an epoch fall on the partitions ``owned``.

    Over any split of ``total`` (all partitions of all subscribed topics, sorted) among replicas these sum to ``rate``.
    The slots go round all partitions in a spread order, so that each partition has its turn.
    """
    count = len(total)
    if count == 0:
        return 0
    step = _spread_step(count)
    return sum(1 for slot in range(rate) if total[(epoch * rate + slot) * step % count] in owned)


def _spread_step(count: int) -> int:
    """A step that visits all of ``count`` places, neighbours in time far apart in place."""
    step = max(1, round(count * _GOLDEN))
    while math.gcd(step, count) != 1:
        step += 1
    return step


class Quota:
    """A replica's slots as time and assignments pass: less at once, more only after :data:`SETTLE_S`.

    Whoever had a slot before may have used it within the last window, so a raise waits that long. Only a process that
    takes the place of a dead one, and is given every partition at first, may count that wait from its own birth. Any
    other may have been born long before the former owner's last request.
    """

    __slots__ = (
        "_born",
        "_ceiling",
        "_dealt",
        "_dealt_for",
        "_former",
        "_former_until",
        "_owned",
        "_rate",
        "_reserve",
        "_rise_at",
        "_slots",
        "_target",
        "_total",
        "_virgin",
    )

    def __init__(self, rate: int, reserve: int = 0, *, now: float, replaces: bool = False) -> None:
        """``rate``: the team's requests a second, ``reserve`` what others have of it. Nothing is owned yet.

        ``replaces``: this process takes the place of one that was dead before it was born.
        """
        self._ceiling = rate
        self._reserve = reserve
        self._rate = rate - reserve
        self._born = now
        self._virgin = replaces
        self._former: tuple[tuple[TopicPartition, ...], ...] = ()
        """What was all there is, by which others may still deal."""
        self._former_until = math.inf
        self._owned: frozenset[TopicPartition] = frozenset()
        self._dealt = 0
        self._dealt_for: tuple[int, int] | None = None
        """The rate and the epoch that ``_dealt`` is for: dealing takes as long as there are slots."""
        self._total: tuple[TopicPartition, ...] = ()
        self._slots = 0
        self._target = 0
        self._rise_at = math.inf

    @property
    def rate_per_s(self) -> int:
        """What is divided: the team's requests a second, less the reserve."""
        return self._rate

    def assign(self, owned: Collection[TopicPartition], total: Sequence[TopicPartition]) -> None:
        """What is owned now, of all there is. Takes effect at the next :meth:`slots`.

        Where ``total`` changes, others may still deal by the old one: for as long as an epoch lasts the smallest part
        by any of them counts.
        """
        if self._total and tuple(total) != self._total:
            self._former = (*self._former, self._total)[-_FORMER_MAX:]
            self._former_until = math.inf
        self._owned, self._total = frozenset(owned), tuple(total)
        self._virgin = self._virgin and len(self._owned) == len(self._total)
        self._dealt_for = None

    def heard(self, limit: int) -> None:
        """Loops says that the team's limit is this; it may lower what is set, never raise it."""
        self._rate = max(1, min(self._ceiling, limit) - self._reserve)

    def slots(self, *, now: float, wall: float) -> int:
        """Requests a second that are this replica's own at this moment."""
        if self._former and self._former_until == math.inf:
            self._former_until = now + EPOCH_S
        if now >= self._former_until:
            self._former, self._former_until, self._dealt_for = (), math.inf, None
        dealing = (self._rate, int(wall // EPOCH_S))
        if dealing != self._dealt_for:
            totals = (self._total, *self._former)
            self._dealt = min(dealt(self._rate, total, self._owned, dealing[1]) for total in totals)
            self._dealt_for = dealing
        target = self._dealt
        if target != self._target:
            self._target = target
            settle_from = self._born if self._virgin and target == self._rate else now
            self._rise_at = settle_from + SETTLE_S
            self._virgin = False
        if self._target <= self._slots or now >= self._rise_at:
            self._slots = self._target
            self._rise_at = math.inf
        return self._slots

    def next_change_at(self, *, now: float, wall: float) -> float:
        """When to ask again, monotonic seconds: the end of the epoch or of a settling time, whichever is first."""
        return min(self._rise_at, self._former_until, now + EPOCH_S - wall % EPOCH_S)
