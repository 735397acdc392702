"""The part of the team's limit that is a replica's own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumer.core.quota import EPOCH_S, Quota, dealt
from consumer.core.record import TopicPartition


def _partitions(count: int) -> list[TopicPartition]:
    return [TopicPartition("t", number) for number in range(count)]


@given(st.integers(1, 100), st.integers(1, 40), st.integers(0, 10**7), st.data())
def test_over_all_replicas_the_parts_sum_to_the_rate(rate: int, count: int, epoch: int, data: st.DataObject) -> None:
    """Under any split of the partitions."""
    total = _partitions(count)
    owner = data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    parts = [
        dealt(rate, total, {tp for tp, who in zip(total, owner, strict=True) if who == replica}, epoch)
        for replica in range(4)
    ]
    assert rate == sum(parts)


@given(st.integers(1, 40))
def test_over_enough_epochs_every_partition_has_the_same(count: int) -> None:
    """A small owner that has nothing in one epoch has its turn in another."""
    total = _partitions(count)
    assert [10] * count == [sum(dealt(10, total, {tp}, epoch) for epoch in range(count)) for tp in total]


def test_a_process_in_a_dead_one_s_place_that_owns_all_at_first_settles_from_its_birth() -> None:
    """Nobody else can have sent since then."""
    quota = Quota(10, now=100.0, replaces=True)
    total = _partitions(4)
    quota.assign(total, total)
    assert (0, 10) == (quota.slots(now=101.0, wall=30.0), quota.slots(now=101.2, wall=30.2))


def test_a_new_process_that_owns_all_at_first_settles_from_then() -> None:
    """The former owner may have gone only when this one was let in."""
    quota = Quota(10, now=100.0)
    total = _partitions(4)
    quota.assign(total, total)
    assert (0, 0, 10) == tuple(quota.slots(now=at, wall=at) for at in (105.0, 106.1, 106.2))


def test_a_raise_waits_until_the_former_owner_s_last_window_is_over() -> None:
    """1.2 s after the assignment."""
    quota = Quota(10, now=0.0)
    total = _partitions(2)
    quota.assign(total[:1], total)
    quota.slots(now=50.0, wall=10.0)
    assert 5 == quota.slots(now=52.0, wall=12.0)
    quota.assign(total, total)
    assert (5, 5, 10) == tuple(quota.slots(now=at, wall=at) for at in (53.0, 54.1, 54.3))


def test_a_cut_takes_effect_at_once() -> None:
    """What is revoked is another's from that moment."""
    quota = Quota(10, now=0.0)
    total = _partitions(2)
    quota.assign(total, total)
    quota.slots(now=3.0, wall=3.0)
    before = quota.slots(now=5.0, wall=5.0)
    quota.assign(total[:1], total)
    assert (10, 5) == (before, quota.slots(now=5.1, wall=5.1))


def test_at_the_change_of_epoch_the_smaller_of_both_counts_first() -> None:
    """Three partitions deal ten as 4, 3 and 3, in turn."""
    total = _partitions(3)
    by_epoch = [dealt(10, total, {total[0]}, epoch) for epoch in range(3)]
    assert [3, 3, 4] == sorted(by_epoch)
    low = by_epoch.index(3) if by_epoch[(by_epoch.index(3) + 1) % 3] == 4 else by_epoch.index(4) - 1
    start = (low + 3) * EPOCH_S
    quota = Quota(10, now=start)
    quota.assign(total[:1], total)
    quota.slots(now=start, wall=start)
    ends = start + EPOCH_S
    at = [start + 2, ends + 0.5, ends + 1.3]
    assert [3, 3, 3, 4] == [quota.slots(now=t, wall=t) for t in [*at[:2], ends + 1.1, max(at[2], ends + 1.8)]]


def test_new_partitions_raise_nobody_s_part_for_an_epoch() -> None:
    """Others may not have seen them yet and still deal by the old number: the smaller part by both counts."""
    quota = Quota(10, now=0.0)
    quota.assign(_partitions(2)[:1], _partitions(2))
    quota.slots(now=2.0, wall=2.0)
    assert 5 == quota.slots(now=4.0, wall=4.0)
    more = _partitions(3)
    quota.assign([more[0], more[2]], more)
    by_new = [dealt(10, more, {more[0], more[2]}, epoch) for epoch in (0, 1)]
    assert [5, 5] == [quota.slots(now=at, wall=at) for at in (5.0, 50.0)]
    quota.slots(now=5.0 + EPOCH_S, wall=5.0 + EPOCH_S)
    assert (True, by_new[1]) == (min(by_new) > 5, quota.slots(now=7.0 + EPOCH_S, wall=7.0 + EPOCH_S))


def test_a_limit_that_loops_names_lowers_the_rate_and_never_raises_it() -> None:
    """The reserve is taken from what is left."""
    quota = Quota(10, 2, now=0.0)
    total = _partitions(2)
    quota.assign(total, total)
    quota.slots(now=3.0, wall=3.0)
    parts = [quota.slots(now=5.0, wall=5.0)]
    for at, limit in ((6.0, 5), (7.0, 100), (8.5, 100), (9.0, 1)):
        quota.heard(limit)
        parts.append(quota.slots(now=at, wall=at))
    assert [8, 3, 3, 8, 1] == parts


def test_a_standby_that_takes_over_everything_waits_like_any_other() -> None:
    """It was born long before the former owner's last request."""
    quota = Quota(10, now=0.0, replaces=True)
    total = _partitions(1)
    quota.assign([], total)
    quota.slots(now=50.0, wall=10.0)
    quota.assign(total, total)
    assert [0, 0, 10] == [quota.slots(now=at, wall=at - 40) for at in (60.0, 61.1, 61.3)]
