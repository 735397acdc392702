"""The pipeline's rules on what is late, fails, or is refused, by the numbers at its head."""

from __future__ import annotations

import itertools

from consumer.core.effect import Effect, Fate, Finished, OutageBegan, OutageEnded, Retried
from consumer.core.outcome import Outcome, Verdict
from consumer.core.policy import Policy
from tests.core.driving import (
    BUSY,
    CONFLICT,
    NOT_FOUND,
    P0,
    REFUSED,
    THROTTLED,
    UNAUTHORIZED,
    WALL,
    Driven,
    attempts,
    batch,
    delete,
    letters,
    of,
    probes,
    requests,
    send,
    update,
)

# 3. Stale ------------------------------------------------------------------------------------------------------------


def test_what_is_too_old_for_its_rule_is_dropped_without_a_slot() -> None:
    """At the attempt, by the event's time."""
    driven = Driven()
    plans = {0: [send("a", max_age_s=60, age_s=61)], 1: [send("b", max_age_s=60, age_s=10)]}
    effects = driven.tell("selected", batch(plans, last=1))
    assert [("ub",)] == [attempt.lanes for attempt in attempts(effects)]
    assert [Finished(P0, Fate.STALE, 1, "r", 0)] == of(Finished, effects)


def test_what_grows_too_old_while_it_waits_is_dropped() -> None:
    """An outage of a day does not end in a day's mails."""
    driven = Driven()
    (attempt,) = attempts(driven.tell("selected", batch({0: [send("a", max_age_s=60)]}, last=0)))
    driven.now = 70.0
    driven.answer(attempt, BUSY)
    assert [Finished(P0, Fate.STALE, 1, "r", 0)] == of(Finished, driven.at(72.0))


# 4. Failures ---------------------------------------------------------------------------------------------------------


def test_a_failed_request_is_tried_again_with_the_same_key() -> None:
    """Loops then knows what it had done already."""
    driven = Driven()
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")]}, last=0)))
    driven.answer(first, BUSY)
    (second,) = attempts(driven.at(3.0))
    assert (first.request, 2) == (second.request, second.try_number)
    assert [Finished(P0, Fate.DELIVERED, 1, "r", 0, int(WALL * 1000))] == of(Finished, driven.answer(second, CONFLICT))


def test_one_that_fails_alone_becomes_a_dead_letter_while_the_others_go_on() -> None:
    """After attempts_max failures, each with another contact's success since the one before."""
    driven = Driven(Policy(attempts_max=3))
    (poison,) = attempts(driven.tell("selected", batch({0: [send("poison")]}, last=0)))
    effects: list[Effect] = []
    for number in range(1, 5):
        (other,) = attempts(driven.tell("selected", batch({number: [send("x")]}, last=number, first=number)))
        driven.answer(other)
        effects = driven.answer(poison, BUSY)
        if number < 4:
            assert [Retried("server_error", "r", counted=number > 1)] == of(Retried, effects)
            (poison,) = attempts(driven.at(driven.now + 5))
    (letter,) = letters(effects)
    assert ("deliver", "server_error", "500", 0, 4) == (
        letter.stage,
        letter.reason,
        letter.message,
        letter.refusals,
        letter.attempts,
    )


def test_a_success_of_the_same_contact_counts_nothing() -> None:
    """A poison that comes with an update of its own contact is not told apart by it."""
    driven = Driven(Policy(attempts_max=2))
    (poison,) = attempts(driven.tell("selected", batch({0: [send("a", "a@example.com")]}, last=0)))
    assert [Retried("server_error", "r", counted=False)] == of(Retried, driven.answer(poison, BUSY))


def test_an_outage_counts_no_attempt_and_dead_letters_nothing() -> None:
    """However long it lasts; every record is delivered after it."""
    driven = Driven(Policy(attempts_max=2))
    plans = {offset: [send(f"u{offset}")] for offset in range(10)}
    driven.tell("selected", batch(plans, last=9))
    answered: set[int] = set()
    while driven.now < 600:
        for attempt in attempts(driven.effects):
            if attempt.number not in answered:
                answered.add(attempt.number)
                driven.answer(attempt, BUSY)
        driven.at(driven.now + 1)
    for _ in range(20):
        for attempt in attempts(driven.effects):
            if attempt.number not in answered:
                answered.add(attempt.number)
                driven.answer(attempt)
        driven.at(driven.now + 1)
    assert [] == letters(driven.effects)
    assert {Fate.DELIVERED: 10} == dict(driven.pipeline.fates)


def test_an_outage_is_probed_at_growing_intervals_and_nothing_else_leaves() -> None:
    """Half a second, then up to four."""
    driven = Driven()
    plans = {offset: [send(f"u{offset}")] for offset in range(20)}
    for attempt in attempts(driven.tell("selected", batch(plans, last=19))):
        driven.answer(attempt, BUSY)
    began = of(OutageBegan, driven.effects)
    sent = len(requests(driven.effects))
    times = []
    while driven.now < 30:
        for probe in probes(driven.at(driven.now + 0.01)):
            times.append(driven.now)
            driven.answer(probe, BUSY)
    assert [OutageBegan("events_send", "server_error")] == began
    assert sent == len(requests(driven.effects))
    assert [1.0, 2.0, 4.0, 4.0] == [round(after - before, 1) for before, after in itertools.pairwise(times)][:4]


def test_an_outage_ends_with_a_real_request_of_another_contact() -> None:
    """The probe's success lets one through; its success lets all."""
    driven = Driven()
    plans = {offset: [send(f"u{offset}")] for offset in range(12)}
    for attempt in attempts(driven.tell("selected", batch(plans, last=11))):
        driven.answer(attempt, BUSY)
    failed_last = attempts(driven.effects)[-1].lanes
    (probe,) = probes(driven.at(4.0))
    (trial,) = attempts(driven.answer(probe))
    assert failed_last != trial.lanes
    assert [] == attempts(driven.at(4.3))
    effects = driven.answer(trial)
    assert 1 == len(of(OutageEnded, effects))
    assert 9 == len(attempts(effects)) + len(attempts(driven.at(4.6)))


def test_a_refused_key_holds_everything_at_the_first_answer() -> None:
    """The settings are wrong for every record: nothing is dead-lettered, nothing more is sent."""
    driven = Driven(Policy(on_wire_max=1))
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")], 1: [update("b")]}, last=1)))
    effects = driven.answer(first, UNAUTHORIZED)
    assert [OutageBegan(None, "unauthorized")] == of(OutageBegan, effects)
    assert [] == attempts(effects) + letters(effects)
    (probe,) = probes(driven.at(4.0))
    after = driven.answer(probe)
    assert ["/events/send"] == [request.path for request in requests(after)]


def test_a_lone_refusal_of_the_key_holds_no_call_for_longer_than_the_one_that_met_it() -> None:
    """Others were taken meanwhile: every call is told as over, and nobody probes."""
    driven = Driven()
    plans = {offset: [send(f"u{offset}")] for offset in range(3)}
    one, two, three = attempts(driven.tell("selected", batch(plans, last=2)) + driven.at(2.3))
    driven.answer(one, UNAUTHORIZED)
    (trial,) = attempts(driven.answer(two) + driven.at(2.4))
    assert 5 == len(of(OutageEnded, driven.answer(trial)))
    driven.answer(three)
    assert [] == probes(driven.at(60.0))
    update_it = batch({3: [update("u3")], 4: [update("u4")]}, last=4, first=3)
    assert 2 == len(attempts(driven.tell("selected", update_it) + driven.at(60.3)))


def test_a_429_costs_no_attempt_and_keeps_its_place() -> None:
    """It leaves again first, when the pacer lets it."""
    driven = Driven(Policy(on_wire_max=1))
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")], 1: [send("b")]}, last=1)))
    effects = driven.answer(first, THROTTLED)
    assert [Retried("throttled", "r", counted=False)] == of(Retried, effects)
    assert [first.request] == requests(effects)


def test_retry_after_holds_everything_back() -> None:
    """For as long as Loops asks."""
    driven = Driven()
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")]}, last=0)))
    driven.answer(first, Outcome(Verdict.THROTTLED, "throttled", 429, retry_after_s=7.0))
    assert [] == attempts(driven.at(8.9))
    assert 1 == len(attempts(driven.at(9.1)))


# 5. Refusals ---------------------------------------------------------------------------------------------------------


def test_a_refused_request_is_a_dead_letter_and_its_neighbours_go_on() -> None:
    """With the answer, and the number of refusals that the next key bears."""
    driven = Driven()
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")], 1: [send("a")]}, last=1)))
    effects = driven.answer(first, REFUSED)
    (letter,) = letters(effects)
    assert ("deliver", "refused", "400 Invalid email address.", "r", "key-a", 1, 1) == (
        letter.stage,
        letter.reason,
        letter.message,
        letter.rule,
        letter.idempotency_key,
        letter.refusals,
        letter.attempts,
    )
    assert 1 == len(attempts(effects))


def test_a_delete_by_user_that_finds_nothing_goes_on_by_email() -> None:
    """And a contact that is not there by either is deleted."""
    driven = Driven()
    (first,) = attempts(driven.tell("selected", batch({0: [delete("a", "a@example.com")]}, last=0)))
    (second,) = attempts(driven.answer(first, NOT_FOUND))
    assert (b'{"userId":"a"}', b'{"email":"a@example.com"}') == (first.request.body, second.request.body)
    assert [Finished(P0, Fate.DELIVERED, 1, "d", 0, int(WALL * 1000))] == of(Finished, driven.answer(second, NOT_FOUND))
