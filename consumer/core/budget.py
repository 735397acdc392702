"""How many requests of a rule may leave within an hour: a mapping gone wrong mails thousands, and not all there are."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

__all__ = ["Budgets"]

_MINUTE_S = 60.0
_MINUTES = 60


@dataclass(slots=True)
class _Hour:
    """What left, by the minute. One counts until the minute an hour after its own is over, so no hour sees more."""

    minutes: deque[list[int]] = field(default_factory=deque)
    """Each with its number and its count, ascending; at most 61."""
    total: int = 0

    def forget(self, minute: int) -> None:
        while self.minutes and self.minutes[0][0] < minute - _MINUTES:
            self.total -= self.minutes.popleft()[1]

    def add(self, minute: int) -> None:
        if not self.minutes or self.minutes[-1][0] != minute:
            self.minutes.append([minute, 0])
        self.minutes[-1][1] += 1
        self.total += 1


class Budgets:
    """Counts what leaves this process, against its part of what a rule allows over all replicas.

    The part is that of the partitions, rounded down; 1 while there are any. What a former owner of a partition had
    left is not known: an hour in which partitions move may see more than the rule allows.
    """

    __slots__ = ("_all", "_hours", "_owned")

    def __init__(self) -> None:
        """Nothing is owned, and nothing has left."""
        self._owned, self._all = 0, 1
        self._hours: dict[str, _Hour] = {}

    def share_out(self, owned: int, partitions: int) -> None:
        """So many of all partitions are ours."""
        self._owned, self._all = owned, max(1, partitions)

    def part(self, max_per_hour: int) -> int:
        """Requests an hour that are this process' own."""
        return max(1, max_per_hour * self._owned // self._all) if self._owned else 0

    def is_spent(self, rule: str, max_per_hour: int, *, now: float) -> bool:
        """Whether no further request of a rule may leave now (monotonic seconds)."""
        hour = self._hours.get(rule)
        if hour is None:
            return self.part(max_per_hour) == 0
        hour.forget(int(now // _MINUTE_S))
        return hour.total >= self.part(max_per_hour)

    def spend(self, rule: str, *, now: float) -> None:
        """One leaves."""
        self._hours.setdefault(rule, _Hour()).add(int(now // _MINUTE_S))
