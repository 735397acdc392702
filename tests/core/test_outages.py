"""The breakers of all calls."""

from __future__ import annotations

import math

from consumer.core.effect import OutageBegan, OutageEnded
from consumer.core.outages import Outages
from consumer.core.request import Call
from tests.core.driving import BUSY, DONE, REFUSED, THROTTLED, UNAUTHORIZED

A, B = ("ua",), ("ub",)
ALL = ("events_send", "contacts_update", "contacts_create", "contacts_delete", "contacts_find")


def test_an_outage_of_one_call_is_its_own() -> None:
    """Five failures of events say nothing of contacts."""
    outages = Outages(4.0)
    reports = [outages.judged(Call.SEND, A, BUSY, now=1.0) for _ in range(5)]
    assert [[], [], [], [], [OutageBegan("events_send", "server_error")]] == reports
    assert (False, True) == (outages.breakers[Call.SEND].closed, outages.breakers[Call.UPDATE].closed)


def test_a_refused_key_is_an_outage_of_all_told_once() -> None:
    """Whichever call met it."""
    outages = Outages(4.0)
    first = outages.judged(Call.UPDATE, A, UNAUTHORIZED, now=1.0)
    second = outages.judged(Call.SEND, B, UNAUTHORIZED, now=1.1)
    assert ([OutageBegan(None, "unauthorized")], []) == (first, second)
    assert [False] * 5 == [breaker.closed for breaker in outages.breakers.values()]


def test_one_probe_serves_all_and_is_alone_on_the_wire() -> None:
    """Its answer lets one request of each call through."""
    outages = Outages(4.0)
    outages.judged(Call.SEND, A, UNAUTHORIZED, now=1.0)
    assert (False, True) == (outages.probe_due(now=1.4), outages.probe_due(now=1.5))
    outages.probe_left()
    assert (False, True) == (outages.probe_due(now=9.0), math.isinf(outages.next_probe_at()))
    outages.probed(DONE, now=9.0)
    assert [True] * 5 == [breaker.wants_trial for breaker in outages.breakers.values()]


def test_its_end_is_reported_with_how_long_it_lasted() -> None:
    """From its beginning to the real request's success."""
    outages = Outages(4.0)
    outages.judged(Call.SEND, A, UNAUTHORIZED, now=1.0)
    outages.probed(THROTTLED, now=9.0)
    outages.breakers[Call.SEND].left()
    ended = outages.judged(Call.SEND, B, DONE, now=11.0)
    assert [OutageEnded(call, 10.0) for call in ALL] == ended
    assert [True] * 5 == [breaker.closed for breaker in outages.breakers.values()]


def test_what_failed_itself_does_not_end_with_another_call() -> None:
    """Contacts are still refused when events are taken again."""
    outages = Outages(4.0)
    for _ in range(5):
        outages.judged(Call.UPDATE, A, BUSY, now=0.5)
    outages.judged(Call.SEND, A, UNAUTHORIZED, now=1.0)
    outages.probed(DONE, now=9.0)
    outages.breakers[Call.SEND].left()
    outages.judged(Call.SEND, B, DONE, now=11.0)
    assert {Call.UPDATE} == {call for call, breaker in outages.breakers.items() if not breaker.closed}


def test_a_late_success_and_a_trial_end_it_for_all_before_a_probe_left() -> None:
    """One answer 403 while others are taken: no call waits for a request of its own, which may never come."""
    outages = Outages(4.0)
    outages.judged(Call.SEND, A, UNAUTHORIZED, now=1.0)
    assert [] == outages.judged(Call.SEND, B, DONE, now=1.1)
    outages.breakers[Call.SEND].left()
    assert [OutageEnded(call, 0.25) for call in ALL] == outages.judged(Call.SEND, A, DONE, now=1.25)
    assert ([True] * 5, math.inf) == ([each.closed for each in outages.breakers.values()], outages.next_probe_at())


def test_a_trial_that_tells_nothing_keeps_no_call_in_another_s_outage() -> None:
    """It was on the wire when the other ended, and was refused then."""
    outages = Outages(4.0)
    outages.judged(Call.SEND, A, UNAUTHORIZED, now=1.0)
    outages.probed(DONE, now=9.0)
    for call in (Call.SEND, Call.DELETE):
        outages.breakers[call].left()
    outages.judged(Call.SEND, B, DONE, now=11.0)
    outages.judged(Call.DELETE, A, REFUSED, now=11.5)
    assert [True] * 5 == [breaker.closed for breaker in outages.breakers.values()]


def test_a_call_whose_own_trial_failed_does_not_end_with_another() -> None:
    """It had opened for the key, and fails by itself since."""
    outages = Outages(4.0)
    outages.judged(Call.SEND, A, UNAUTHORIZED, now=1.0)
    outages.probed(DONE, now=9.0)
    for call in (Call.SEND, Call.UPDATE):
        outages.breakers[call].left()
    outages.judged(Call.UPDATE, A, BUSY, now=10.0)
    outages.judged(Call.SEND, B, DONE, now=11.0)
    assert {Call.UPDATE} == {call for call, breaker in outages.breakers.items() if breaker.open}


def test_a_refused_key_opens_again_what_is_on_trial() -> None:
    """No call tries on while the key is refused."""
    outages = Outages(4.0)
    outages.judged(Call.SEND, A, UNAUTHORIZED, now=1.0)
    outages.probed(DONE, now=9.0)
    outages.breakers[Call.SEND].left()
    outages.judged(Call.SEND, B, UNAUTHORIZED, now=11.0)
    assert [True] * 5 == [breaker.open for breaker in outages.breakers.values()]


def test_a_refused_trial_neither_ends_nor_prolongs_it() -> None:
    """Another is let through."""
    outages = Outages(4.0)
    outages.judged(Call.SEND, A, UNAUTHORIZED, now=1.0)
    outages.probed(DONE, now=9.0)
    outages.breakers[Call.SEND].left()
    assert [] == outages.judged(Call.SEND, B, REFUSED, now=11.0)
    assert outages.breakers[Call.SEND].wants_trial
