"""The team's rate, everything that has a bound, and the sums."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

from consumer.core.effect import Attempt, Committable, Letter
from consumer.core.letters import UNDECODABLE
from consumer.core.record import TopicPartition
from tests.sim.observing import Observer
from tests.sim.oracles.ledger import Ledger
from tests.sim.oracles.limits import Limits, is_idle
from tests.sim.planned import Planned, Told

if TYPE_CHECKING:
    from tests.sim.replica import Replica
    from tests.sim.world import World

__all__ = ["EverythingBounded", "RateHolds", "RecordsAdd"]

_METADATA_BYTES_MAX = 4_095
_SECOND_S = 1.0
_MINUTE_S = 60.0
_TINY_S = 0.001
_BATCHES = 3
"""Two under way, and one that is read before a pause arrives."""

_PLANS_MAX = 3


class RateHolds(Observer):
    """No second sees more departures of all replicas together than Loops allows the team, less the reserve.

    Those that are idle may send one each all the same: all but the first of these in a second are not counted, and no
    first one of a replica of which not all can have heard that it is idle. One that was put out of the group, and
    should know it by now but does not, is not counted either.
    """

    def __init__(self, world: World, limits: Limits) -> None:
        """Nothing has left."""
        super().__init__(world)
        self._limits = limits
        self._left: deque[tuple[float, bool, bool]] = deque()
        """When, by one that is idle, and by one that has just become so."""

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:  # noqa: ARG002 - as declared
        """Probes count."""
        now, left = self.world.loop.now, self._left
        if self._limits.is_outside(replica):
            return
        idle = is_idle(replica, now)
        left.append((now, idle, idle and not self._limits.is_known_as_idle(replica)))
        while now - left[0][0] > _SECOND_S:
            left.popleft()
        all_idle = sum(1 for _, idle, _ in left if idle)
        kept = 0 if any(early for *_, early in left) else 1
        count, allowed = len(left) - max(0, all_idle - kept), self._limits.allowed_per_s()
        if count > allowed:
            self.broken(f"{count} within {now - left[0][0]:.3f} s, of {allowed} that may be")


class EverythingBounded(Observer):
    """In flight: the policy's bounds, and the batches that were under way.

    On the wire and finished without a commit together: as many as may be on the wire. Metadata: what Kafka takes.
    """

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Nothing is in flight."""
        super().__init__(world)
        policy, batch = world.scenario.policy, world.scenario.kafka.batch_records_max
        self._ledger = ledger
        self._undecodable: dict[Replica, dict[int, float]] = {}
        self._records_max = policy.in_flight_records_max + _BATCHES * batch
        self._bytes_max = policy.in_flight_bytes_max + _BATCHES * batch * world.scenario.topic.bytes_max

    def turned(self, replica: Replica) -> None:
        """After each turn."""
        pipeline = replica.pipeline
        records = bytes_ = 0
        for partition in pipeline.partitions.values():
            records += len(partition.open)
            bytes_ += partition.bytes_in_flight
        if records > self._records_max or bytes_ > self._bytes_max:
            self.broken(f"replica {replica.name} has {records} records of {bytes_} bytes in flight")
        if len(pipeline.letters) > _PLANS_MAX * records:
            self.broken(f"replica {replica.name} has {len(pipeline.letters)} letters of {records} records")

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:  # noqa: ARG002 - as declared
        """What a crash would send again."""
        if not told:
            return
        on_wire, unclaimed = len(self._ledger.on_wire[replica]), self._ledger.stakes.count(replica)
        size_max = self.world.scenario.policy.on_wire_max or replica.pipeline.wire.size_max
        if on_wire + (0 if replica in self._ledger.cut else unclaimed) > size_max:
            self.broken(f"replica {replica.name}: {on_wire} on the wire, {unclaimed} not committed, {size_max} allowed")

    def letter_asked(self, replica: Replica, planned: Planned, letter: Letter) -> None:  # noqa: ARG002 - as declared
        """Records that cannot be read, by the minute; one that is written again does not count again."""
        written = self._undecodable.setdefault(replica, {})
        if letter.reason != UNDECODABLE or letter.number in written:
            return
        now = self.world.loop.now
        written[letter.number] = now
        count = sum(1 for at in written.values() if at > now - _MINUTE_S + _TINY_S)
        if count > self.world.scenario.policy.undecodable_per_min:
            self.broken(f"replica {replica.name} wrote {count} records within a minute that cannot be read")

    def commit_asked(self, replica: Replica, positions: Mapping[TopicPartition, Committable]) -> None:
        """As long as Kafka takes by default, at most."""
        for tp, position in positions.items():
            if len(position.metadata.encode()) > _METADATA_BYTES_MAX:
                self.broken(f"replica {replica.name}: {len(position.metadata)} bytes beside {tp}")


class RecordsAdd(Observer):
    """Received is the sum of fates, in flight, and handed back: of each replica, after each turn."""

    def turned(self, replica: Replica) -> None:
        """After each turn."""
        pipeline = replica.pipeline
        added = sum(pipeline.fates.values()) + pipeline.in_flight + pipeline.handed_back
        if pipeline.received != added:
            self.broken(f"replica {replica.name} received {pipeline.received}, which came to {added}")
