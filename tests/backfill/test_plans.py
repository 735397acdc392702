"""What a backfill makes of plans."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.backfill.plans import Course, rekeyed
from consumer.core.record import Plan, Position, Rejection
from consumer.core.request import CreateContact, Request, SendEvent, UpdateContact
from consumer.core.terms import Priority, Terms
from tests.backfill.making import AT, create, delete, send, update

QUIET = Course("g")
LOUD = Course("g", send_events=True)
TERMS = Terms(Priority.HIGH, unknown_dropped=True, max_per_hour=5)


def never(_request: Request, _at: Position) -> bool:
    """Nobody was deleted."""
    return False


def always(_request: Request, at: Position) -> bool:
    """Everybody was deleted, behind every record."""
    return at == AT


def made(course: Course, plan: Plan) -> Plan | None:
    """What becomes of one plan."""
    (*found,) = course.plans((plan,), AT, never)
    return found[0] if found else None


def test_an_event_becomes_what_it_says_of_its_contact_at_any_age() -> None:
    """Without lists and without subscribed; its priority and what it does about unknown contacts stay."""
    found = made(QUIET, send(terms=TERMS, plan="pro", subscribed=True))

    assert isinstance(found, UpdateContact)
    assert ({"plan": "pro"}, {}, None) == (found.contact, found.lists, found.max_age_s)
    assert Terms(Priority.HIGH, unknown_dropped=True) == found.terms
    assert ("r0", "u1", 1_000) == (found.rule, found.user_id, found.event_time_ms)


@pytest.mark.parametrize("course", (QUIET, LOUD))
def test_an_update_and_a_create_tell_properties_alone_at_any_age(course: Course) -> None:
    """Nobody joins a list again, or is subscribed again."""
    for plan in (update(terms=TERMS, plan="pro", subscribed=True), create(plan="pro", subscribed=False)):
        found = made(course, plan)
        assert isinstance(found, UpdateContact | CreateContact)
        assert type(found) is type(plan)
        assert ({"plan": "pro"}, {}, None, None) == (
            found.contact,
            found.lists,
            found.max_age_s,
            found.terms.max_per_hour,
        )


@pytest.mark.parametrize("course", (QUIET, LOUD))
def test_what_tells_nothing_then_is_nothing(course: Course) -> None:
    """And so is a delete: who came back since would lose what the past does not tell."""
    assert [None] * 4 == [made(course, plan) for plan in (update(), update(subscribed=True), create(), delete())]
    assert None is made(QUIET, send(subscribed=True))


def test_what_cannot_be_read_stays_a_dead_letter() -> None:
    """As in the consumer itself."""
    rejection = Rejection("undecodable", "not JSON")

    assert rejection == made(QUIET, rejection)
    assert (rejection,) == QUIET.plans((rejection,), AT, always)


def test_events_go_by_their_rules_terms_and_tell_of_their_contact_where_they_do_not() -> None:
    """Where they are too old, and where Loops knows their key."""
    event = send(terms=TERMS, plan="pro", subscribed=True)

    found = made(LOUD, event)

    assert found == replace(
        event, contact={"plan": "pro"}, lists={}, terms=replace(TERMS, once=True, stale_update=True)
    )
    assert isinstance(found, SendEvent)
    told = found.when_stale()
    assert told is not None
    assert ({"plan": "pro"}, {}) == (told.contact, told.lists)


def test_a_rekeyed_event_has_a_key_of_its_group_alone() -> None:
    """The same in any process, another in another group, and never the one that Loops has had."""
    keys = {
        found.idempotency_key
        for group in ("g", "h")
        for _ in range(2)
        if isinstance(found := made(Course(group, send_events=True, rekey=True), send(plan="pro")), SendEvent)
    }

    assert {rekeyed("key", "g"), rekeyed("key", "h")} == keys
    assert [64, 64] == [len(key) for key in keys]


@pytest.mark.parametrize("course", (QUIET, LOUD))
def test_what_is_older_than_a_delete_is_stale_whatever_clocks_say(course: Course) -> None:
    """It keeps its place among the record's plans, since commits tell of plans by their place."""
    plans = (send(plan="pro", time_ms=10**13), delete(), update(plan="pro", time_ms=10**13), create(plan="pro"))

    found = course.plans(plans, AT, always)

    assert len(found) == len(course.plans(plans, AT, never)) == 3
    assert all(not isinstance(plan, Rejection) and plan.is_stale(0.0) for plan in found)
    assert not any(plan.when_stale() for plan in found if isinstance(plan, SendEvent))


def test_plans_of_another_course_are_others() -> None:
    """A commit of the one says nothing of plans of the other."""
    digest = "0123456789ab"

    assert 3 == len({digest, QUIET.digest(digest), LOUD.digest(digest)})
    assert QUIET.digest(digest) == Course("h").digest(digest)
    assert 12 == len(QUIET.digest(digest))
