"""What the Kafka thread shows of itself at one moment."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from consumer.adapters.kafka_guard import Guard
from consumer.adapters.kafka_rebalance import Assignments, Owned
from consumer.adapters.kafka_snapshot import snapshot
from consumer.adapters.kafka_status import Counts, KafkaPartition, KafkaStatus, Waits
from consumer.adapters.kafka_topics import Topics
from consumer.core.record import TopicPartition
from consumer.status import SourceState

FIRST = TopicPartition("events", 0)


class World:
    """The parts that a snapshot is made of."""

    def __init__(self) -> None:
        """Nothing has happened."""
        self.waits, self.guard, self.counts = Waits(), Guard(), Counts()
        self.assignments = Assignments(Topics(("events",), self.waits), self.waits, "earliest")

    def taken(self, ends: Mapping[TopicPartition, int] | None = None, *, closed: bool = False) -> KafkaStatus:
        """The snapshot."""
        return snapshot(self.assignments, ends or {}, self.waits, self.guard, self.counts, closed=closed)


def test_a_partition_shows_where_it_is_read_and_where_it_ends() -> None:
    """As far as the end is known."""
    world = World()
    world.assignments.owned[FIRST] = Owned(epoch=1, start=5, position=7, committed=6, paused=True)

    assert {FIRST: KafkaPartition(7, 90, 6, paused=True)} == world.taken({FIRST: 90}).partitions
    assert {FIRST: KafkaPartition(7, None, 6, paused=True)} == world.taken().partitions


def test_every_count_is_shown() -> None:
    """Each under its own name."""
    world = World()
    world.counts = Counts(jumps=1, records_skipped_by_retention=2, positions_lost=3, handovers_late=4)
    world.assignments.rebalances, world.assignments.commit_failures, world.guard.errors = 5, 6, 7
    world.waits.missing("topic", "a topic does not exist")

    assert (
        KafkaStatus(
            SourceState.JOINING,
            "a topic does not exist",
            rebalances=5,
            counts=Counts(
                jumps=1,
                records_skipped_by_retention=2,
                positions_lost=3,
                handovers_late=4,
                handover_commit_failures=6,
                callback_errors=7,
            ),
        )
        == world.taken()
    )


@pytest.mark.parametrize(
    ("joined", "owns", "state"),
    (
        (False, False, SourceState.JOINING),
        (True, False, SourceState.STANDING_BY),
        (True, True, SourceState.JOINED),
    ),
)
def test_the_state_follows_the_group(joined: bool, owns: bool, state: SourceState) -> None:
    """A member without a partition stands by."""
    world = World()
    world.assignments.joined = joined
    if owns:
        world.assignments.owned[FIRST] = Owned(epoch=1, start=0)

    assert state is world.taken().state


def test_the_end_is_seen_whatever_was_before_and_a_failure_even_then() -> None:
    """Why it ended matters more than that it did."""
    world = World()
    world.assignments.joined = True
    assert SourceState.CLOSED is world.taken(closed=True).state

    world.guard.fail("a sentence")

    assert SourceState.FAILED is world.taken(closed=True).state
