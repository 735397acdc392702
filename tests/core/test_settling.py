"""What an outcome makes of its request; how the pipeline goes on is in ``test_pipeline_failures.py``."""

from __future__ import annotations

import pytest

from consumer.core.delivery import Apart, Delivery, Ending, OpenRecord
from consumer.core.effect import Fate
from consumer.core.outcome import Outcome, Verdict
from consumer.core.request import Call, Request
from consumer.core.settling import settle
from consumer.core.terms import Terms
from tests.core.driving import (
    BUSY,
    CONFLICT,
    DONE,
    NOT_FOUND,
    P0,
    REFUSED,
    THROTTLED,
    UNAUTHORIZED,
    WALL,
    delete,
    record,
    send,
    update,
)

EXISTS = Outcome(Verdict.UNCHANGED, "exists", 409)
SILENCE = Outcome(Verdict.RETRY, "timeout")
NOT_CONNECTED = Outcome(Verdict.RETRY, "connect_failed")
ONCE = Terms(once=True)


def _delivery(request: Request) -> Delivery:
    return Delivery(request, OpenRecord(record(0), P0, 1, 1), request.lanes)


def _settled(delivery: Delivery, outcome: Outcome, *, counts: bool = True) -> Ending | Apart | None:
    return settle(delivery, outcome, attempts_max=3, counts=counts, now=0.0, wall=WALL)


@pytest.mark.parametrize(
    ("request_", "outcome", "ending"),
    (
        (send("a"), DONE, Fate.DELIVERED),
        (send("a"), CONFLICT, Fate.DELIVERED),
        (send("a"), EXISTS, Fate.UNCHANGED),
        (delete("a", None), NOT_FOUND, Fate.DELIVERED),
        (delete("a", "a@example.com"), NOT_FOUND, None),
        (send("a"), REFUSED, REFUSED),
        (send("a"), THROTTLED, None),
        (send("a"), UNAUTHORIZED, None),
        (send("a"), BUSY, None),
    ),
)
def test_an_outcome_ends_a_request_or_lets_it_leave_again(
    request_: Request, outcome: Outcome, ending: Ending | None
) -> None:
    """A fate, or what the dead letter says."""
    assert ending == _settled(_delivery(request_), outcome)


def test_failures_that_count_make_a_dead_letter() -> None:
    """Others only remind of when it failed first."""
    delivery = _delivery(send("a"))
    endings = [_settled(delivery, BUSY, counts=counts) for counts in (False, True, True, True)]
    assert ([None, None, None, BUSY], int(WALL * 1000)) == (endings, delivery.first_failed_ms)


def test_a_used_key_of_a_rule_that_acts_once_leaves_its_contact_to_be_told() -> None:
    """All of its properties and no list; it is capped when they are told, and a dead letter where they are refused."""
    delivery = _delivery(send("a", contact={"plan": "pro", "subscribed": True}, terms=ONCE))
    assert _settled(delivery, CONFLICT) is None
    assert (Call.UPDATE, b'{"plan":"pro","subscribed":true,"userId":"a"}') == (delivery.call, delivery.http().body)
    assert (Fate.CAPPED, REFUSED) == (_settled(delivery, DONE), _settled(delivery, REFUSED))
    assert ("key-a", 0) == (delivery.key, delivery.refusals)


def test_a_used_key_with_nothing_to_tell_is_capped_at_once() -> None:
    """There is no request to make."""
    assert Fate.CAPPED is _settled(_delivery(send("a", terms=ONCE)), CONFLICT)


@pytest.mark.parametrize(
    ("before", "fate"), ((BUSY, Fate.DELIVERED), (SILENCE, Fate.DELIVERED), (NOT_CONNECTED, Fate.CAPPED))
)
def test_a_used_key_may_be_of_its_own_former_attempt(before: Outcome, fate: Fate) -> None:
    """Where that may have reached Loops the event is taken for delivered."""
    delivery = _delivery(send("a", contact={"plan": "pro"}, terms=ONCE))
    _settled(delivery, before)
    _settled(delivery, CONFLICT)
    assert fate is _settled(delivery, DONE)


def test_what_it_became_has_failures_of_its_own() -> None:
    """Those of the send speak against the send."""
    delivery = _delivery(send("a", contact={"plan": "pro"}, terms=ONCE))
    for _ in range(2):
        _settled(delivery, BUSY)
    _settled(delivery, CONFLICT)
    assert [None, None, BUSY] == [_settled(delivery, BUSY) for _ in range(3)]


def test_a_refusal_that_may_be_for_want_of_the_contact_asks_for_it() -> None:
    """By a call of its own, whose failures count on their own, and whose end leaves the refusal."""
    delivery = _delivery(send("a", terms=Terms(unknown_dropped=True)))
    for _ in range(2):
        _settled(delivery, BUSY)
    assert (None, Call.FIND, 1) == (_settled(delivery, REFUSED), delivery.call, delivery.refusals)
    assert [None, None, REFUSED] == [_settled(delivery, BUSY) for _ in range(3)]
    assert (REFUSED, 1) == (_settled(delivery, Outcome(Verdict.REFUSED, "refused", 422)), delivery.refusals)


def test_a_look_up_without_an_answer_leaves_no_doubt_about_the_event() -> None:
    """It has not been sent."""
    delivery = _delivery(send("a", terms=Terms(once=True, unknown_wait_s=30.0)))
    delivery.look(looks=True)
    _settled(delivery, SILENCE)
    _settled(delivery, DONE)
    assert Fate.CAPPED is _settled(delivery, CONFLICT)


def test_what_carries_others_is_never_given_up_whole() -> None:
    """Refused, failed for good, or its key known: each part goes on, but for an event whose end is sure."""

    def carrying(request: Request) -> Delivery:
        delivery = _delivery(request)
        delivery.carry(_delivery(update("a")))
        return delivery

    failing = carrying(update("a"))
    assert [None, None, Apart()] == [_settled(failing, BUSY) for _ in range(3)]
    assert Apart() == _settled(carrying(update("a")), REFUSED)
    assert Apart(Fate.DELIVERED) == _settled(carrying(send("a")), CONFLICT)
    assert Apart(Fate.CAPPED) == _settled(carrying(send("a", terms=ONCE)), CONFLICT)
    assert Apart() == _settled(carrying(send("a", contact={"role": "owner"}, terms=ONCE)), CONFLICT)
    assert Fate.DELIVERED == _settled(carrying(send("a")), DONE)
