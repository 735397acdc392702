"""The Kafka thread's status at one moment, which other threads may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from consumer.adapters.kafka_guard import Guard
from consumer.adapters.kafka_rebalance import Assignments
from consumer.adapters.kafka_status import Counts, KafkaPartition, KafkaStatus, Waits
from consumer.core.record import TopicPartition
from consumer.status import SourceState

__all__ = ["snapshot"]


Ends: TypeAlias = Mapping[TopicPartition, int | None]


def snapshot(
    assignments: Assignments, ends: Ends, waits: Waits, guard: Guard, counts: Counts, *, closed: bool
) -> KafkaStatus:
    """On the client's thread. ``ends`` is where partitions end, as far as it is known."""
    partitions = {
        tp: KafkaPartition(at.position, ends.get(tp), at.committed, at.paused) for tp, at in assignments.owned.items()
    }
    counted = replace(counts, handover_commit_failures=assignments.commit_failures, callback_errors=guard.errors)
    return KafkaStatus(
        _state(assignments, guard, closed=closed), str(waits), partitions, assignments.rebalances, counted
    )


def _state(assignments: Assignments, guard: Guard, *, closed: bool) -> SourceState:
    if guard.failure is not None:
        return SourceState.FAILED
    if closed:
        return SourceState.CLOSED
    if not assignments.joined:
        return SourceState.JOINING
    return SourceState.JOINED if assignments.owned else SourceState.STANDING_BY
