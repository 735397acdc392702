"""How the slots of a second are divided, for any wants that anybody may know of."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from consumer.core.shares import Want, dealt, divided

wants = st.builds(Want, st.one_of(st.sampled_from((0, math.inf)), st.integers(0, 30)), st.booleans()).map(
    lambda want: want._replace(more=want.more and want.per_s < math.inf)
)


@given(st.integers(1, 40))
def test_over_enough_epochs_every_partition_is_dealt_the_same(count: int) -> None:
    """A small owner that has nothing in one epoch has its turn in another."""
    places = [place for epoch in range(count) for place in dealt(10, count, epoch)]
    assert [10] * count == [places.count(place) for place in range(count)]


@given(st.integers(1, 60), st.lists(wants, min_size=1, max_size=20), st.booleans(), st.integers(0, 10**6))
def test_all_slots_are_divided_and_one_is_nobody_s_where_a_replica_is_idle(
    rate: int, wanted: list[Want], idle: bool, epoch: int
) -> None:
    """What nobody wants is there for whatever comes next."""
    parts = divided(rate, wanted, idle=idle, epoch=epoch)
    assert (rate - idle, True) == (sum(parts), min(parts) >= 0)


@given(st.integers(1, 30), st.lists(wants, min_size=2, max_size=12), st.booleans(), st.integers(0, 99), st.data())
def test_nobody_has_more_when_another_wants_more(
    rate: int, wanted: list[Want], idle: bool, epoch: int, data: st.DataObject
) -> None:
    """So replicas that know wants of different moments never use more together than there is."""
    place = data.draw(st.integers(0, len(wanted) - 1))
    more = [*wanted]
    more[place] = Want(data.draw(st.sampled_from((math.inf, wanted[place].per_s + 1, wanted[place].per_s + 5))))
    if more[place].per_s < math.inf:
        more[place] = more[place]._replace(more=data.draw(st.booleans()) or wanted[place].more)
    before = divided(rate, wanted, idle=idle, epoch=epoch)
    after = divided(rate, more, idle=idle or data.draw(st.booleans()), epoch=epoch)
    others = [number for number in range(len(wanted)) if number != place]
    grown = [number for number in others if after[number] > before[number]]
    assert (more[place].per_s == math.inf and wanted[place].more) or not grown


@given(st.integers(1, 30), st.lists(wants, min_size=1, max_size=12), st.integers(0, 99), st.data())
def test_who_wants_more_has_no_less(rate: int, wanted: list[Want], epoch: int, data: st.DataObject) -> None:
    """What it says can only help it."""
    place = data.draw(st.integers(0, len(wanted) - 1))
    more = [*wanted]
    more[place] = wanted[place]._replace(per_s=wanted[place].per_s + 1)
    before, after = (divided(rate, each, idle=False, epoch=epoch)[place] for each in (wanted, more))
    assert after >= before


def test_what_one_does_not_want_goes_round_to_those_that_want_more() -> None:
    """One each in turn: two that want all share what the third gives up."""
    parts = divided(9, [Want(9, more=True), Want(9, more=True), Want(1, more=True)], idle=False, epoch=0)
    assert [4, 4, 1] == parts


def test_one_that_may_have_no_more_keeps_its_base() -> None:
    """Nobody knows whether it lives; what the other leaves is then there for both."""
    parts = divided(10, [Want(10), Want(2, more=True)], idle=False, epoch=0)
    assert (10, True) == (sum(parts), parts[0] <= 7)
