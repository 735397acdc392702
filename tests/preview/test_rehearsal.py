"""What the plans of records would come to."""

from __future__ import annotations

from dataclasses import replace

from consumer.core.record import Position, Rejection
from consumer.core.request import UpdateContact
from consumer.core.terms import Terms
from consumer.preview.rehearsal import Letter, Rehearsal, described
from tests.core.driving import WALL, delete, send, unreadable, update

NOW_MS = round(WALL * 1_000)


def _at(offset: int) -> Position:
    return Position("events", 0, offset)


def test_it_counts_by_rule_and_call_and_gives_what_would_be_sent() -> None:
    """A record with two rules counts for both."""
    found = Rehearsal()
    made = [found.take(plan, _at(0), clock_ms=NOW_MS) for plan in (send("a"), update("a"), update("b"))]

    assert [send("a"), update("a"), update("b")] == made
    assert ({("r", "send trialStarted"): 1, ("u", "update contact"): 2}, 3) == (found.sends, found.requests)


def test_what_is_too_old_is_stale_and_not_sent() -> None:
    """By the moment at which it would be sent."""
    found = Rehearsal()
    plan = send("a", max_age_s=60, age_s=61)

    assert (None, plan) == (
        found.take(plan, _at(0), clock_ms=NOW_MS),
        found.take(plan, _at(1), clock_ms=NOW_MS - 1_000),
    )
    assert {"r": 1} == found.stale


def test_what_is_too_old_may_still_be_an_update() -> None:
    """Where its rule says so, and it says something of its contact."""
    old = replace(send("a", max_age_s=60, age_s=61), terms=Terms(stale_update=True))
    found = Rehearsal()
    made = [
        found.take(plan, _at(0), clock_ms=NOW_MS)
        for plan in (old, replace(old, contact={"subscribed": True}), replace(old, contact={"plan": "pro"}))
    ]

    assert [None, None, UpdateContact] == [each and type(each) for each in made]
    assert ({"r": 2}, {("r", "update contact"): 1}) == (found.stale, found.sends)


def test_what_acts_once_is_sent_once_and_then_at_most_an_update() -> None:
    """The key stands for the contact and the span of time."""
    once = replace(send("a"), terms=Terms(once=True))
    found = Rehearsal()
    for plan in (once, once, replace(once, contact={"plan": "pro"}), replace(once, idempotency_key="other")):
        found.take(plan, _at(0), clock_ms=NOW_MS)

    assert ({"r": 1}, {("r", "send trialStarted"): 2, ("r", "update contact"): 1}) == (found.capped, found.sends)


def test_dead_letters_have_a_count_and_the_place_of_the_first() -> None:
    """By rule and reason; what cannot be read is of no rule."""
    found = Rehearsal()
    nobody = Rejection("no_contact", "neither", "r")
    made = [found.take(plan, _at(at), clock_ms=NOW_MS) for at, plan in enumerate((nobody, unreadable(), nobody))]

    assert [None, None, None] == made
    whole, none = Letter("r", "no_contact", "neither"), Letter(None, "undecodable", "not JSON")
    assert ({whole: 2, none: 1}, {whole: _at(0), none: _at(1)}) == (found.letters, found.examples)


def test_a_request_is_described_by_what_it_does() -> None:
    """Without anybody's name."""
    assert ["send trialStarted", "update contact", "delete contact"] == [
        described(request) for request in (send("a"), update("a"), delete("a", None))
    ]
