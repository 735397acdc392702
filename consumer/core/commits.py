"""When to commit, and what."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from consumer.core.effect import Committable
from consumer.core.partition import Partition
from consumer.core.policy import Policy
from consumer.core.record import TopicPartition

__all__ = ["Commits"]


class Commits:
    """One commit is under way at a time: as soon as a wanted record is finished; for filtering alone once a second.

    Two are at least the policy's ``commit_every_s`` apart.
    """

    __slots__ = ("_at", "_filtered", "_finished", "_not_before", "_policy", "_under_way")

    def __init__(self, policy: Policy) -> None:
        """Nothing to commit."""
        self._policy = policy
        self._under_way = False
        self._finished = False
        self._filtered = False
        self._at = -math.inf
        self._not_before = -math.inf

    @property
    def idle(self) -> bool:
        """Whether none is under way, and none is owed for a finished record."""
        return not (self._under_way or self._finished)

    def record_finished(self) -> None:
        """A record that a rule wanted is final."""
        self._finished = True

    def records_filtered(self) -> None:
        """Something was read."""
        self._filtered = True

    def begin(self, partitions: Iterable[Partition], *, now: float) -> Mapping[TopicPartition, Committable]:
        """What to commit now; empty where nothing is, or not yet."""
        due = self._finished or (self._filtered and now >= self._at)
        if self._under_way or not due or now < self._not_before:
            return {}
        self._finished = self._filtered = False
        positions: dict[TopicPartition, Committable] = {}
        for partition in partitions:
            if (position := partition.to_commit(partition.asked)) is not None:
                positions[partition.tp] = position
                partition.asked = position.offset
        self._under_way = bool(positions)
        if positions:
            self._at, self._not_before = now + self._policy.commit_filtered_s, now + self._policy.commit_every_s
        return positions

    def ended(self) -> None:
        """The one under way was taken."""
        self._under_way = False

    def failed(self, *, now: float) -> None:
        """The one under way was not; what it held is owed again."""
        self._under_way = False
        self._finished = True
        self._not_before = now + self._policy.commit_retry_s

    def next_at(self) -> float:
        """When :meth:`begin` has something by time alone, monotonic seconds; infinite if never."""
        if self._under_way or not (self._finished or self._filtered):
            return math.inf
        return max(self._not_before, -math.inf if self._finished else self._at)
