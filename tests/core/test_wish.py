"""What the owner of a partition may count on of what it wants."""

from __future__ import annotations

import math

from consumer.core.demand import Demand
from consumer.core.shares import Want
from consumer.core.wish import FRESH_S, LEASE_S, Wish


def _wish(wants: int, *, settled: bool = True) -> Wish:
    return Wish(Demand(100, wants, idle=False, settled=settled), never_committed=False, now=0.0, wall=100.0)


def _want(wish: Wish, now: float) -> Want:
    return wish.want(now=now, wall=100.0 + now)


def _tell(wish: Wish, wants: int, begun_at: float, now: float, *, idle: bool = False) -> bool:
    return wish.tell(Demand(int(100 + begun_at), wants, idle=idle), begun_at=begun_at, now=now)


def test_the_next_owner_begins_with_what_the_former_one_told() -> None:
    """At once where everybody has heard of it, else after the lease."""
    settled, new = _wish(5), _wish(5, settled=False)
    found = [_want(wish, at) for wish in (settled, new) for at in (0.0, LEASE_S)]
    assert [Want(5, more=True), Want(5, more=True), Want(0), Want(5, more=True)] == found


def test_where_nothing_was_ever_told_nothing_is_counted_on() -> None:
    """It is no change then to want nothing."""
    wish = Wish(None, never_committed=True, now=0.0, wall=100.0)
    assert (Want(0), True) == (_want(wish, 1.0), wish.is_told)


def test_beside_another_version_it_counts_on_its_base_until_it_has_told() -> None:
    """From the lease on: until just now there may have been nothing at all. And it has something to tell."""
    wish = Wish(None, never_committed=False, now=0.0, wall=100.0)
    assert [Want(0), Want(math.inf)] == [_want(wish, at) for at in (LEASE_S - 0.1, LEASE_S)]
    assert not wish.is_told


def test_less_holds_at_once_and_more_after_the_lease() -> None:
    """From the commit's end on; what was wanted in between does not come back."""
    wish = _wish(5)
    wish.intend(2, idle=False)
    wish.intend(7, idle=False)
    _tell(wish, 7, 1.0, 2.0)
    assert [2, 2, 7] == [_want(wish, at).per_s for at in (2.0, 2.0 + LEASE_S - 0.1, 2.0 + LEASE_S)]


def test_a_raise_that_is_taken_back_never_comes() -> None:
    """Before its lease was over."""
    wish = _wish(1)
    wish.intend(7, idle=False)
    _tell(wish, 7, 1.0, 1.0)
    wish.intend(3, idle=False)
    assert 3 == _want(wish, 9.0).per_s


def test_after_silence_its_base_is_all_until_everybody_has_heard_of_it_again() -> None:
    """Others may have taken it for dead."""
    wish = _wish(9)
    at = FRESH_S + 1
    silent = _want(wish, at).more
    _tell(wish, 9, at, at)
    assert (False, False, True) == (silent, _want(wish, at + 1).more, _want(wish, at + LEASE_S).more)


def test_it_is_fresh_from_the_beginning_of_the_commit_on() -> None:
    """That is the second which others read, however late it was taken."""
    wish = _wish(9)
    _tell(wish, 9, 5.0, 7.0)
    assert [True, False] == [_want(wish, 5.0 + FRESH_S + late).more for late in (-0.1, 0.1)]


def test_the_next_change_is_named_while_there_is_one() -> None:
    """The end of a lease, then the end of freshness."""
    wish = _wish(1)
    wish.intend(4, idle=False)
    _tell(wish, 4, 1.0, 1.0)
    found = [wish.next_change_at(now=at, wall=100.0 + at) for at in (1.0, 1.0 + LEASE_S, 1.0 + FRESH_S)]
    assert [1.0 + LEASE_S, 1.0 + FRESH_S, math.inf] == found


def test_what_it_begins_to_tell_holds_at_once() -> None:
    """Beside another version too, and though more is wanted before that is told: others may hear of the less first."""
    wish = Wish(None, never_committed=False, now=0.0, wall=0.0)
    wish.begin_telling()
    wish.intend(6, idle=False)
    _tell(wish, 0, 0.9, 1.0, idle=True)
    assert [Want(0), Want(0, more=True)] == [_want(wish, now) for now in (1.0, 4.0)]
    _tell(wish, 6, 1.9, 2.0)
    assert [Want(0, more=True), Want(6, more=True)] == [_want(wish, now) for now in (4.9, 5.0)]


def test_what_it_begins_to_tell_beside_another_version_bounds_its_base() -> None:
    """Whether or not the commit is known to be taken; what was told holds at once then, but no more than that."""
    wish = Wish(None, never_committed=False, now=0.0, wall=100.0)
    wish.intend(4, idle=False)
    wish.begin_telling()
    wish.intend(6, idle=False)
    assert Want(4) == _want(wish, 5.0)
    _tell(wish, 4, 5.0, 5.1)
    assert [Want(4), Want(4, more=True)] == [_want(wish, at) for at in (5.2, 5.1 + LEASE_S)]


def test_where_there_is_no_room_to_tell_it_has_its_base_after_the_lease() -> None:
    """What was told before is known to somebody until then; whatever is wanted changes nothing."""
    wish = _wish(5)
    assert (True, False) == (wish.not_tell(now=1.0), wish.not_tell(now=2.0))
    wish.intend(1, idle=False)
    wish.intend(7, idle=False)
    assert [Want(1), Want(math.inf)] == [_want(wish, at) for at in (0.9 + LEASE_S, 1.0 + LEASE_S)]


def test_where_the_calendar_s_clock_is_set_its_base_is_all_until_it_has_told_again() -> None:
    """Others take it for dead, by a second that is long past."""
    wish = _wish(9)
    fresh, set_forward = wish.want(now=1.0, wall=101.0), wish.want(now=1.0, wall=1_000.0)
    wish.tell(Demand(1_001, 9, idle=False), begun_at=2.0, now=2.0)
    later = [wish.want(now=at, wall=999.0 + at).more for at in (2.0, 1.9 + LEASE_S, 2.0 + LEASE_S)]
    assert (True, False, [False, False, True]) == (fresh.more, set_forward.more, later)


def test_one_that_begins_to_want_counts_as_idle_until_all_can_have_heard_of_it() -> None:
    """It keeps the slot of all idle ones meanwhile; what a former owner wanted gives none."""
    wish = Wish(None, never_committed=True, now=0.0, wall=100.0)
    wish.intend(2, idle=False)
    untold = wish.counts_as_idle(now=50.0)
    wish.tell(Demand(150, 2, idle=False), begun_at=50.0, now=50.0)
    found = [untold, *(wish.counts_as_idle(now=50.0 + LEASE_S + late) for late in (-0.1, 0.1))]
    assert ([True, True, False], False) == (found, _wish(5, settled=False).counts_as_idle(now=0.0))
