"""The breaker's rules, by the numbers at its head."""

from __future__ import annotations

import math

from consumer.core.breaker import FAILURES_TO_OPEN, Breaker

A, B, C = ("ua",), ("ub",), ("uc",)


def _open() -> Breaker:
    breaker = Breaker(4.0)
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed(A, "server_error", for_all=False, now=10.0)
    return breaker


def _following() -> Breaker:
    breaker = Breaker(4.0)
    breaker.trip("unauthorized", now=10.0)
    return breaker


def test_1_it_opens_after_five_failures_without_a_success_between() -> None:
    """Four and a success are no outage."""
    breaker = Breaker(4.0)
    began = [breaker.failed(A, "server_error", for_all=False, now=0.0) for _ in range(4)]
    breaker.succeeded(B)
    began += [breaker.failed(A, "server_error", for_all=False, now=0.0) for _ in range(5)]
    assert [False] * 8 + [True] == began


def test_1_it_opens_at_once_on_what_holds_for_every_record() -> None:
    """A refused key."""
    breaker = Breaker(4.0)
    assert breaker.failed(A, "unauthorized", for_all=True, now=0.0)
    assert ("unauthorized", 0.5) == (breaker.reason, breaker.probe_at)


def test_2_the_probe_s_interval_doubles_up_to_its_bound() -> None:
    """Seconds from one probe to the next."""
    breaker = _open()
    at = [breaker.probe_at]
    for _ in range(5):
        breaker.probed(answered=False, now=at[-1])
        at.append(breaker.probe_at)
    assert [0.5, 1.0, 2.0, 4.0, 4.0, 4.0] == [after - before for before, after in zip([10.0, *at], at, strict=False)]


def test_3_a_probe_lets_one_through_and_its_success_closes() -> None:
    """Not the probe's."""
    breaker = _open()
    breaker.probed(answered=True, now=10.5)
    assert (True, False) == (breaker.wants_trial, breaker.closed)
    breaker.left()
    assert not breaker.wants_trial
    assert (True, True) == (breaker.succeeded(B), breaker.closed)


def test_3_a_trial_that_fails_opens_it_again_for_longer() -> None:
    """And the next trial should be of another contact."""
    breaker = _open()
    breaker.probed(answered=True, now=10.5)
    breaker.left()
    assert not breaker.failed(B, "server_error", for_all=False, now=11.0)
    assert (True, 12.0) == (breaker.open, breaker.probe_at)
    assert (True, False) == (breaker.avoids(B), breaker.avoids(C))


def test_3_a_trial_that_tells_nothing_is_replaced() -> None:
    """It was throttled, refused, or its partition went."""
    breaker = _open()
    breaker.probed(answered=True, now=10.5)
    breaker.left()
    breaker.trial_lost()
    assert breaker.wants_trial


def test_4_a_failure_counts_after_another_contact_s_success() -> None:
    """Not after its own, and not after one that it has seen."""
    breaker = Breaker(4.0)
    seen = breaker.successes
    own_only = (breaker.succeeded(A), breaker.counts_against(A, seen))[1]
    other = (breaker.succeeded(B), breaker.counts_against(A, seen))[1]
    other_before_own = (breaker.succeeded(A), breaker.counts_against(A, seen))[1]
    seen_already = breaker.counts_against(A, breaker.successes)
    assert (False, True, True, False) == (own_only, other, other_before_own, seen_already)


def test_5_what_follows_closes_however_far_it_has_come() -> None:
    """Before a probe was answered, after it, and while its trial is on the wire."""
    open_, trying, on_trial = _following(), _following(), _following()
    for breaker in (trying, on_trial):
        breaker.probed(answered=True, now=10.5)
    on_trial.left()
    for breaker in (open_, trying, on_trial):
        assert (True, True, math.inf) == (breaker.follow(), breaker.closed, breaker.probe_at)
    assert not open_.follow()


def test_5_a_trial_that_failed_is_an_outage_of_its_own() -> None:
    """It does not end with the other's."""
    breaker = _following()
    breaker.probed(answered=True, now=10.5)
    breaker.left()
    breaker.failed(A, "server_error", for_all=False, now=11.0)
    assert (False, True) == (breaker.follow(), breaker.open)


def test_5_as_many_late_failures_as_open_a_breaker_are_an_outage_of_its_own() -> None:
    """They were on the wire when the other call's answer came. One less is none."""
    few, enough = _following(), _following()
    for breaker, failures in ((few, FAILURES_TO_OPEN - 1), (enough, FAILURES_TO_OPEN)):
        for _ in range(failures):
            breaker.failed(A, "server_error", for_all=False, now=10.1)
    assert (True, False) == (few.follow(), enough.follow())


def test_5_late_answers_that_hold_for_every_record_are_the_other_call_s_outage() -> None:
    """The key was refused for both."""
    breaker = _following()
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed(A, "unauthorized", for_all=True, now=10.1)
    assert breaker.follow()


def test_6_a_late_success_stands_for_the_probe() -> None:
    """It was on the wire when the breaker opened."""
    breaker = _open()
    assert not breaker.succeeded(B)
    assert breaker.wants_trial
