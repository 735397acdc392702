"""The team's rate, everything that has a bound, and the sums."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from consumer.core.effect import Attempt, Committable, Letter
from consumer.core.letters import UNDECODABLE
from consumer.core.outcome import Answer, Response
from consumer.core.record import TopicPartition
from consumer.core.request import HttpRequest
from tests.sim.observing import Observer
from tests.sim.oracles.ledger import Ledger
from tests.sim.planned import Planned, Told
from tests.sim.replica import KNOWN_WITHIN_S

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

    What Loops allows is the highest limit that a replica was told, or began with; none goes by more than that within a
    second of hearing less. One that was put out of the group, and should know it by now but does not, is not counted.
    """

    def __init__(self, world: World) -> None:
        """Nothing has left."""
        super().__init__(world)
        self._policy = world.scenario.policy
        self._limits: dict[Replica, int] = {}
        """What each goes by."""
        self._former = deque([(0.0, 0)])
        """What was gone by before, and until when."""
        self._left: deque[float] = deque()
        self._put_out_at: dict[Replica, float] = {}

    def started(self, replica: Replica) -> None:
        """It goes by what is set until it hears."""
        self._limits[replica] = self._policy.rate_per_s

    def answered(self, replica: Replica, request: HttpRequest, told: Told, answer: Answer) -> None:  # noqa: ARG002 - as declared
        """It hears, if it is still there."""
        if not isinstance(answer, Response) or "x-ratelimit-limit" not in answer.headers or replica not in self._limits:
            return
        limit = int(answer.headers["x-ratelimit-limit"])
        limit = limit if self._policy.follows_limit else min(limit, self._policy.rate_per_s)
        if limit != self._limits[replica]:
            self._former.append((self.world.loop.now + _SECOND_S, self._limits[replica]))
            self._limits[replica] = limit

    def ended(self, replica: Replica, how: str) -> None:  # noqa: ARG002 - as declared
        """What it sent within the last second counts."""
        self._former.append((self.world.loop.now + _SECOND_S, self._limits.pop(replica)))

    def put_out(self, replica: Replica) -> None:
        """Others get its part of the rate."""
        self._put_out_at.setdefault(replica, self.world.loop.now)

    def lost(self, replica: Replica, tps: Sequence[TopicPartition]) -> None:  # noqa: ARG002 - as declared
        """It knows."""
        self._put_out_at.pop(replica, None)

    def sent(self, replica: Replica, attempt: Attempt, told: Told) -> None:  # noqa: ARG002 - as declared
        """Probes count."""
        now = self.world.loop.now
        if self._put_out_at and now > self._put_out_at.get(replica, now) + KNOWN_WITHIN_S:
            return
        left = self._left
        left.append(now)
        while now - left[0] > _SECOND_S:
            left.popleft()
        while self._former and self._former[0][0] < now:
            self._former.popleft()
        limit = max([*self._limits.values(), *(former for _, former in self._former)])
        if len(left) > max(1, limit - self._policy.reserve_per_s):
            self.broken(f"{len(left)} within {now - left[0]:.3f} s, of {limit} that may be")


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
