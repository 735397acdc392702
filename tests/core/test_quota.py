"""The part of the team's limit that is a replica's own, where nobody says what he wants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from consumer.core.quota import EPOCH_S, Owned, Quota
from consumer.core.record import TopicPartition
from consumer.core.shares import dealt


def _partitions(count: int) -> list[TopicPartition]:
    return [TopicPartition("t", number) for number in range(count)]


def _assign(quota: Quota, owned: Iterable[TopicPartition], total: Sequence[TopicPartition], *, at: float = 0.0) -> None:
    quota.assign([Owned(tp, 1, None) for tp in owned], total, now=at, wall=at)


def _of_first(count: int, epoch: int) -> int:
    return dealt(10, count, epoch).count(0)


def test_a_process_in_a_dead_one_s_place_that_owns_all_at_first_settles_from_its_birth() -> None:
    """Nobody else can have sent since then."""
    quota = Quota(10, now=100.0, replaces=True)
    total = _partitions(4)
    _assign(quota, total, total, at=100.5)
    assert (0, 10) == (quota.slots(now=101.0, wall=30.0), quota.slots(now=101.2, wall=30.2))


def test_a_new_process_that_owns_all_at_first_settles_from_then() -> None:
    """The former owner may have gone only when this one was let in."""
    quota = Quota(10, now=100.0)
    total = _partitions(4)
    _assign(quota, total, total, at=105.0)
    assert (0, 0, 10) == tuple(quota.slots(now=at, wall=at) for at in (105.0, 106.1, 106.2))


def test_a_raise_waits_until_the_former_owner_s_last_window_is_over() -> None:
    """1.2 s after the assignment."""
    quota = Quota(10, now=0.0)
    total = _partitions(2)
    _assign(quota, total[:1], total)
    quota.slots(now=50.0, wall=10.0)
    assert 5 == quota.slots(now=52.0, wall=12.0)
    _assign(quota, total, total, at=53.0)
    assert (5, 5, 10) == tuple(quota.slots(now=at, wall=at) for at in (53.0, 54.1, 54.3))


def test_a_cut_takes_effect_at_once() -> None:
    """What is revoked is another's from that moment."""
    quota = Quota(10, now=0.0)
    total = _partitions(2)
    _assign(quota, total, total)
    quota.slots(now=3.0, wall=3.0)
    before = quota.slots(now=5.0, wall=5.0)
    _assign(quota, total[:1], total, at=5.1)
    assert (10, 5) == (before, quota.slots(now=5.1, wall=5.1))


def test_a_part_that_nobody_asked_for_while_it_was_smaller_rises_like_any_other() -> None:
    """As while the mapping is paused: the other owner may have used what it had until now."""
    quota = Quota(10, now=0.0)
    total = _partitions(2)
    _assign(quota, total, total)
    assert 10 == quota.slots(now=5.0, wall=5.0)
    _assign(quota, total[:1], total, at=6.0)
    _assign(quota, total, total, at=8.0)
    assert (5, 10) == (quota.slots(now=8.1, wall=8.1), quota.slots(now=9.3, wall=9.3))


def test_a_part_that_changes_often_still_rises() -> None:
    """The least of the last 1.2 s counts, and not the time since the last change."""
    quota = Quota(10, now=0.0, follows=True)
    total = _partitions(1)
    _assign(quota, total, total)
    seen = []
    for number in range(10):
        quota.limited(20 + number % 2)
        seen.append(quota.slots(now=0.5 * number, wall=0.5 * number))
    assert [0, 0, 0, 20, 20, 20, 20, 20, 20, 20] == seen


def test_at_the_change_of_epoch_the_smaller_of_both_counts_first() -> None:
    """Three partitions deal ten as 4, 3 and 3, in turn."""
    total = _partitions(3)
    by_epoch = [_of_first(3, epoch) for epoch in range(3)]
    assert [3, 3, 4] == sorted(by_epoch)
    low = by_epoch.index(3) if by_epoch[(by_epoch.index(3) + 1) % 3] == 4 else by_epoch.index(4) - 1
    start = (low + 3) * EPOCH_S
    quota = Quota(10, now=start)
    _assign(quota, total[:1], total, at=start)
    quota.slots(now=start, wall=start)
    ends = start + EPOCH_S
    at = [start + 2, ends + 0.5, ends + 1.3]
    assert [3, 3, 3, 4] == [quota.slots(now=t, wall=t) for t in [*at[:2], ends + 1.1, max(at[2], ends + 1.8)]]


def test_new_partitions_raise_nobody_s_part_for_an_epoch() -> None:
    """Others may not have seen them yet and still deal by the old number: the smaller part by both counts."""
    quota = Quota(10, now=0.0)
    _assign(quota, _partitions(2)[:1], _partitions(2))
    quota.slots(now=2.0, wall=2.0)
    assert 5 == quota.slots(now=4.0, wall=4.0)
    more = _partitions(3)
    _assign(quota, [more[0], more[2]], more, at=5.0)
    by_new = [sum(dealt(10, 3, epoch).count(place) for place in (0, 2)) for epoch in (0, 1)]
    assert [5, 5] == [quota.slots(now=at, wall=at) for at in (5.0, 50.0)]
    quota.slots(now=5.0 + EPOCH_S, wall=5.0 + EPOCH_S)
    assert (True, by_new[1]) == (min(by_new) > 5, quota.slots(now=7.0 + EPOCH_S, wall=7.0 + EPOCH_S))


def test_a_limit_that_loops_names_lowers_a_rate_that_is_set_and_never_raises_it() -> None:
    """The reserve is taken from what is left."""
    quota = Quota(10, 2, now=0.0)
    total = _partitions(2)
    _assign(quota, total, total)
    quota.slots(now=3.0, wall=3.0)
    parts = [quota.slots(now=5.0, wall=5.0)]
    for at, limit in ((6.0, 5), (7.0, 100), (8.5, 100), (9.0, 1)):
        quota.limited(limit)
        parts.append(quota.slots(now=at, wall=at))
    assert [8, 3, 3, 8, 1] == parts


def test_a_limit_that_is_followed_raises_the_rate_once_it_has_settled() -> None:
    """A hundred a second, less the reserve."""
    quota = Quota(10, 2, now=0.0, follows=True)
    total = _partitions(2)
    _assign(quota, total, total)
    quota.slots(now=5.0, wall=5.0)
    quota.limited(100)
    assert [8, 98] == [quota.slots(now=at, wall=at) for at in (7.0, 8.3)]


def test_a_standby_that_takes_over_everything_waits_like_any_other() -> None:
    """It was born long before the former owner's last request."""
    quota = Quota(10, now=0.0, replaces=True)
    total = _partitions(1)
    _assign(quota, [], total)
    quota.slots(now=50.0, wall=10.0)
    _assign(quota, total, total, at=60.0)
    assert [0, 0, 10] == [quota.slots(now=at, wall=at - 40) for at in (60.0, 61.1, 61.3)]
