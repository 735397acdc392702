"""The pipeline's rules on what rules say of delivery: old, once, deleted, so many an hour."""

from __future__ import annotations

from consumer.core.effect import Commit, Committable, Fate
from consumer.core.outcome import Outcome, Verdict
from consumer.core.policy import Policy
from consumer.core.record import Plan
from consumer.core.terms import Priority, Terms
from tests.core.driving import (
    BUSY,
    CONFLICT,
    NOT_FOUND,
    P0,
    P1,
    REFUSED,
    UNAUTHORIZED,
    Driven,
    attempts,
    batch,
    create,
    delete,
    fates,
    letters,
    of,
    requests,
    send,
    told,
    update,
)

ONCE = Terms(once=True)
PRO = {"plan": "pro"}
HIGH, _, LOW = (Terms(priority=priority) for priority in Priority)


# Stale ---------------------------------------------------------------------------------------------------------------


def test_a_send_that_is_too_old_ends_as_an_update_and_is_stale() -> None:
    """Not before that is done."""
    driven = Driven()
    old = send("a", max_age_s=60, age_s=61, contact=PRO, terms=Terms(stale_update=True))
    (attempt,) = attempts(driven.tell("selected", batch({0: [old]}, last=0)))
    assert ("/contacts/update", [], None) == (attempt.request.path, fates(driven.effects), attempt.event_time_ms)
    answered = driven.answer(attempt)
    assert ([(Fate.STALE, "r")], [Commit({P0: Committable(1)})]) == (fates(answered), of(Commit, answered))


def test_what_became_an_update_waits_while_updates_are_held_back() -> None:
    """And what could leave goes on."""
    driven = Driven(Policy(on_wire_max=100))
    for failing in attempts(driven.tell("selected", batch({at: [update(f"u{at}")] for at in range(5)}, last=4))):
        driven.answer(failing, BUSY)
    old = send("a", max_age_s=60, age_s=61, contact=PRO, terms=Terms(stale_update=True))
    plans = {5: [old], 6: [send("b")]}
    assert ["/events/send"] == [each.path for each in requests(driven.tell("selected", batch(plans, first=5, last=6)))]


def test_an_update_of_an_old_send_that_is_refused_is_a_dead_letter() -> None:
    """With the send's key; the refusal was not of that."""
    driven = Driven()
    old = send("a", max_age_s=60, age_s=61, contact=PRO, terms=Terms(stale_update=True))
    (attempt,) = attempts(driven.tell("selected", batch({0: [old]}, last=0)))
    (letter,) = letters(driven.answer(attempt, REFUSED))
    assert ("deliver", "refused", "key-a", 0, 1) == (
        letter.stage,
        letter.reason,
        letter.idempotency_key,
        letter.refusals,
        letter.attempts,
    )


# Once ----------------------------------------------------------------------------------------------------------------


def test_a_second_event_within_the_span_is_capped_without_being_sent() -> None:
    """What it says of its contact is told; with nothing to tell it takes no slot."""
    driven = Driven()
    plans = {offset: [send("a", contact=contact, terms=ONCE)] for offset, contact in enumerate((PRO, PRO, None))}
    (first,) = attempts(driven.tell("selected", batch(plans, last=2)))
    (second,) = attempts(driven.answer(first))
    assert ("/events/send", "/contacts/update") == (first.request.path, second.request.path)
    driven.answer(second)
    assert [(Fate.DELIVERED, "r"), (Fate.CAPPED, "r"), (Fate.CAPPED, "r")] == fates(driven.effects)


def test_a_used_key_ends_as_an_update() -> None:
    """The plan is final with it, and not when the answer comes: a crash between them begins it again."""
    driven = Driven()
    plans = {0: [send("a", contact=PRO, terms=ONCE), send("b")], 1: [send("c")]}
    first, _, other = attempts(driven.tell("selected", batch(plans, last=1)))
    (then,) = attempts(driven.answer(first, CONFLICT))
    assert [Commit({P0: told(0, (1, 1))})] == of(Commit, driven.answer(other))
    assert "/contacts/update" == then.request.path
    driven.commit(driven.effects)
    assert [Commit({P0: told(0, (1, 1), partly={0: 1})})] == of(Commit, driven.answer(then))


def test_a_used_key_after_a_lost_answer_is_its_own() -> None:
    """So the event counts as delivered."""
    driven = Driven()
    (first,) = attempts(driven.tell("selected", batch({0: [send("a", contact=PRO, terms=ONCE)]}, last=0)))
    driven.answer(first, Outcome(Verdict.RETRY, "timeout"))
    (second,) = attempts(driven.at(3.0))
    (then,) = attempts(driven.answer(second, CONFLICT))
    driven.answer(then)
    assert [(Fate.DELIVERED, "r")] == fates(driven.effects)


def test_a_capped_update_whose_key_is_refused_waits_like_any_other() -> None:
    """An outage is no end of it."""
    driven = Driven()
    (first,) = attempts(driven.tell("selected", batch({0: [send("a", contact=PRO, terms=ONCE)]}, last=0)))
    (then,) = attempts(driven.answer(first, CONFLICT))
    driven.answer(then, UNAUTHORIZED)
    assert ([], 1) == (fates(driven.effects), driven.pipeline.in_flight)


# Deleted -------------------------------------------------------------------------------------------------------------


def test_what_comes_late_for_a_contact_that_is_gone_is_stale() -> None:
    """It happened before the delete, and would make the contact again; what happened since does so."""
    driven = Driven()
    plans: dict[int, list[Plan]] = {
        0: [delete("a", "a@example.com", age_s=10)],
        1: [update("a", age_s=11)],
        2: [update("a", age_s=9)],
    }
    (by_user,) = attempts(driven.tell("selected", batch(plans, last=2)))
    (by_email,) = attempts(driven.answer(by_user, NOT_FOUND))
    answered = driven.answer(by_email, NOT_FOUND)
    assert [(Fate.DELIVERED, "d"), (Fate.STALE, "u")] == fates(answered)
    assert ["/contacts/update"] == [request.path for request in requests(answered)]


def test_a_delete_is_remembered_though_its_partition_is_lost_meanwhile() -> None:
    """The contact is gone, whoever may say so."""
    driven = Driven()
    (deleting,) = attempts(driven.tell("selected", batch({0: [delete("a", None)]}, last=0)))
    driven.tell("lost", [P0])
    driven.answer(deleting)
    driven.tell("assigned", {P0: Committable(0)}, [P0])
    driven.at(20.0)
    effects = driven.tell("selected", batch({1: [send("a", age_s=1)]}, first=1, last=1))
    assert ([(Fate.STALE, "r")], []) == (fates(effects), requests(effects))


# So many an hour -----------------------------------------------------------------------------------------------------


def test_what_is_over_its_rule_s_budget_is_a_dead_letter_without_an_attempt() -> None:
    """It uses no slot, and the next one of its contact goes on."""
    driven = Driven(Policy(on_wire_max=3))
    terms = Terms(max_per_hour=2)
    plans = {offset: [send(user, terms=terms)] for offset, user in enumerate("abcde")} | {5: [send("e")]}
    effects = driven.tell("selected", batch(plans, last=5))
    assert [("ua",), ("ub",), ("ue",)] == [attempt.lanes for attempt in attempts(effects)]
    assert [("deliver", "over_budget", 0)] * 3 == [
        (letter.stage, letter.reason, letter.attempts) for letter in letters(effects)
    ]
    assert 0 == driven.pipeline.commits.uncommitted
    for letter in letters(effects):
        driven.tell("letter_confirmed", letter)
    assert ([(Fate.DEAD_LETTERED, "r")] * 3, 0) == (fates(driven.effects), driven.pipeline.commits.uncommitted)


def test_a_budget_is_divided_with_the_partitions() -> None:
    """One of two is ours: half of four."""
    driven = Driven()
    driven.tell("revoked", [P0])
    driven.at(10.0)
    plans = {offset: [send(f"u{offset}", terms=Terms(max_per_hour=4))] for offset in range(5)}
    assert 2 == len(attempts(driven.tell("selected", batch(plans, last=4, partition=P1))))


# Priority ------------------------------------------------------------------------------------------------------------


def test_a_high_request_leaves_before_those_that_were_ready_before_it() -> None:
    """But never before another of its own contact, which is as urgent then."""
    driven = Driven(Policy(on_wire_max=1))
    coming = (("x", None), ("a", LOW), ("b", None), ("a", HIGH), ("c", HIGH))
    plans = {at: [send(user, terms=terms or Terms())] for at, (user, terms) in enumerate(coming)}
    came = driven.tell("selected", batch(plans, last=4))
    left = []
    while sent := attempts(came):
        left += [attempt.lanes[0] for attempt in sent]
        came = driven.commit(driven.answer(sent[0]))
    assert ["ua", "uc", "ua", "ux", "ub"] == left


def test_what_is_urgent_does_not_wait_for_others_by_way_of_its_own_contact() -> None:
    """Before it stands a low one of its address, before that one another of its user: they leave before normal ones."""
    driven = Driven(Policy(on_wire_max=1))
    (sent,) = attempts(driven.tell("selected", batch({0: [send("x")]}, last=0)))
    coming = [send(f"n{number}") for number in range(5)]
    coming += [send("a", terms=LOW), send("a", "a@x.io", terms=LOW), send("b", "a@x.io", terms=HIGH)]
    driven.tell("selected", batch({at: [one] for at, one in enumerate(coming, 1)}, first=1, last=8))
    left = []
    for _ in range(4):
        (sent,) = attempts(driven.commit(driven.answer(sent)))
        left.append(sent.lanes)
    assert [("ua",), ("ea@x.io", "ua"), ("ea@x.io", "ub"), ("un0",)] == [tuple(sorted(lanes)) for lanes in left]


def test_what_lets_the_maker_of_its_contact_pass_makes_it_as_urgent() -> None:
    """A high one that waits for its contact does not wait for normal ones of others."""
    driven = Driven(Policy(on_wire_max=1))
    waits = Terms(priority=HIGH.priority, unknown_wait_s=600.0)
    (looks,) = attempts(driven.tell("selected", batch({0: [send("a", terms=waits)]}, last=0)))
    driven.tell("selected", batch({at: [send(f"n{at}")] for at in range(1, 4)}, first=1, last=3))
    driven.tell("selected", batch({4: [create("a", "a@x.io", terms=LOW)]}, first=4, last=4))
    (first,) = attempts(driven.answer(looks, NOT_FOUND))
    assert {"ua", "ea@x.io"} == set(first.lanes)


def test_a_low_request_waits_no_longer_than_its_turn_among_the_high() -> None:
    """However many of these there are."""
    driven = Driven(Policy(on_wire_max=1, starvation_s=60.0))
    (first,) = attempts(driven.tell("selected", batch({0: [send("x")], 1: [send("low", terms=LOW)]}, last=1)))
    driven.now = 61.0
    driven.tell("selected", batch({at: [send(f"u{at}", terms=HIGH)] for at in range(2, 9)}, first=2, last=8))
    driven.now = 62.0
    (then,) = attempts(driven.commit(driven.answer(first)))
    assert ("ulow",) == then.lanes


def test_how_long_a_request_has_waited_counts_from_when_it_is_first_of_its_contact() -> None:
    """Before that it waits for its own, and no other."""
    driven = Driven(Policy(on_wire_max=1, starvation_s=60.0))
    (sent,) = attempts(driven.tell("selected", batch({0: [send("a")], 1: [send("a", terms=LOW)]}, last=1)))
    left = []
    for at, driven.now in enumerate((50.0, 105.0, 111.0), 1):
        driven.tell("selected", batch({2 * at: [send(f"h{at}", terms=HIGH)]}, first=2 * at, last=2 * at + 1))
        (sent,) = attempts(driven.commit(driven.answer(sent)))
        left.append(sent.lanes[0])
    assert ["uh1", "uh2", "ua"] == left


def test_a_backlog_that_has_waited_for_long_does_not_hold_up_what_is_urgent() -> None:
    """A hundred normal ones, all of which have starved: the high one that comes then is the next but one."""
    driven = Driven(Policy(on_wire_max=1, starvation_s=60.0))
    (sent,) = attempts(driven.tell("selected", batch({at: [send(f"u{at}")] for at in range(100)}, last=99)))
    driven.now = 100.0
    driven.tell("selected", batch({100: [send("high", terms=HIGH)]}, first=100, last=100))
    left = []
    for _ in range(3):
        driven.now += 1.0
        (sent,) = attempts(driven.commit(driven.answer(sent)))
        left.append(sent.lanes[0])
    assert ["uu1", "uhigh", "uu2"] == left


def test_what_has_starved_and_ends_without_leaving_takes_no_turn_from_the_others_that_have() -> None:
    """Every second that leaves is one of theirs, however many of them have become stale."""
    driven = Driven(Policy(on_wire_max=1, starvation_s=60.0))
    low = {at: [send(f"low{at}", terms=LOW, max_age_s=None if at in (3, 6) else 30.0)] for at in range(1, 7)}
    came = driven.tell("selected", batch({0: [send("x")], **low}, last=6))
    driven.now = 100.0
    driven.tell("selected", batch({at: [send(f"high{at}", terms=HIGH)] for at in range(7, 11)}, first=7, last=10))
    left: list[str] = []
    while len(left) < 4:
        driven.now += 1.0
        came = driven.commit(came) + [more for attempt in attempts(came) for more in driven.answer(attempt)]
        left += [attempt.lanes[0] for attempt in attempts(came)]
    assert ["ulow3", "uhigh7", "ulow6", "uhigh8"] == left
