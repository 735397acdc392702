"""One read of a simulated member."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from consumer.core.record import Received, TopicPartition
from tests.sim.topic import Entry

if TYPE_CHECKING:
    from tests.sim.source import SimulatedSource
    from tests.sim.world import World

__all__ = ["Owned", "Read", "read_from"]


@dataclass(slots=True)
class Owned:
    """One partition under one assignment."""

    epoch: int
    position: int
    paused: bool = False


@dataclass(slots=True)
class Read:
    """What one read brings."""

    batch: dict[TopicPartition, Received] = field(default_factory=dict)
    more: bool = False
    """There was no room for all that is there."""
    passed_over: list[tuple[TopicPartition, Owned, Entry]] = field(default_factory=list)
    """Records that the client fails to deliver."""


def read_from(world: World, source: SimulatedSource) -> Read:
    """Reads what is there of the member's partitions that are not paused, in any order, and goes on behind it."""
    read, room = Read(), world.scenario.kafka.batch_records_max
    for tp in source.random.sample(list(source.owned), len(source.owned)):
        owned = source.owned[tp]
        if owned.paused:
            continue
        log = world.topic.logs[tp]
        owned.position = log.skip_to_low(owned.position)
        if room <= 0:
            read.more = True
            continue
        by_owner = world.group.owner[tp] is source
        received, owned.position, passed_over = log.read(owned.position, room, source.mapping, by_owner=by_owner)
        if received is not None and received.records:
            read.batch[tp] = received
            room -= received.records
        read.passed_over += [(tp, owned, entry) for entry in passed_over]
    return read
