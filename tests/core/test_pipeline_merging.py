"""The pipeline's rules on requests that become one while they wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from consumer.core.effect import Attempt, Commit, Committable, Effect, Fate, Saved
from consumer.core.outcome import Outcome, Verdict
from consumer.core.policy import Policy
from consumer.core.record import Plan
from consumer.core.terms import Priority, Terms
from tests.core.driving import (
    BUSY,
    CONFLICT,
    DONE,
    P0,
    P1,
    REFUSED,
    THROTTLED,
    Driven,
    attempts,
    batch,
    delete,
    fates,
    letters,
    of,
    send,
    update,
)

MERGING: Final = Policy(on_wire_max=1, merge_updates=True, merge_into_events=True)
"""One request at a time: what comes while it is on the wire waits."""

HIGH, _, LOW = (Terms(priority=priority) for priority in Priority)
ONCE = Terms(once=True)


class Waiting(Driven):
    """Offset 0 is of contact ``z`` and on the wire; what comes from offset 1 on waits behind it for the slot."""

    def __init__(self, plans: Mapping[int, list[Plan]], policy: Policy = MERGING) -> None:
        """``plans`` from offset 1 on."""
        super().__init__(policy)
        (self.first,) = attempts(self.tell("selected", batch({0: [send("z")]}, last=0)))
        self.tell("selected", batch(plans, first=1, last=max(plans)))

    def go_on(self) -> list[Attempt]:
        """The first one is done, and its commit is taken; what leaves then."""
        return attempts(self.commit(self.answer(self.first)))

    def then(self, attempt: Attempt, outcome: Outcome = DONE) -> list[Effect]:
        """An answer, and whatever follows until nothing is owed."""
        came = self.answer(attempt, outcome)
        return came + self.commit(came)


def body(attempt: Attempt) -> dict[str, Any]:
    """What a request says."""
    found: dict[str, Any] = orjson.loads(attempt.request.body or b"{}")
    return found


def saved(driven: Driven) -> list[tuple[str, int, str]]:
    """All that needed not be sent."""
    return [(one.by, one.count, one.rule) for one in of(Saved, driven.effects)]


# Becoming one ----------------------------------------------------------------------------------------------------


def test_updates_that_wait_become_one_and_each_record_is_delivered() -> None:
    """The newest value of each property; one commit for all of them."""
    waiting = Waiting({at: [update("a", contact={"seats": at, f"p{at}": at})] for at in (1, 2, 3)})
    (attempt,) = waiting.go_on()
    assert {"userId": "a", "seats": 3, "p1": 1, "p2": 2, "p3": 3} == body(attempt)
    answered = waiting.answer(attempt)
    assert [(Fate.DELIVERED, "u")] * 3 == fates(answered)
    assert [Commit({P0: Committable(4)})] == of(Commit, answered)
    assert ([("updates", 2, "u")], 0) == (saved(waiting), waiting.pipeline.in_flight)


def test_an_update_that_waits_is_told_by_the_event_behind_it() -> None:
    """Whose key is what it was, and after which nothing is added to it."""
    event = send("a", contact={"role": "owner"})
    waiting = Waiting({1: [update("a")], 2: [update("a", contact={"seats": 2})], 3: [event], 4: [update("a")]})
    (attempt,) = waiting.go_on()
    assert {"plan": "pro", "seats": 2, "role": "owner"}.items() <= body(attempt).items()
    assert "key-a" == attempt.request.idempotency_key
    (last,) = attempts(waiting.then(attempt))
    assert "/contacts/update" == last.request.path
    assert [(Fate.DELIVERED, "u"), (Fate.DELIVERED, "u"), (Fate.DELIVERED, "r")] == fates(waiting.effects)[1:]
    assert [("into_events", 2, "u")] == saved(waiting)


def test_an_event_takes_in_no_update_that_has_taken_in_what_it_says_otherwise() -> None:
    """Were its key used, each would go out again by itself, and the first would undo what the event said."""
    event = send("a", contact={"plan": "pro"})
    waiting = Waiting({1: [update("a", contact={"plan": "free"})], 2: [update("a")], 3: [event]})
    (attempt,) = waiting.go_on()
    assert ("/contacts/update", {"userId": "a", "plan": "pro"}) == (attempt.request.path, body(attempt))
    (then,) = attempts(waiting.then(attempt))
    assert "key-a" == then.request.idempotency_key


def test_two_plans_of_a_record_become_one() -> None:
    """An update and an event of the same record; it is finished once."""
    waiting = Waiting({1: [update("a"), send("a")]})
    (attempt,) = waiting.go_on()
    answered = waiting.answer(attempt)
    assert ("/events/send", "pro") == (attempt.request.path, body(attempt)["plan"])
    assert ([(Fate.DELIVERED, "u")], [Commit({P0: Committable(2)})]) == (fates(answered), of(Commit, answered))


def test_what_is_on_the_wire_takes_nothing_in() -> None:
    """Nor does what waits out a backoff."""
    driven = Driven(MERGING)
    (first,) = attempts(driven.tell("selected", batch({0: [update("a")]}, last=0)))
    driven.tell("selected", batch({1: [update("a")]}, first=1, last=1))
    driven.answer(first, BUSY)
    driven.tell("selected", batch({2: [update("a")]}, first=2, last=2))
    (again,) = attempts(driven.at(4.0))
    assert (2, 3) == (again.try_number, len(list(driven.pipeline.partitions[P0].under_way())))
    came = driven.answer(again)
    (both,) = attempts(driven.commit(came))
    assert [(Fate.DELIVERED, "u")] * 2 == fates(driven.answer(both))


def test_what_stands_between_keeps_them_apart() -> None:
    """A delete, and a request that shares one identifier alone."""
    for between in (delete("a", None), update("a", "a@x.test")):
        waiting = Waiting({1: [update("a")], 2: [between], 3: [update("a")]})
        left: list[Attempt] = waiting.go_on()
        while len(left) < 3:
            left += attempts(waiting.then(left[-1]))
        assert ([], 3) == (saved(waiting), len(left))


def test_the_same_contact_in_another_partition_is_another_matter() -> None:
    """Each partition commits its own."""
    waiting = Waiting({1: [update("a")]})
    waiting.tell("selected", batch({0: [update("a")]}, last=0, partition=P1))
    (first,) = waiting.go_on()
    (second,) = attempts(waiting.then(first))
    waiting.then(second)
    assert [] == saved(waiting)


def test_a_record_that_is_read_again_behind_a_later_one_takes_nothing_in() -> None:
    """What it says is older."""
    waiting = Waiting({2: [update("a", contact={"p": 2})]})
    waiting.tell("rewound", P0, 1)
    waiting.tell("selected", batch({1: [update("a", contact={"p": 1})]}, first=1, last=1))
    (first,) = waiting.go_on()
    (second,) = attempts(waiting.then(first))
    assert [2, 1] == [body(attempt)["p"] for attempt in (first, second)]


def test_a_high_one_that_joins_makes_the_whole_high_at_once() -> None:
    """And its turn is that of the oldest."""
    plans: dict[int, list[Plan]] = {1: [update("a", terms=LOW)], 2: [update("b")], 3: [update("a", terms=HIGH)]}
    waiting = Waiting(plans)
    (first,) = waiting.go_on()
    assert ("ua",) == first.lanes
    low = Waiting({1: [update("a", terms=HIGH)], 2: [update("b")], 3: [update("a", terms=LOW)]})
    assert [("ua",)] == [attempt.lanes for attempt in low.go_on()]


def test_one_that_was_high_by_what_it_carried_is_taken_in_as_well() -> None:
    """It stood among the high ones."""
    waiting = Waiting({1: [update("a", terms=HIGH)], 2: [update("a")], 3: [update("a")], 4: [update("b")]})
    (first,) = waiting.go_on()
    assert ([(Fate.DELIVERED, "u")] * 3, ("ua",)) == (fates(waiting.answer(first)), first.lanes)


def test_who_is_starved_is_counted_from_the_oldest() -> None:
    """What joins does not begin to wait anew."""
    policy = Policy(on_wire_max=1, merge_updates=True, starvation_s=60.0)
    waiting = Waiting({1: [update("a", terms=LOW)]}, policy)
    waiting.at(50.0)
    waiting.tell("selected", batch({2: [update("a", terms=LOW)], 3: [update("b")]}, first=2, last=3))
    waiting.at(63.0)
    (first,) = waiting.go_on()
    assert (("ua",), 61.0) == (first.lanes, first.waited_s)


def test_no_more_than_a_hundred_become_one() -> None:
    """Their ends have to find room beside the offset."""
    waiting = Waiting({at: [update("a")] for at in range(1, 151)})
    (first,) = waiting.go_on()
    assert 100 == len(fates(waiting.answer(first)))


# Taken apart -----------------------------------------------------------------------------------------------------


def test_of_a_refused_one_only_the_culprit_is_a_dead_letter() -> None:
    """Each is sent by itself, in the order of the records; the others are delivered."""
    waiting = Waiting({at: [update("a", contact={"p": at})] for at in (1, 2, 3)})
    (attempt,) = waiting.go_on()
    (first,) = attempts(waiting.then(attempt, REFUSED))
    (second,) = attempts(waiting.then(first))
    refused = waiting.answer(second, REFUSED)
    (letter,) = letters(refused)
    assert ("u", 2, 1) == (letter.rule, letter.record.offset, letter.attempts)
    came = waiting.tell("letter_confirmed", letter)
    (third,) = attempts(refused + came + waiting.commit(came))
    assert [{"userId": "a", "p": at} for at in (1, 2, 3)] == [body(each) for each in (first, second, third)]
    waiting.then(third)
    expected = [(Fate.DELIVERED, "u"), (Fate.DEAD_LETTERED, "u"), (Fate.DELIVERED, "u")]
    assert (expected, []) == (fates(waiting.effects)[1:], saved(waiting))


def test_what_came_apart_takes_nothing_in_and_what_comes_behind_it_may() -> None:
    """So no culprit spoils a second request."""
    waiting = Waiting({1: [update("a", contact={"p": 1})], 2: [update("a", contact={"p": 2})]})
    (attempt,) = waiting.go_on()
    (first,) = attempts(waiting.then(attempt, REFUSED))
    later: dict[int, list[Plan]] = {3: [update("a", contact={"p": 3})], 4: [update("a", contact={"q": 4})]}
    waiting.tell("selected", batch(later, first=3, last=4))
    (second,) = attempts(waiting.then(first))
    (third,) = attempts(waiting.then(second))
    assert ({"userId": "a", "p": 2}, {"userId": "a", "p": 3, "q": 4}) == (body(second), body(third))


def test_a_used_key_says_nothing_of_what_its_event_carried() -> None:
    """That goes by itself; the event is done."""
    waiting = Waiting({1: [update("a")], 2: [send("a", contact={"role": "owner"})]})
    (attempt,) = waiting.go_on()
    answered = waiting.then(attempt, CONFLICT)
    assert [(Fate.DELIVERED, "r")] == fates(answered)
    (then,) = attempts(answered)
    assert ("/contacts/update", {"userId": "a", "plan": "pro"}) == (then.request.path, body(then))
    assert [(Fate.DELIVERED, "u")] == fates(waiting.then(then))
    assert [] == saved(waiting)


def test_a_used_key_of_a_rule_that_acts_once_tells_both_of_their_contact() -> None:
    """What it carried, and then what the event says itself."""
    waiting = Waiting({1: [update("a")], 2: [send("a", contact={"role": "owner"}, terms=ONCE)]})
    (attempt,) = waiting.go_on()
    (first,) = attempts(waiting.then(attempt, CONFLICT))
    (second,) = attempts(waiting.then(first))
    waiting.then(second)
    assert ({"userId": "a", "plan": "pro"}, {"userId": "a", "role": "owner"}) == (body(first), body(second))
    assert [(Fate.DELIVERED, "u"), (Fate.CAPPED, "r")] == fates(waiting.effects)[1:]


def test_what_is_too_old_or_capped_or_over_its_budget_leaves_the_others_to_themselves() -> None:
    """Found when its turn has come."""
    budget = Terms(max_per_hour=1)
    late = send("a", max_age_s=60, age_s=61)
    for last, fate in ((late, Fate.STALE), (send("a", terms=budget), None)):
        waiting = Waiting({1: [send("y", terms=budget)], 2: [update("a")], 3: [last]})
        (spends,) = waiting.go_on()
        (attempt,) = attempts(waiting.then(spends))
        assert "/contacts/update" == attempt.request.path
        answered = waiting.then(attempt)
        assert [(Fate.DELIVERED, "u")] == fates(answered)[:1]
        assert ([(fate, "r")] if fate else []) == fates(answered)[1:]
        assert ([] if fate else ["over_budget"]) == [letter.reason for letter in letters(answered)]


def test_an_update_of_a_contact_deleted_since_is_stale_by_itself() -> None:
    """What the event after it says is sent."""
    driven = Driven(MERGING)
    (gone,) = attempts(driven.tell("selected", batch({0: [delete("a", None)]}, last=0)))
    plans: dict[int, list[Plan]] = {1: [update("a", age_s=10)], 2: [send("a", age_s=-10)]}
    driven.tell("selected", batch(plans, first=1, last=2))
    came = driven.answer(gone)
    (attempt,) = attempts(came + driven.commit(came))
    assert "plan" not in body(attempt)
    driven.answer(attempt)
    assert [(Fate.DELIVERED, "d"), (Fate.STALE, "u"), (Fate.DELIVERED, "r")] == fates(driven.effects)


def test_one_that_always_fails_is_taken_apart_before_anything_is_given_up() -> None:
    """Each of its parts has its own tries."""
    policy = Policy(attempts_max=1, merge_updates=True, on_wire_max=1)
    waiting = Waiting({1: [update("a", contact={"p": 1})], 2: [update("a", contact={"q": 2})]}, policy)
    (both,) = waiting.go_on()
    waiting.then(both, BUSY)
    (other,) = attempts(waiting.tell("selected", batch({3: [update("b")]}, first=3, last=3)))
    waiting.then(other)
    (again,) = attempts(waiting.at(3.0))
    assert both.request == again.request
    (first,) = attempts(waiting.then(again, BUSY))
    (second,) = attempts(waiting.then(first))
    assert ({"userId": "a", "p": 1}, {"userId": "a", "q": 2}) == (body(first), body(second))
    assert [] == letters(waiting.effects)


def test_a_throttled_one_stays_one() -> None:
    """It has to leave again, and that is all."""
    waiting = Waiting({1: [update("a")], 2: [send("a")]})
    (attempt,) = waiting.go_on()
    (again,) = attempts(waiting.then(attempt, THROTTLED))
    assert attempt.request == again.request
    waiting.then(again, Outcome(Verdict.RETRY, "timeout"))
    (third,) = attempts(waiting.at(6.0))
    assert attempt.request == third.request
    assert [(Fate.DELIVERED, "u"), (Fate.DELIVERED, "r")] == fates(waiting.then(third))


def test_one_that_carries_an_urgent_one_is_carried_in_turn() -> None:
    """Its part was urgent, it is, and what carries both is."""
    waiting = Waiting({1: [update("a", terms=HIGH)], 2: [update("a", terms=LOW)], 3: [update("a")], 4: [send("b")]})
    assert [("ua",)] == [attempt.lanes for attempt in waiting.go_on()]
