"""The pipeline's rules on records, lanes, partitions and commits, by the numbers at its head."""

from __future__ import annotations

from consumer.core.effect import Commit, Committable, Drained, Fate, Finished, Handed, LateOutcome, Pause, Resume
from consumer.core.policy import Policy
from consumer.core.record import Received, Wanted
from tests.core.driving import (
    BUSY,
    DONE,
    P0,
    P1,
    WALL,
    Driven,
    attempts,
    batch,
    letters,
    of,
    record,
    requests,
    send,
    told,
    unreadable,
    update,
)

# 1. The watermark ----------------------------------------------------------------------------------------------------


def test_a_commit_never_passes_an_unfinished_record() -> None:
    """Offset 1 is answered, 0 is not: the offset stays, and the metadata tells of 1."""
    driven = Driven()
    first, second = attempts(driven.tell("selected", batch({0: [send("a")], 1: [send("b")]}, last=5)))
    (beyond,) = of(Commit, driven.answer(second))
    driven.tell("committed", beyond.positions)
    after_first = driven.answer(first)
    assert {P0: told(0, (1, 1))} == beyond.positions
    assert [Commit({P0: Committable(6)})] == of(Commit, after_first)


def test_a_record_with_two_rules_is_finished_when_both_are() -> None:
    """And takes the fate that weighs more."""
    driven = Driven()
    (first,) = attempts(driven.tell("selected", batch({0: [send("a"), update("a")]}, last=0)))
    (second,) = attempts(driven.answer(first))
    assert [] == of(Finished, driven.effects)
    assert [Finished(P0, Fate.DELIVERED, 1, "r", 0, int(WALL * 1000))] == of(Finished, driven.answer(second))


def test_a_dead_letter_s_record_is_finished_when_the_broker_has_the_letter() -> None:
    """Not when it is written."""
    driven = Driven()
    (letter,) = letters(driven.tell("selected", batch({0: [unreadable()]}, last=0)))
    assert [] == of(Commit, driven.effects)
    confirmed = driven.tell("letter_confirmed", letter)
    assert [Finished(P0, Fate.DEAD_LETTERED, 1, None, 0)] == of(Finished, confirmed)
    assert [Commit({P0: Committable(1)})] == of(Commit, confirmed)


def test_records_without_a_rule_are_filtered_in_one_count() -> None:
    """One report for the whole read."""
    driven = Driven()
    assert [Finished(P0, Fate.FILTERED, 1000)] == of(Finished, driven.tell("selected", batch({}, last=999)))


def test_records_add_up() -> None:
    """Received is the sum of fates, in flight, and handed back."""
    driven = Driven()
    sent = attempts(driven.tell("selected", batch({3: [send("a")], 4: [send("b")], 5: [send("b")]}, last=9)))
    driven.answer(sent[0])
    pipeline = driven.pipeline
    assert (10, 8, 2, 0) == (pipeline.received, sum(pipeline.fates.values()), pipeline.in_flight, pipeline.handed_back)
    driven.tell("lost", [P0])
    assert (10, 8, 0, 2) == (pipeline.received, sum(pipeline.fates.values()), pipeline.in_flight, pipeline.handed_back)


# 2. Lanes, the wire, the pacer ---------------------------------------------------------------------------------------


def test_one_contact_s_requests_leave_one_at_a_time_in_order() -> None:
    """The second leaves when the first is answered."""
    driven = Driven()
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")], 1: [update("a")]}, last=1)))
    (second,) = attempts(driven.answer(first))
    assert ["/events/send", "/contacts/update"] == [first.request.path, second.request.path]


def test_requests_that_share_an_address_or_a_user_are_never_on_the_wire_together() -> None:
    """Whatever its case."""
    driven = Driven()
    plans = {0: [send("a", "one@example.com")], 1: [send("b", "ONE@example.com")], 2: [send("b")], 3: [send("c")]}
    on_wire = attempts(driven.tell("selected", batch(plans, last=3)))
    assert [("eone@example.com", "ua"), ("uc",)] == [attempt.lanes for attempt in on_wire]
    (then,) = attempts(driven.answer(on_wire[0]))
    assert ("eone@example.com", "ub") == then.lanes
    assert [("ub",)] == [attempt.lanes for attempt in attempts(driven.answer(then))]


def test_a_shared_address_holds_up_only_what_names_it() -> None:
    """Lanes are not joined: a stands before ab, ab before b's next; c by the address alone goes on."""
    driven = Driven()
    plans = {0: [send("a")], 1: [send("a", "x@example.com")], 2: [send("b")]}
    assert [("ua",), ("ub",)] == [a.lanes for a in attempts(driven.tell("selected", batch(plans, last=2)))]


def test_ten_are_on_the_wire_at_most_by_default() -> None:
    """The limit may be higher."""
    driven = Driven(Policy(rate_per_s=100))
    plans = {offset: [send(f"u{offset}")] for offset in range(30)}
    assert 10 == len(attempts(driven.tell("selected", batch(plans, last=29))))


def test_the_rate_holds_and_is_used() -> None:
    """Ten at once, then ten a second with the margin."""
    driven = Driven(Policy(on_wire_max=100))
    plans = {offset: [send(f"u{offset}")] for offset in range(100)}
    at_once = len(attempts(driven.tell("selected", batch(plans, last=99))))
    assert (10, 10, 10) == (at_once, len(attempts(driven.at(3.04))), len(attempts(driven.at(4.08))))


def test_a_slot_given_back_as_nothing_can_be_told_is_due_at_once() -> None:
    """No commit follows that would give it back."""
    driven = Driven(Policy(on_wire_max=1, metadata_bytes_max=0))
    (first,) = attempts(driven.tell("selected", batch({0: [send("a"), send("b")]}, last=0)))
    driven.now += 1.0
    assert [] == attempts(driven.answer(first)) + of(Commit, driven.effects)
    assert 0.0 == driven.pipeline.next_timer(now=3.0)
    assert [("ub",)] == [attempt.lanes for attempt in attempts(driven.tell("tick"))]


def test_a_slot_of_a_partition_that_was_handed_over_is_due_at_once() -> None:
    """Its commit is nobody's to wait for any more."""
    driven = Driven(Policy(on_wire_max=1))
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")]}, last=0)))
    driven.tell("selected", batch({0: [send("b")]}, last=0, partition=P1))
    driven.now += 1.0
    driven.answer(first)
    assert [] == attempts(driven.tell("revoked", [P0]))
    assert 0.0 == driven.pipeline.next_timer(now=3.0)
    assert [("ub",)] == [attempt.lanes for attempt in attempts(driven.tell("tick"))]


def test_a_slot_that_frees_between_the_effects_and_the_question_is_due_at_once() -> None:
    """Carrying out takes time: what waited for the pacer may wait for nothing by then; its timer is needed."""
    driven = Driven(Policy(on_wire_max=100))
    plans = {offset: [send(f"u{offset}")] for offset in range(11)}
    for attempt in attempts(driven.tell("selected", batch(plans, last=10))):
        driven.answer(attempt)
    assert 0.0 == driven.pipeline.next_timer(now=3.5)


def test_a_contact_with_many_requests_has_one_place_in_the_queue() -> None:
    """The 20 of one contact do not stand before the one of another."""
    driven = Driven(Policy(on_wire_max=1))
    plans = {offset: [send("hot")] for offset in range(20)} | {20: [send("cold")]}
    (first,) = attempts(driven.tell("selected", batch(plans, last=20)))
    (second,) = attempts(driven.commit(driven.answer(first)))
    assert ("ucold",) == second.lanes


# 6. Pauses -----------------------------------------------------------------------------------------------------------


def test_a_partition_pauses_when_it_holds_as_much_as_is_free_and_resumes_at_half_of_that() -> None:
    """Ten of twenty: the other one reads on; when it holds six there are 14 free."""
    driven = Driven(Policy(in_flight_records_max=20, rate_per_s=100))
    plans = {offset: [send(f"u{offset}")] for offset in range(10)}
    effects = driven.tell("selected", batch(plans, last=9))
    sent = attempts(effects)
    assert [Pause(P0, "full")] == of(Pause, effects)
    for attempt in sent[:3]:
        assert [] == of(Resume, driven.answer(attempt))
    assert [Resume(P0)] == of(Resume, driven.answer(sent[3]))


def test_a_partition_pauses_when_it_holds_as_many_bytes_as_are_free() -> None:
    """A few large records are as much as many small ones."""
    driven = Driven(Policy(in_flight_bytes_max=2000))
    received = Received([(0, 0)], 1, [Wanted(record(0, size_bytes=1000), (send("a"),))], 1)
    assert [Pause(P0, "full")] == of(Pause, driven.tell("selected", {P0: received}))


def test_a_letter_that_the_broker_does_not_take_pauses_its_partition_and_is_written_again() -> None:
    """Its record stays in flight until it is confirmed."""
    driven = Driven()
    (letter,) = letters(driven.tell("selected", batch({0: [unreadable()]}, last=0)))
    assert [Pause(P0, "dead_letters")] == of(Pause, driven.tell("letter_failed", letter))
    again = driven.at(5.0)
    assert [letter] == letters(again)
    assert [] == of(Resume, again)
    confirmed = driven.tell("letter_confirmed", letter)
    assert [Resume(P0)] == of(Resume, confirmed)
    assert [Finished(P0, Fate.DEAD_LETTERED, 1, None, 0)] == of(Finished, confirmed)


def test_records_that_cannot_be_read_are_written_at_a_bounded_rate() -> None:
    """Past it the partition pauses; after a minute the rest goes on."""
    driven = Driven(Policy(undecodable_per_min=3))
    effects = driven.tell("selected", batch({offset: [unreadable()] for offset in range(5)}, last=4))
    assert (3, [Pause(P0, "undecodable")]) == (len(letters(effects)), of(Pause, effects))
    before, after = driven.at(61.0), driven.at(62.5)
    assert (0, 2, [Resume(P0)]) == (len(letters(before)), len(letters(after)), of(Resume, after))


# 7. Commits ----------------------------------------------------------------------------------------------------------


def test_one_commit_is_under_way_at_a_time() -> None:
    """The next leaves when it ends, with all that was finished meanwhile."""
    driven = Driven()
    first, second, third = attempts(
        driven.tell("selected", batch({number: [send(f"u{number}")] for number in range(3)}, last=2))
    )
    (commit,) = of(Commit, driven.answer(first))
    assert [] == of(Commit, driven.answer(second) + driven.answer(third))
    assert [Commit({P0: Committable(3)})] == of(Commit, driven.tell("committed", commit.positions))


def test_progress_by_filtering_alone_is_committed_once_a_second() -> None:
    """However many reads there are."""
    driven = Driven()
    (commit,) = of(Commit, driven.tell("selected", batch({}, last=9)))
    driven.tell("committed", commit.positions)
    driven.tell("selected", batch({}, last=19, first=10))
    assert [] == of(Commit, driven.at(2.9))
    assert [Commit({P0: Committable(20)})] == of(Commit, driven.at(3.1))


def test_a_commit_that_failed_is_owed() -> None:
    """It is tried again after half a second."""
    driven = Driven()
    (commit,) = of(Commit, driven.tell("selected", batch({}, last=9)))
    assert [] == of(Commit, driven.tell("commit_failed", commit.positions, "_TIMED_OUT"))
    assert [commit] == of(Commit, driven.at(2.6))


def test_where_nothing_was_read_nothing_is_committed() -> None:
    """Not even a zero."""
    driven = Driven(committed=None)
    assert [] == of(Commit, driven.at(60.0))


# 9. Rebalances -------------------------------------------------------------------------------------------------------


def test_a_revoke_waits_for_what_is_on_the_wire_and_nothing_else_leaves() -> None:
    """Then all that is finished is handed over with the commit."""
    driven = Driven(Policy(on_wire_max=1))
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")], 1: [send("b")]}, last=1)))
    assert [] == of(Handed, driven.tell("revoked", [P0]))
    effects = driven.answer(first)
    assert [Handed((P0,), {P0: Committable(1)})] == of(Handed, effects)
    assert [] == attempts(effects)
    assert [] == of(LateOutcome, driven.effects)


def test_a_revoke_with_nothing_on_the_wire_returns_at_once() -> None:
    """With what filtering finished."""
    driven = Driven()
    (commit,) = of(Commit, driven.tell("selected", batch({}, last=9)))
    assert [Handed((P0,), dict(commit.positions))] == of(Handed, driven.tell("revoked", [P0]))


def test_a_revoke_does_not_wait_for_ever() -> None:
    """After the bound it is handed over, and the outcome that comes then commits nothing."""
    driven = Driven(Policy(handover_s=11))
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")]}, last=0)))
    driven.tell("revoked", [P0])
    assert [Handed((P0,), {})] == of(Handed, driven.at(13.1))
    late = driven.answer(first)
    assert [LateOutcome(P0)] == late


def test_a_request_that_failed_during_a_revoke_is_its_next_owner_s() -> None:
    """It is not tried again here."""
    driven = Driven()
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")]}, last=0)))
    driven.tell("revoked", [P0])
    assert [Handed((P0,), {})] == of(Handed, driven.answer(first, BUSY))
    assert [] == attempts(driven.at(30.0))


def test_a_lost_partition_is_forgotten_and_its_contact_still_has_one_on_the_wire() -> None:
    """What comes for the contact from another partition waits for the outcome."""
    driven = Driven()
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")]}, last=0)))
    driven.tell("lost", [P0])
    assert [] == attempts(driven.tell("selected", batch({0: [send("a")]}, last=0, partition=P1)))
    late = driven.answer(first)
    assert ([LateOutcome(P0)], 1) == (of(LateOutcome, late), len(attempts(late)))


def test_a_batch_of_a_partition_that_is_not_ours_is_dropped() -> None:
    """Its owner reads it."""
    driven = Driven()
    driven.tell("lost", [P0])
    assert [] == driven.tell("selected", batch({0: [send("a")]}, last=0))
    assert 0 == driven.pipeline.received


def test_an_empty_assignment_resets_nothing() -> None:
    """Cooperative rebalancing tells of those."""
    driven = Driven()
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")]}, last=0)))
    driven.tell("assigned", {}, [P0, P1])
    assert [Commit({P0: Committable(1)})] == of(Commit, driven.answer(first))


def test_an_outcome_of_a_former_assignment_commits_nothing_in_the_next() -> None:
    """The same partition came back; its record is read and sent again, and Loops knows the key."""
    driven = Driven()
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")]}, last=0)))
    driven.tell("lost", [P0])
    driven.tell("assigned", {P0: Committable(0)}, [P0, P1])
    driven.tell("selected", batch({0: [send("a")]}, last=0))
    effects = driven.answer(first)
    assert ([], [first.request]) == (of(Commit, effects), requests(effects))


# 10. Draining --------------------------------------------------------------------------------------------------------


def test_draining_sends_nothing_more_and_ends_when_the_last_commit_did() -> None:
    """What waits stays for the next process."""
    driven = Driven(Policy(on_wire_max=1))
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")], 1: [send("b")]}, last=1)))
    assert [Pause(P0, "draining"), Pause(P1, "draining")] == driven.tell("drain")
    effects = driven.answer(first, DONE)
    (commit,) = of(Commit, effects)
    assert ([], []) == (attempts(effects), of(Drained, effects))
    assert [Drained()] == driven.tell("committed", commit.positions)


def test_a_letter_that_the_broker_does_not_confirm_does_not_hold_the_end() -> None:
    """The drain has had its wait: what is left is the next owner's, uncommitted."""
    driven = Driven()
    driven.tell("selected", batch({1: [unreadable()]}, last=5))
    assert [] == of(Drained, driven.tell("drain"))
    assert [Handed((P0, P1), {P0: Committable(1)})] == of(Handed, driven.tell("revoked", [P0, P1]))


def test_a_partition_that_came_back_is_not_given_away_with_its_former_assignment() -> None:
    """The revoke still waited when the group gave it to us again."""
    driven = Driven()
    driven.tell("selected", batch({0: [send("a")]}, last=0))
    driven.tell("revoked", [P0])
    driven.tell("assigned", {P0: Committable(0)}, [P0, P1])
    assert P0 in driven.pipeline.partitions


def test_a_revoke_during_a_drain_waits_for_what_is_on_the_wire() -> None:
    """As long as at any time, counted from the beginning of the drain."""
    driven = Driven(Policy(handover_s=11))
    driven.tell("selected", batch({0: [send("a")]}, last=0))
    driven.tell("drain")
    driven.at(10.0)
    assert [] == of(Handed, driven.tell("revoked", [P0]) + driven.at(12.9))
    assert [Handed((P0,), {})] == of(Handed, driven.at(13.1))


def test_draining_with_nothing_on_the_wire_ends_at_once() -> None:
    """And is told once."""
    driven = Driven()
    assert [Drained()] == of(Drained, driven.tell("drain") + driven.tell("drain") + driven.at(60.0))


def test_what_is_dropped_is_held_nowhere() -> None:
    """Partitions that come and go during an outage leave nothing behind."""
    driven = Driven(Policy(on_wire_max=1))
    (first,) = attempts(driven.tell("selected", batch({0: [send("first")]}, last=0, partition=P1)))
    for _ in range(5):
        driven.tell("selected", batch({offset: [send(f"u{offset}")] for offset in range(20)}, last=19))
        driven.tell("lost", [P0])
        driven.tell("assigned", {P0: None}, [P0, P1])
    driven.answer(first)
    queued = sum(len(queue) for queues in driven.pipeline.wire.ready._queues.values() for queue in queues)
    assert (0, 0) == (queued, len(driven.pipeline.wire.lanes))
