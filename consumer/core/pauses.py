"""Why a partition is not read for now, and when it is again: each reason comes and goes by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from consumer.core.delivery import OpenRecord
from consumer.core.effect import Effect, Pause, Resume
from consumer.core.partition import Partition
from consumer.core.policy import Policy

__all__ = ["FULL", "balanced", "paused", "resumed", "resumed_without"]

FULL = "full"
"""The reason of a partition that holds too much of what may be in flight."""


def balanced(partitions: Iterable[Partition], policy: Policy, every: Iterable[Partition]) -> list[Effect]:
    """Pauses each of some partitions that holds as much as is still free, and resumes it at half of that.

    ``every`` partition that is ours counts. So one alone may hold half of the bounds, two a third each: a backlog in
    some of them always leaves room for another. Where nothing is free none is read.
    """
    records, size_bytes = policy.in_flight_records_max, policy.in_flight_bytes_max
    for one in every:
        records -= len(one.open)
        size_bytes -= one.bytes_in_flight
    effects: list[Effect] = []
    for partition in partitions:
        if len(partition.open) >= records or partition.bytes_in_flight >= size_bytes:
            effects += paused(partition, FULL)
        elif 2 * len(partition.open) <= records and 2 * partition.bytes_in_flight <= size_bytes:
            effects += resumed(partition, FULL)
    return effects


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


def resumed_without(partition: Partition, reason: str, waiting: Callable[[], Iterable[OpenRecord]]) -> list[Effect]:
    """That reason is gone where none of its records is among those still ``waiting``; asked only where it matters."""
    if reason not in partition.pauses or any(of.partition == partition.tp for of in waiting()):
        return []
    return resumed(partition, reason)
