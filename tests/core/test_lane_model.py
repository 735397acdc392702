"""Lanes against the simplest model: one list of all deliveries, in the order in which they came.

One that waits for its contact, and what is behind it with the same single identifier, moves in that list behind the one
that it lets pass. So there is one order of all at any time, and its first one may always leave.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.lane import Lanes
from consumer.core.request import Call
from tests.core.driving import P0, delete, record, send


class LanesAsAList(RuleBasedStateMachine):
    """One may leave when no earlier one that is still there shares an identifier with it."""

    def __init__(self) -> None:
        """Nobody has come."""
        super().__init__()
        self.lanes = Lanes()
        self.there: list[Delivery] = []
        self.may_leave: list[Delivery] = []
        self.passing: list[tuple[Delivery, Delivery]] = []
        """Who went ahead of whom."""

    def first_in_all(self) -> list[Delivery]:
        """The definition."""
        return [
            one
            for place, one in enumerate(self.there)
            if not any(set(one.lanes) & set(earlier.lanes) for earlier in self.there[:place])
        ]

    @initialize(names=st.lists(st.sets(st.sampled_from("abcde"), min_size=1, max_size=3), max_size=8))
    def begin_with_some(self, names: list[set[str]]) -> None:
        """A crowd, so that short runs have something to wait for."""
        for identifiers in names:
            self.enter(identifiers, deletes=False)

    @rule(identifiers=st.sets(st.sampled_from("abcde"), min_size=1, max_size=3), deletes=st.booleans())
    def enter(self, identifiers: set[str], deletes: bool) -> None:
        """One more comes, last of all, and hears whether it may leave at once."""
        request = delete("any", None) if deletes else send("any")
        one = Delivery(request, OpenRecord(record(0), P0, 1, 1), tuple(sorted(identifiers)))
        self.there.append(one)
        may_leave = self.lanes.enter(one)
        assert may_leave == any(one is other for other in self.first_in_all())
        if may_leave:
            self.may_leave.append(one)

    @precondition(lambda self: self.may_leave)
    @rule(data=st.data())
    def leave_as_one_that_may(self, data: st.DataObject) -> None:
        """One whose turn it is has come to its end."""
        self.leave(self.may_leave[data.draw(st.integers(0, len(self.may_leave) - 1))])

    @precondition(lambda self: self.there)
    @rule(data=st.data())
    def leave_from_anywhere(self, data: st.DataObject) -> None:
        """One is forgotten while it waits."""
        self.leave(self.there[data.draw(st.integers(0, len(self.there) - 1))])

    @precondition(lambda self: self.waiting())
    @rule(data=st.data())
    def let_pass(self, data: st.DataObject) -> None:
        """One that is first, and has one identifier, waits for its contact."""
        waiting = self.waiting()[data.draw(st.integers(0, len(self.waiting()) - 1))]
        behind = self.there[self.there.index(waiting) :]
        same = [one for one in behind if set(one.lanes) & set(waiting.lanes)]
        stops = (one for one in same if len(one.lanes) > 1 or one.request.call is Call.DELETE)
        stop = next(stops, None)
        expected = None if stop is None or stop.request.call is Call.DELETE else stop
        assert expected is self.lanes.let_pass(waiting)
        if expected is not None:
            moving = same[: same.index(expected)]
            self.there = [one for one in self.there if one not in moving]
            at = self.there.index(expected) + 1
            self.there[at:at] = moving
            self.passing.append((expected, waiting))
            self.tell_anew()

    @precondition(lambda self: self.passing)
    @rule(data=st.data())
    def fall_back(self, data: st.DataObject) -> None:
        """One that went ahead cannot leave: whom it went ahead of is first again."""
        ahead, waiting = self.passing.pop(data.draw(st.integers(0, len(self.passing) - 1)))
        if ahead in self.there and waiting in self.there:
            self.lanes.put_first(waiting)
            self.there.remove(waiting)
            self.there.insert(self.there.index(ahead), waiting)
            self.tell_anew()

    def waiting(self) -> list[Delivery]:
        """Those that could wait for their contact."""
        return [one for one in self.may_leave if len(one.lanes) == 1 and one.request.call is not Call.DELETE]

    def tell_anew(self) -> None:
        """Who may leave is asked of each."""
        self.may_leave = [one for one in self.there if self.lanes.is_first(one)]

    def leave(self, one: Delivery) -> None:
        """It goes; those behind it that may go now are told, each once, and nobody else."""
        before = {id(other) for other in self.first_in_all()}
        self.there.remove(one)
        freed = {id(other) for other in self.first_in_all()} - before
        told = self.lanes.leave(one)
        assert sorted(freed) == sorted(id(other) for other in told)
        self.may_leave = [other for other in self.may_leave if other is not one] + told

    @invariant()
    def those_that_heard_are_those_that_may(self) -> None:
        """Nobody is held up by what is gone, and there is always one that may leave."""
        assert {id(one) for one in self.may_leave} == {id(one) for one in self.first_in_all()}
        assert bool(self.may_leave) == bool(self.there)

    @invariant()
    def nothing_is_kept_of_what_left(self) -> None:
        """A lane is there for each identifier that anyone waits with."""
        assert len(self.lanes) == len({name for one in self.there for name in one.lanes})
        assert {id(one) for one in self.lanes.waiting()} == {id(one) for one in self.there}


LanesAsAList.TestCase.settings = settings(derandomize=True, deadline=None, max_examples=100, stateful_step_count=40)
TestLanes = LanesAsAList.TestCase
