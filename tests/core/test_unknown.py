"""Requests with a userId alone, of a contact that may not be there."""

from __future__ import annotations

import pytest

from consumer.core.delivery import Delivery, OpenRecord
from consumer.core.effect import Fate
from consumer.core.outcome import Outcome, Verdict
from consumer.core.request import Call, Request
from consumer.core.terms import Terms
from consumer.core.unknown import USERS_MAX, KnownUsers, looked, may_be_dropped
from tests.core.driving import BUSY, CONFLICT, DONE, NOT_FOUND, P0, REFUSED, create, delete, record, send, update

WAITS = Terms(unknown_wait_s=30.0)
DROPS = Terms(unknown_dropped=True)


def _delivery(request: Request) -> Delivery:
    return Delivery(request, OpenRecord(record(0), P0, 1, 1), request.lanes)


# Who is known --------------------------------------------------------------------------------------------------------


def _knowing(*answers: tuple[Call, Request, Outcome]) -> KnownUsers:
    users = KnownUsers()
    users.must_be_asked_for(send("anybody", terms=WAITS))
    for call, request, outcome in answers:
        users.answered(call, request, outcome)
    return users


@pytest.mark.parametrize(
    ("call", "request_", "outcome", "known"),
    (
        (Call.UPDATE, update("a", "a@example.com"), DONE, True),
        (Call.SEND, send("a", "a@example.com"), DONE, True),
        (Call.CREATE, create("a", "a@example.com"), DONE, True),
        (Call.FIND, send("a"), DONE, True),
        (Call.SEND, send("a"), CONFLICT, False),
        (Call.SEND, send("a"), BUSY, False),
        (Call.FIND, send("a"), NOT_FOUND, False),
        (Call.UPDATE, update(None, "a@example.com"), DONE, False),
    ),
)
def test_a_user_is_known_by_what_loops_took_or_found(
    call: Call,
    request_: Request,
    outcome: Outcome,
    known: bool,
) -> None:
    """A used key may be of a contact that has gone since."""
    assert known is not _knowing((call, request_, outcome)).must_be_asked_for(send("a", terms=WAITS))


@pytest.mark.parametrize(
    ("call", "request_", "outcome"),
    (
        (Call.DELETE, delete("a", None), DONE),
        (Call.DELETE, delete("a", "a@example.com"), BUSY),
        (Call.SEND, send("a"), REFUSED),
        (Call.FIND, send("a"), NOT_FOUND),
    ),
)
def test_a_user_that_may_be_gone_is_not_known_any_more(call: Call, request_: Request, outcome: Outcome) -> None:
    """A delete may have taken effect though its answer did not come."""
    users = _knowing((Call.UPDATE, update("a", "a@example.com"), DONE), (call, request_, outcome))
    assert users.must_be_asked_for(send("a", terms=WAITS))


def test_nobody_is_remembered_before_a_request_has_to_know() -> None:
    """Most mappings never ask."""
    users = KnownUsers()
    users.answered(Call.UPDATE, update("a", "a@example.com"), DONE)
    assert users.must_be_asked_for(send("a", terms=WAITS))


def test_the_oldest_are_forgotten() -> None:
    """And asked for again."""
    users = _knowing(*((Call.UPDATE, update(str(number)), DONE) for number in range(USERS_MAX + 1)))
    assert [True, False] == [users.must_be_asked_for(send(user, terms=WAITS)) for user in ("0", "1")]


def test_only_what_cannot_make_its_contact_is_about_an_unknown_one() -> None:
    """A send or an update with a userId alone, of a rule that says so."""
    requests = (
        *(send("a", terms=WAITS), update("a", terms=WAITS), send("a"), send("a", terms=DROPS)),
        *(send("a", "a@example.com", terms=WAITS), send(None, "a@example.com", terms=WAITS)),
        *(create("a", "a@example.com", terms=WAITS), delete("a", None)),
    )
    assert [True, True] + [False] * 6 == [KnownUsers().must_be_asked_for(request) for request in requests]
    assert [True, True, False, False] == [
        may_be_dropped(request)
        for request in (send("a", terms=DROPS), update("a", terms=DROPS), send("a", "e@x", terms=DROPS), send("a"))
    ]


# What a look-up makes of its request ---------------------------------------------------------------------------------


def test_pauses_grow_to_eight_seconds_and_the_last_look_is_at_the_end_of_the_wait() -> None:
    """Counted from the first that found nobody."""
    delivery = _delivery(send("a", terms=WAITS))
    at, looks = 100.0, []
    while (ending := looked(delivery, NOT_FOUND, now=at)) is None:
        at = delivery.look_at
        looks.append(at)
    assert [101.0, 103.0, 107.0, 115.0, 123.0, 130.0] == looks
    assert isinstance(ending, Outcome)
    assert ("unknown_contact", "Loops knows no contact by the userId") == (ending.reason, ending.message)


def test_a_wait_of_an_hour_is_no_longer_than_that() -> None:
    """However many look-ups it takes."""
    delivery = _delivery(send("a", terms=Terms(unknown_wait_s=3_600.0)))
    at, count = 0.5, 1
    while looked(delivery, NOT_FOUND, now=at) is None:
        at, count = delivery.look_at, count + 1
    assert (3_600.5, 454) == (at, count)


def test_who_is_found_is_sent_to() -> None:
    """The look-up is over."""
    delivery = _delivery(send("a", terms=WAITS))
    delivery.look(looks=True)
    before = delivery.call
    assert looked(delivery, DONE, now=1.0) is None
    assert (Call.FIND, Call.SEND) == (before, delivery.call)


@pytest.mark.parametrize(("outcome", "ending"), ((NOT_FOUND, Fate.FILTERED), (DONE, REFUSED)))
def test_after_a_refusal_a_look_up_says_whether_it_was_for_want_of_the_contact(
    outcome: Outcome, ending: Fate | Outcome
) -> None:
    """If not, the refusal is the reason of the dead letter."""
    delivery = _delivery(send("a", terms=DROPS))
    delivery.refusal = REFUSED
    assert ending == looked(delivery, outcome, now=1.0)


def test_a_user_is_no_part_of_what_a_dead_letter_says() -> None:
    """Its text is shown to anybody."""
    ending = looked(
        _delivery(send("secret", terms=Terms(unknown_wait_s=0.0))), Outcome(Verdict.NOT_FOUND, "x"), now=1.0
    )
    assert "secret" not in repr(ending)
