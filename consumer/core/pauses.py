"""Why a partition is not read for now, and when it is again: each reason comes and goes by itself."""

from __future__ import annotations

from collections.abc import Iterable

from consumer.core.delivery import OpenRecord
from consumer.core.effect import Effect, Pause, Resume
from consumer.core.partition import Partition
from consumer.core.policy import Policy

__all__ = ["balanced", "paused", "resumed", "resumed_without"]

_FULL = "full"


def balanced(partition: Partition, policy: Policy, partitions: int) -> list[Effect]:
    """Pauses a partition at its share of what may be in flight, and resumes it at half of that.

    The bounds are divided evenly among so many ``partitions``, so that a backlog in one never pauses another.
    """
    used = max(
        len(partition.open) * partitions / policy.in_flight_records_max,
        partition.bytes_in_flight * partitions / policy.in_flight_bytes_max,
    )
    if used >= 1:
        return paused(partition, _FULL)
    return resumed(partition, _FULL) if used <= 0.5 else []


def paused(partition: Partition, reason: str) -> list[Effect]:
    """Reads no more of it for one more reason."""
    if reason in partition.pauses or partition.revoked:
        return []
    partition.pauses.add(reason)
    return [Pause(partition.tp, reason)]


def resumed(partition: Partition, reason: str) -> list[Effect]:
    """That reason is gone; it is read again when all are."""
    if reason not in partition.pauses:
        return []
    partition.pauses.discard(reason)
    return [] if partition.pauses else [Resume(partition.tp)]


def resumed_without(partition: Partition, reason: str, waiting: Iterable[OpenRecord]) -> list[Effect]:
    """That reason is gone where none of its records is among those still ``waiting``."""
    if reason not in partition.pauses or any(of.partition == partition.tp for of in waiting):
        return []
    return resumed(partition, reason)
