"""Defects in retries and outages."""

from __future__ import annotations

import math
from typing import Final

import pytest

from consumer.core.backoff import BackoffPolicy
from consumer.core.breaker import Breaker
from consumer.core.outages import Outages
from consumer.core.pacer import Pacer
from consumer.core.wire import Wire
from tests.sim.mutants.mutant import Mutant

__all__ = ["MUTANTS"]


def counts_attempts_during_an_outage(patch: pytest.MonkeyPatch) -> None:
    """It becomes a dead letter though everybody failed."""
    patch.setattr(Breaker, "counts_against", lambda *_: True)


def never_sends_a_probe(patch: pytest.MonkeyPatch) -> None:
    """An outage has no end."""
    patch.setattr(Outages, "next_probe_at", lambda _: math.inf)


def takes_the_probe_for_the_end(patch: pytest.MonkeyPatch) -> None:
    """A trial that is on the wire is never followed by another."""
    patch.setattr(Breaker, "trial_lost", lambda *_: None)


def never_opens_a_breaker(patch: pytest.MonkeyPatch) -> None:
    """Whoever is down is asked as often as ever."""
    patch.setattr(Breaker, "trip", lambda *_, **__: False)


def holds_back_what_only_follows(patch: pytest.MonkeyPatch) -> None:
    """Another call's outage ends for it only once a probe was answered."""
    follow = Breaker.follow
    patch.setattr(Breaker, "follow", lambda self: not self.open and follow(self))


def comes_back_before_it_was_told_to(patch: pytest.MonkeyPatch) -> None:
    """It does not read how long it should wait."""
    patch.setattr(Pacer, "hold", lambda *_: None)


def waits_milliseconds_as_seconds(patch: pytest.MonkeyPatch) -> None:
    """A bound of a minute becomes one of a day."""
    wait_s = BackoffPolicy.wait_s
    patch.setattr(BackoffPolicy, "wait_s", lambda *arguments: 1_000 * wait_s(*arguments))


def never_retries(patch: pytest.MonkeyPatch) -> None:
    """What failed keeps its lanes, and waits for nothing."""
    patch.setattr(Wire, "again", lambda *_, **__: None)


MUTANTS: Final = (
    Mutant.of(counts_attempts_during_an_outage, "AnswersAreHeeded"),
    Mutant.of(never_sends_a_probe, "GoesOnByItself"),
    Mutant.of(takes_the_probe_for_the_end, "GoesOnByItself"),
    Mutant.of(never_opens_a_breaker, "OutagesAreSpared"),
    Mutant.of(holds_back_what_only_follows, "AnOutageEndsForAll"),
    Mutant.of(comes_back_before_it_was_told_to, "RetryAfterIsHeeded"),
    Mutant.of(waits_milliseconds_as_seconds, "GoesOnByItself"),
    Mutant.of(never_retries, "GoesOnByItself"),
)
