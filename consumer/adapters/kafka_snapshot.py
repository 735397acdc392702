"""What the Kafka thread has counted, and its status at one moment, which other threads may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from consumer.adapters.kafka_guard import Guard
from consumer.adapters.kafka_rebalance import Assignments
from consumer.adapters.kafka_status import KafkaPartition, KafkaStatus, Waits
from consumer.core.record import TopicPartition
from consumer.status import SourceState

__all__ = ["Counts", "snapshot"]


Ends: TypeAlias = Mapping[TopicPartition, int | None]


@dataclass(slots=True)
class Counts:
    """Since the start of the thread; what each means is said at :class:`KafkaStatus`."""

    jumps: int = 0
    jumps_checked: int = 0
    jumps_unanswered: int = 0
    records_missed: int = 0
    skipped_by_retention: int = 0
    positions_lost: int = 0
    handovers_late: int = 0


def snapshot(
    assignments: Assignments, ends: Ends, waits: Waits, guard: Guard, counts: Counts, *, closed: bool
) -> KafkaStatus:
    """On the client's thread. ``ends`` is where partitions end, as far as it is known."""
    partitions = {
        tp: KafkaPartition(at.position, ends.get(tp), at.committed, at.paused) for tp, at in assignments.owned.items()
    }
    return KafkaStatus(
        _state(assignments, guard, closed=closed),
        str(waits),
        partitions,
        rebalances=assignments.rebalances,
        callback_errors=guard.errors,
        jumps=counts.jumps,
        jumps_checked=counts.jumps_checked,
        jumps_unanswered=counts.jumps_unanswered,
        records_missed=counts.records_missed,
        records_skipped_by_retention=counts.skipped_by_retention,
        positions_lost=counts.positions_lost,
        handovers_late=counts.handovers_late,
        handover_commit_failures=assignments.commit_failures,
    )


def _state(assignments: Assignments, guard: Guard, *, closed: bool) -> SourceState:
    if guard.failure is not None:
        return SourceState.FAILED
    if closed:
        return SourceState.CLOSED
    if not assignments.joined:
        return SourceState.JOINING
    return SourceState.JOINED if assignments.owned else SourceState.STANDING_BY
