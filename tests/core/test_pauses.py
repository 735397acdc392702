"""Why a partition is not read."""

from __future__ import annotations

from consumer.core.completions import Completions
from consumer.core.delivery import OpenRecord
from consumer.core.effect import Pause, Resume
from consumer.core.partition import Partition
from consumer.core.pauses import balanced, paused, resumed, resumed_without
from consumer.core.policy import Policy
from consumer.core.record import TopicPartition
from tests.core.driving import P0, P1, batch, record, send


def _partition() -> Partition:
    return Partition(P0, 1, None, Completions())


def _holding(tp: TopicPartition, records: int) -> Partition:
    partition = Partition(tp, 1, None, Completions())
    plans = {offset: [send(f"u{offset}")] for offset in range(records)}
    partition.receive(batch(plans, last=records, partition=tp)[tp])
    return partition


def test_a_partition_pauses_when_it_holds_as_much_as_is_free_and_goes_on_at_half_of_that() -> None:
    """Ten records: alone it may hold five."""
    partition, policy = _holding(P0, 5), Policy(in_flight_records_max=10)
    full = balanced([partition], policy, [partition])
    partition.finish(partition.open[0])
    between = balanced([partition], policy, [partition])
    partition.finish(partition.open[1])
    assert ([Pause(P0, "full")], [], [Resume(P0)]) == (full, between, balanced([partition], policy, [partition]))


def test_what_others_hold_leaves_less_and_never_nothing() -> None:
    """It holds two of twelve: too many where eight are held elsewhere, few where three are."""
    partition, policy = _holding(P0, 2), Policy(in_flight_records_max=12)
    assert ([Pause(P0, "full")], [Resume(P0)]) == (
        balanced([partition], policy, [partition, _holding(P1, 8)]),
        balanced([partition], policy, [partition, _holding(P1, 3)]),
    )


def test_where_nothing_is_free_nothing_is_read() -> None:
    """Not even a partition that holds nothing: else each of them would add a batch to what is too much already."""
    partition, policy = _holding(P0, 0), Policy(in_flight_records_max=12)
    full = balanced([partition], policy, [partition, _holding(P1, 12)])
    assert ([Pause(P0, "full")], [Resume(P0)]) == (
        full,
        balanced([partition], policy, [partition, _holding(P1, 11)]),
    )


def test_it_is_read_again_when_every_reason_is_gone() -> None:
    """In any order."""
    partition = _partition()
    told = [paused(partition, "full"), paused(partition, "dead_letters"), paused(partition, "full")]
    assert [[Pause(P0, "full")], [Pause(P0, "dead_letters")], []] == told
    assert ([], [], [Resume(P0)]) == (
        resumed(partition, "full"),
        resumed(partition, "full"),
        resumed(partition, "dead_letters"),
    )


def test_a_reason_stays_while_one_of_its_own_records_waits_for_it() -> None:
    """Those of other partitions do not matter."""
    partition = _partition()
    paused(partition, "dead_letters")
    own, other = OpenRecord(record(0), P0, 1, 1), OpenRecord(record(0, P1), P1, 1, 1)
    assert ([], [Resume(P0)]) == (
        resumed_without(partition, "dead_letters", lambda: [own, other]),
        resumed_without(partition, "dead_letters", lambda: [other]),
    )


def test_one_that_is_being_handed_over_is_not_paused() -> None:
    """It is not read anyway, and is somebody else's soon."""
    partition = _partition()
    partition.revoked = True
    assert [] == paused(partition, "full")
