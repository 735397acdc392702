"""What a request is held against when it could leave; how the pipeline goes on is in ``test_pipeline_terms.py``."""

from __future__ import annotations

from dataclasses import replace

from consumer.core.checks import OVER_BUDGET, Checks
from consumer.core.delivery import Apart, Delivery, Ending, OpenRecord
from consumer.core.effect import Fate
from consumer.core.outcome import Outcome
from consumer.core.request import Call, Request
from consumer.core.terms import Terms
from tests.core.driving import CONFLICT, DONE, NOT_FOUND, P0, REFUSED, WALL, delete, record, send, update

ONCE = Terms(once=True)
STALE_UPDATE = Terms(stale_update=True)


def _delivery(request: Request) -> Delivery:
    return Delivery(request, OpenRecord(record(0), P0, 1, 1), request.lanes)


def _ending(checks: Checks, delivery: Delivery) -> Ending | Apart | None:
    return checks.judge(delivery, now=1.0, wall=WALL)


def _learnt(*known: tuple[Request, Outcome]) -> Checks:
    checks = Checks()
    checks.budgets.share_out(1, 1)
    for request, outcome in known:
        checks.learn(_delivery(request), outcome, now=0.0)
    return checks


# Too old -------------------------------------------------------------------------------------------------------------


def test_a_send_too_old_tells_of_its_contact_where_its_rule_says_so() -> None:
    """Without subscribed, without lists, and at any age from then on."""
    delivery = _delivery(
        send("a", max_age_s=60, age_s=61, contact={"plan": "pro", "subscribed": True}, terms=STALE_UPDATE)
    )
    assert _ending(Checks(), delivery) is None
    assert (Call.UPDATE, b'{"plan":"pro","userId":"a"}', Fate.STALE) == (
        delivery.call,
        delivery.http().body,
        delivery.fate,
    )
    assert Checks().judge(delivery, now=1.0, wall=WALL + 1e9) is None


def test_what_has_nothing_left_to_tell_is_stale_at_once() -> None:
    """So is what no rule wants told, and an update that is too old."""
    old: list[Request] = [
        send("a", max_age_s=60, age_s=61, contact={"subscribed": True}, terms=STALE_UPDATE),
        send("a", max_age_s=60, age_s=61, contact={"plan": "pro"}),
        replace(update("a", age_s=61, terms=STALE_UPDATE), max_age_s=60),
    ]
    assert [Fate.STALE] * 3 == [_ending(Checks(), _delivery(request)) for request in old]


# Once ----------------------------------------------------------------------------------------------------------------


def test_a_second_event_of_a_contact_within_its_span_tells_of_the_contact_alone() -> None:
    """Without asking Loops; it is capped at once where there is nothing to tell."""
    checks = _learnt((send("a", terms=ONCE), DONE))
    telling = _delivery(send("a", contact={"plan": "pro", "subscribed": False}, terms=ONCE))
    assert (None, Fate.CAPPED) == (_ending(checks, telling), _ending(checks, _delivery(send("a", terms=ONCE))))
    assert (Call.UPDATE, b'{"plan":"pro","subscribed":false,"userId":"a"}', Fate.CAPPED) == (
        telling.call,
        telling.http().body,
        telling.fate,
    )


def test_a_key_that_was_used_before_is_asked_again() -> None:
    """Who used it is not known, nor for how long Loops still remembers."""
    delivery = _delivery(send("a", terms=ONCE))
    assert (None, Call.SEND) == (_ending(_learnt((send("a", terms=ONCE), CONFLICT)), delivery), delivery.call)


# Deleted -------------------------------------------------------------------------------------------------------------


def test_what_happened_before_its_contact_was_deleted_is_stale() -> None:
    """Whatever it asks for, and with nothing told; what happened since is not, nor another delete."""
    checks = _learnt((delete("a", "a@example.com", age_s=100), DONE))
    before: list[Request] = [
        send("a", age_s=101, max_age_s=60, contact={"plan": "pro"}, terms=STALE_UPDATE),
        update(None, "A@example.com", age_s=101),
    ]
    since: list[Request] = [send("a", age_s=99), update("a", age_s=100), delete("a", None, age_s=200)]
    assert [Fate.STALE] * 2 == [_ending(checks, _delivery(request)) for request in before]
    assert [None] * 3 == [_ending(checks, _delivery(request)) for request in since]


def test_a_contact_that_was_not_there_is_deleted_all_the_same() -> None:
    """When it was looked for by each identifier; both are remembered, by whichever it went last."""
    both = _delivery(delete("a", "a@example.com"))
    checks, old = Checks(), _delivery(send("a", age_s=1))
    checks.learn(both, NOT_FOUND, now=0.0)
    assert _ending(checks, old) is None
    both.turn_to_email()
    checks.learn(both, NOT_FOUND, now=0.0)
    assert Fate.STALE is _ending(checks, old)


def test_what_a_send_became_keeps_the_fate_that_it_has() -> None:
    """Its event was taken; only its contact is gone."""
    delivery = _delivery(send("a", age_s=1, contact={"plan": "pro"}, terms=ONCE))
    delivery.become(update("a", age_s=1), Fate.DELIVERED)
    assert Fate.DELIVERED is _ending(_learnt((delete("a", None), DONE)), delivery)


# The hour's budget ---------------------------------------------------------------------------------------------------


def test_past_its_budget_a_request_is_a_dead_letter_and_makes_no_attempt() -> None:
    """What has left may leave again."""
    checks, terms = _learnt(), Terms(max_per_hour=1)
    first, second = _delivery(send("a", terms=terms)), _delivery(send("b", terms=terms))
    endings = [_ending(checks, one) for one in (first, first, second)]
    assert [None, None] == endings[:2]
    assert isinstance(endings[2], Outcome)
    assert (OVER_BUDGET, "the rule's max_per_hour is used up") == (endings[2].reason, endings[2].message)


def test_what_a_send_became_costs_its_rule_nothing() -> None:
    """Neither where the send had left, nor where it had not."""
    checks, terms = _learnt(), Terms(max_per_hour=1, stale_update=True)
    old = send("a", max_age_s=60, age_s=61, contact={"plan": "pro"}, terms=terms)
    assert [None] * 4 == [_ending(checks, one) for one in map(_delivery, [old] * 3 + [send("b", terms=terms)])]


# Unknown contacts ----------------------------------------------------------------------------------------------------


def test_what_waits_for_its_contact_looks_first_and_pays_when_it_leaves_itself() -> None:
    """As often as it asks."""
    checks = _learnt()
    looking = _delivery(send("a", terms=Terms(unknown_wait_s=30.0, max_per_hour=1)))
    assert (None, Call.FIND, False) == (_ending(checks, looking), looking.call, looking.charged)
    checks.learn(looking, DONE, now=0.0)
    assert (None, Call.SEND, True) == (_ending(checks, looking), looking.call, looking.charged)


def test_what_was_refused_looks_whoever_is_known() -> None:
    """The refusal may tell that the contact has gone."""
    terms = Terms(unknown_wait_s=30.0, unknown_dropped=True)
    checks = _learnt((send("b", terms=terms), DONE), (update("a", "a@example.com"), DONE))
    delivery = _delivery(send("a", terms=terms))
    delivery.refusal = REFUSED
    delivery.look(looks=True)
    assert (None, Call.FIND) == (_ending(checks, delivery), delivery.call)


def test_a_look_up_that_found_somebody_is_no_event_of_a_rule_that_acts_once() -> None:
    """Though Loops answered it."""
    checks = _learnt()
    looking, second = (_delivery(send("a", terms=Terms(once=True, unknown_wait_s=30.0))) for _ in range(2))
    _ending(checks, looking)
    checks.learn(looking, DONE, now=0.0)
    assert (None, Call.SEND) == (_ending(checks, second), second.call)
