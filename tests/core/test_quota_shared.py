"""The part of the limit that a replica takes once the group says what it wants. Two replicas, a partition each."""

from __future__ import annotations

import math

from consumer.core.completions import Completions, encode
from consumer.core.demand import Demand
from consumer.core.effect import Committable
from consumer.core.quota import Owned, Quota
from consumer.core.record import TopicPartition

A, B = TopicPartition("t", 0), TopicPartition("t", 1)


def _committed(at: float, wants: int, *, idle: bool = False, settled: bool = True) -> Committable:
    demand = Demand(int(at), wants, 0, idle, settled=settled)
    return Committable(7, encode(Completions(demand=demand), offset=7))


class Stand:
    """The owner of A, and its clock."""

    def __init__(self, committed: Committable | None, *owned: TopicPartition, rate: int = 10) -> None:
        """At second 0 it is given A alone, where nothing else is said."""
        self.quota = Quota(rate, now=0.0, shares=True)
        self.at = 0.0
        given = [Owned(tp, 1, committed) for tp in owned or (A,)]
        self.quota.assign(given, [A, B], now=0.0, wall=0.0)

    def slots(self, *times: float) -> list[int]:
        """What it has at each moment, if it asks whenever that may have changed."""
        found = []
        for until in times:
            self.quota.slots(now=self.at, wall=self.at)
            while (due := max(self.quota.next_change_at(), self.at)) < until:
                self.at = due
                self.quota.slots(now=due, wall=due)
                if self.quota.next_change_at() <= due:
                    raise AssertionError("it would ask for ever")
            self.at = until
            found.append(self.quota.slots(now=until, wall=until))
        return found

    def heard(self, of_b: Committable | None, at: float) -> None:
        """What the group has for B is read, at once."""
        self.slots(at)
        self.quota.heard({B: of_b}, begun_at=at)

    def tell(self, wants: int, at: float, *, idle: bool = False) -> None:
        """It wants this, and the group knows it at once."""
        self.slots(at)
        self.quota.intend({A: wants}, idle=idle)
        self.quota.told(A, Demand(int(at), wants, 0, idle), begun_at=at, now=at)


def test_before_it_hears_of_the_others_a_replica_has_its_base_less_the_slot_of_the_idle() -> None:
    """Five of ten, whatever it wants; or four, in an epoch in which the last slot is its own."""
    assert [0, 5] == Stand(_committed(0, 10)).slots(1.1, 1.3)


def test_what_another_does_not_want_is_there_for_one_that_does() -> None:
    """All but the one slot of idle replicas, and 1.2 s after it was heard."""
    stand = Stand(_committed(0, 10))
    stand.slots(2.0)
    stand.heard(_committed(2, 0, idle=True), 2.0)
    assert [5, 5, 9] == stand.slots(2.1, 3.1, 3.3)


def test_what_was_read_counts_for_three_seconds() -> None:
    """The other may have said something else since."""
    stand = Stand(_committed(0, 10))
    stand.heard(_committed(2, 0, idle=True), 2.0)
    assert [9, 5] == stand.slots(4.9, 5.1)


def test_one_that_wants_nothing_has_the_slot_of_the_idle_at_once() -> None:
    """A lone event leaves at once while another uses all the rest."""
    stand = Stand(_committed(0, 0, idle=True))
    stand.heard(_committed(2, 10), 2.0)
    assert [1] == stand.slots(4.0)


def test_a_limit_of_one_a_second_keeps_no_slot_for_the_idle() -> None:
    """Nothing would be left. Who wants it has it, be the other idle or its partition one that nobody ever committed."""
    for other in (_committed(2, 0, idle=True), None):
        busy, idle = Stand(_committed(0, 1), rate=1), Stand(_committed(0, 0, idle=True), rate=1)
        busy.heard(other, 2.0)
        idle.heard(_committed(2, 1), 2.0)
        assert ([1], [0]) == (busy.slots(4.0), idle.slots(4.0))


def test_one_that_begins_to_want_keeps_that_slot_until_its_want_counts() -> None:
    """Who has not heard of it leaves the slot to it; who has leaves what it wants."""
    stand = Stand(_committed(0, 0, idle=True))
    stand.heard(_committed(2, 10), 2.0)
    before = stand.slots(4.0)
    stand.tell(1, 4.0)
    for at in (4.2, 6.2):
        stand.heard(_committed(int(at), 10), at)
    assert ([1], [1, 1]) == (before, stand.slots(6.9, 8.3))


def test_while_nobody_wants_much_all_have_what_is_left() -> None:
    """A few events at once do not wait for a commit to be heard of."""
    stand = Stand(_committed(0, 0, idle=True))
    stand.heard(_committed(2, 2), 2.0)
    assert 3 <= stand.slots(4.0)[0]


def test_more_is_counted_on_three_seconds_after_the_group_had_it() -> None:
    """Until then another may know no better than that less is wanted, and use the rest; then 1.2 s more."""
    stand = Stand(_committed(0, 1))
    stand.slots(2.0)
    stand.heard(_committed(2, 10), 2.0)
    before = stand.slots(3.9)
    stand.tell(10, 4.0)
    for at in (5.0, 7.0):
        stand.heard(_committed(at, 10), at)
    assert ([1], [1, 1, 5]) == (before, stand.slots(6.9, 8.1, 8.3))


def test_less_is_counted_on_at_once() -> None:
    """Before the group has it."""
    stand = Stand(_committed(0, 10))
    stand.heard(_committed(2, 10), 2.0)
    before = stand.slots(4.0)
    stand.quota.intend({A: 2}, idle=False)
    assert ([5], [2]) == (before, stand.slots(4.1))


def test_a_want_that_was_not_repeated_for_ten_seconds_goes_no_further_than_its_base() -> None:
    """Its owner may be dead; one that lives repeats it every five."""
    stand = Stand(_committed(0, 10))
    seen = []
    for at in (10.0, 12.0, 14.0):
        stand.tell(10, at)
        stand.heard(_committed(2, 10), at)
        seen += stand.slots(at + 1.9)
    assert [5, 5, 5] == seen


def test_an_owner_that_cannot_repeat_its_want_has_its_base_and_its_part_of_what_is_left() -> None:
    """Eight seconds after it last could."""
    stand = Stand(_committed(0, 10))
    stand.heard(_committed(5, 1), 5.0)
    stand.heard(_committed(7, 1), 7.0)
    assert [9, 7] == stand.slots(7.9, 8.1)


def test_the_next_owner_counts_on_what_all_have_heard_of_and_on_nothing_newer() -> None:
    """The former one says with its want whether it is old enough."""
    at_once, later = Stand(_committed(0, 10)), Stand(_committed(0, 10, settled=False))
    assert ([5, 5], [0, 5]) == (at_once.slots(1.3, 4.3), later.slots(1.3, 4.3))


def test_where_nothing_was_ever_committed_the_owner_counts_as_idle() -> None:
    """For itself, and for others: its first lone event has a slot."""
    stand = Stand(None)
    stand.heard(None, 1.0)
    other = Stand(_committed(0, 10))
    other.heard(None, 1.0)
    assert (True, 9) == (stand.quota.is_idle, other.slots(3.0)[0])


def test_what_another_version_committed_keeps_its_base() -> None:
    """It says nothing of what it wants, and deals as this one does."""
    stand = Stand(_committed(0, 10))
    stand.heard(Committable(3, ""), 1.0)
    assert [5] == stand.slots(3.0)


def test_who_owns_everything_has_everything_and_tells_nobody() -> None:
    """There is nobody to hear it."""
    stand = Stand(None, A, B)
    stand.quota.intend({A: 5}, idle=False)
    assert ((), [], [10]) == (stand.quota.others, stand.quota.untold(now=9.0), stand.slots(1.3))


def test_what_is_wanted_is_told_when_it_changes_and_again_every_five_seconds() -> None:
    """While something is wanted."""
    stand = Stand(_committed(0, 4))
    found = [stand.quota.untold(now=at) for at in (4.0, 5.0)]
    stand.tell(4, 5.0)
    stand.quota.intend({A: 6}, idle=False)
    found.append(stand.quota.untold(now=5.1))
    stand.tell(0, 6.0, idle=True)
    found.append(stand.quota.untold(now=60.0))
    assert [[], [A], [A], []] == found


def test_when_the_others_told_what_they_want_is_known_of_those_that_did() -> None:
    """Whatever that is; nothing of one that never committed."""
    stand = Stand(_committed(0, 10))
    assert [] == stand.quota.others_told
    stand.heard(_committed(2, 0, idle=True), 3.0)
    assert [2] == stand.quota.others_told
    stand.heard(None, 4.0)
    assert [] == stand.quota.others_told


def test_what_is_left_by_a_third_is_shared_with_one_of_which_nothing_is_known() -> None:
    """It may want it as well, and know as little; and one may be idle: together they have no more than there is."""
    third = TopicPartition("t", 2)
    both = []
    for mine, unknown in ((A, B), (B, A)):
        quota = Quota(9, now=0.0, shares=True)
        quota.assign([Owned(mine, 1, _committed(0, 9))], [A, B, third], now=0.0, wall=0.0)
        quota.told(mine, Demand(0, 9, 0, idle=False), begun_at=0.0, now=0.0)
        quota.heard({unknown: Committable(7, "lc1:of another version"), third: _committed(3, 1)}, begun_at=3.5)
        both.append([quota.slots(now=at, wall=at) for at in (3.6, 5.0)][-1])
    assert [4, 3] == both


def test_what_others_send_is_known_once_each_of_them_has_said_it() -> None:
    """One that never committed sends nothing; one whose commit says nothing is another version's."""
    stand = Stand(_committed(0, 10))
    assert math.inf == stand.quota.sent_by_others_per_s
    stand.heard(None, 1.0)
    assert 0 == stand.quota.sent_by_others_per_s
    stand.heard(Committable(7), 2.0)
    assert math.inf == stand.quota.sent_by_others_per_s
    sends = Demand(3, 10, 4, idle=False, settled=True)
    stand.heard(Committable(7, encode(Completions(demand=sends), offset=7)), 3.0)
    assert 4 == stand.quota.sent_by_others_per_s
    assert 0 == Stand(None, A, B).quota.sent_by_others_per_s


def test_what_others_have_learned_of_the_margin_is_known_of_those_that_work_now() -> None:
    """Not of one that is idle, that told it ten seconds ago, or that has learned nothing."""
    stand = Stand(_committed(0, 10))
    for at, told, known in (
        (3.0, Demand(3, 5, 5, idle=False, margin_ms=17), [0.017]),
        (4.0, Demand(4, 0, 0, idle=True, margin_ms=17), []),
        (5.0, Demand(5, 5, 5, idle=False), []),
    ):
        stand.heard(Committable(7, encode(Completions(demand=told), offset=7)), at)
        assert known == stand.quota.margins_of_others_s(wall=at)
    stand.heard(Committable(7, encode(Completions(demand=Demand(3, 5, 5, idle=False, margin_ms=17)), offset=7)), 13.0)
    assert [] == stand.quota.margins_of_others_s(wall=13.0)
