"""When to commit, and what."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

from consumer.core.completions import DEMAND_TEXT_BYTES
from consumer.core.demand import Demand
from consumer.core.effect import Commit, Committable
from consumer.core.partition import Partition
from consumer.core.policy import Policy
from consumer.core.record import TopicPartition
from consumer.core.refusals import Room
from consumer.core.sharing import Sharing

__all__ = ["METADATA_TOO_LARGE", "Commits"]

METADATA_TOO_LARGE = "OFFSET_METADATA_TOO_LARGE"
"""The client's name for: the broker allows less beside an offset (its ``offset.metadata.max.bytes``)."""

_LATENCY_WEIGHT = 0.1
"""Of a new measurement in the running mean of latency."""


class Commits:
    """One commit is under way at a time: as soon as a wanted record is finished; for filtering alone once a second.

    Two are at least the policy's ``commit_every_s`` apart.
    """

    __slots__ = (
        "_at",
        "_began_at",
        "_filtered",
        "_finished",
        "_not_before",
        "_policy",
        "_sharing",
        "_telling",
        "_under_way",
        "latency_s",
        "mapping",
        "metadata_bytes_max",
        "uncommitted",
    )

    def __init__(self, policy: Policy, sharing: Sharing, mapping: int = 0) -> None:
        """Nothing to commit; ``mapping`` is the fingerprint of the mapping in use."""
        self._policy = policy
        self._sharing = sharing
        self._telling: dict[TopicPartition, Demand | None] = {}
        """What the commit under way tells of each partition."""
        self.mapping = mapping
        self._under_way = False
        self._finished = False
        self._filtered = False
        self._at = -math.inf
        self._not_before = -math.inf
        self._began_at = 0.0
        self.latency_s = 0.0
        """A running mean, from asking for a commit to its end."""
        self.metadata_bytes_max = policy.metadata_bytes_max
        """What may stand beside an offset; about half when the broker says that it is too much."""
        self.uncommitted = 0
        """Requests that had their last answer and are in no commit that was taken: a crash would send them again."""

    @property
    def idle(self) -> bool:
        """Whether none is under way, and none is owed for a finished record."""
        return not (self._under_way or self._finished)

    @property
    def safe_after_s(self) -> float:
        """How long a request that became final waits until it is committed: for the commit under way, and its own."""
        return 2 * self.latency_s + self._policy.commit_every_s

    def record_finished(self) -> None:
        """A plan of a record is final."""
        self._finished = True

    def request_finished(self, partition: Partition) -> None:
        """So is one that was on the wire."""
        partition.uncommitted += 1
        self.uncommitted += 1

    def letter_begun(self, partition: Partition) -> None:
        """One that was on the wire becomes a dead letter: it is at stake until that is confirmed and committed."""
        partition.in_letters += 1
        self.uncommitted += 1

    def letter_confirmed(self, partition: Partition) -> None:
        """The broker has the letter; the next commit brings it to safety."""
        partition.in_letters -= 1
        partition.uncommitted += 1

    def records_filtered(self) -> None:
        """Something was read."""
        self._filtered = True

    def begin(self, partitions: Iterable[Partition], *, now: float, wall: float) -> Commit | None:
        """What to commit now; None where nothing is, or not yet."""
        progress = self._finished or (self._filtered and now >= self._at)
        if self._under_way or now < self._not_before:
            return None
        untold = self._sharing.untold(now=now)
        if not (progress or untold):
            return None
        self._finished = self._filtered = False
        positions: dict[TopicPartition, Committable] = {}
        for partition in partitions:
            demand = self._demand_of(partition, now, wall)
            position = partition.to_commit(
                partition.asked, self.mapping, self.metadata_bytes_max, demand, tell=partition.tp in untold
            )
            if position is not None:
                positions[partition.tp] = position
                self._telling[partition.tp] = demand
                partition.begin_commit(position)
            else:
                self.uncommitted -= partition.give_up_commit()
        self._under_way = bool(positions)
        if not positions:
            return None
        self._began_at = now
        self._at, self._not_before = now + self._policy.commit_filtered_s, now + self._policy.commit_every_s
        self._sharing.telling(now=now)
        return Commit(positions, "progress" if progress else "demand")

    def last_of(
        self, partitions: Iterable[Partition], *, now: float, wall: float
    ) -> Mapping[TopicPartition, Committable]:
        """What a commit would change of what the group has; nothing for those of which it would change nothing."""
        last = {}
        for partition in partitions:
            demand = self._demand_of(partition, now, wall)
            position = partition.to_commit(partition.committed, self.mapping, self.metadata_bytes_max, demand)
            if position is not None:
                last[partition.tp] = position
        return last

    def room(self, partition: Partition) -> Room:
        """What its next commit can tell of."""
        return Room(self.metadata_bytes_max, partition.watermark.offset)

    def ended(self, partitions: Iterable[tuple[Partition, Committable]], *, now: float) -> None:
        """The one under way was taken."""
        self._ended(now)
        for partition, position in partitions:
            self.uncommitted -= partition.end_commit(position)
            self._sharing.told(partition.tp, self._telling.get(partition.tp), now=now)
        self._telling.clear()

    def failed(self, partitions: Collection[Partition], error: str, *, now: float) -> None:
        """The one under way was not; what it held is owed again."""
        self._ended(now)
        self._telling.clear()
        for partition in partitions:
            partition.end_commit(None)
        self._finished = True
        self._not_before = now + self._policy.commit_retry_s
        if error == METADATA_TOO_LARGE:
            self.metadata_bytes_max = self._less_than_now(partitions)

    def forget(self, partition: Partition) -> None:
        """It is no longer ours."""
        self.uncommitted -= partition.uncommitted + partition.under_commit + partition.in_letters

    def next_at(self) -> float:
        """When :meth:`begin` has something by time alone, monotonic seconds; infinite if never."""
        if self._under_way or not (self._finished or self._filtered):
            return math.inf
        return max(self._not_before, -math.inf if self._finished else self._at)

    def _less_than_now(self, partitions: Iterable[Partition]) -> int:
        """Half, or what the group has of one of these, where that is more: less could not tell all of it again."""
        half = self.metadata_bytes_max // 2
        told = (len(one.committed.metadata) for one in partitions if one.committed is not None)
        return max((size for size in told if half < size < self.metadata_bytes_max), default=half)

    def _demand_of(self, partition: Partition, now: float, wall: float) -> Demand | None:
        """What to tell of a partition, where there is room for it."""
        has_room = self.metadata_bytes_max >= DEMAND_TEXT_BYTES
        return self._sharing.demand(partition.tp, now=now, wall=wall) if has_room else None

    def _ended(self, now: float) -> None:
        if self._under_way:
            self.latency_s += _LATENCY_WEIGHT * (now - self._began_at - self.latency_s)
        self._under_way = False
