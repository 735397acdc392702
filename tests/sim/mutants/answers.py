"""Defects in what an answer means, in keys, and in what is too old."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from consumer import runner as runner_module
from consumer.core.delivery import Delivery
from consumer.core.outcome import Answer, Outcome, Verdict, judge
from consumer.core.request import Call, HttpRequest, SendEvent
from tests.sim.mutants.mutant import Mutant

__all__ = ["MUTANTS"]


def _judging(patch: pytest.MonkeyPatch, change: Callable[[Outcome], Outcome]) -> None:
    def changed(call: Call, answer: Answer, *, wall: float) -> Outcome:
        return change(judge(call, answer, wall=wall))

    patch.setattr(runner_module, "judge", changed)


def _taking(verdict: Verdict, as_: Verdict) -> Callable[[Outcome], Outcome]:
    return lambda outcome: replace(outcome, verdict=as_) if outcome.verdict is verdict else outcome


def retries_a_400(patch: pytest.MonkeyPatch) -> None:
    """As if it would help."""
    _judging(patch, _taking(Verdict.REFUSED, Verdict.RETRY))


def counts_a_409_as_a_failure(patch: pytest.MonkeyPatch) -> None:
    """An event that Loops has already is tried again, and in the end a dead letter."""
    _judging(patch, lambda outcome: replace(outcome, verdict=Verdict.RETRY) if outcome.status == 409 else outcome)


def writes_dead_letters_at_a_401(patch: pytest.MonkeyPatch) -> None:
    """The topic is emptied into them."""
    _judging(patch, _taking(Verdict.OUTAGE, Verdict.REFUSED))


def writes_dead_letters_at_a_429(patch: pytest.MonkeyPatch) -> None:
    """What came too fast is given up."""
    _judging(patch, _taking(Verdict.THROTTLED, Verdict.REFUSED))


def takes_silence_for_success(patch: pytest.MonkeyPatch) -> None:
    """It has been sent, after all."""
    _judging(patch, lambda outcome: replace(outcome, verdict=Verdict.DONE) if outcome.status is None else outcome)


def takes_any_200_for_success(patch: pytest.MonkeyPatch) -> None:
    """A proxy's page too."""
    _judging(patch, lambda outcome: replace(outcome, verdict=Verdict.DONE) if outcome.status == 200 else outcome)


def counts_its_keys(patch: pytest.MonkeyPatch) -> None:
    """Another attempt has another key."""
    http, numbers = SendEvent.http, itertools.count()

    def numbered(self: SendEvent, *refusals: Any) -> HttpRequest:
        return replace(http(self, *refusals), idempotency_key=f"{self.idempotency_key}-{next(numbers)}")

    patch.setattr(SendEvent, "http", numbered)


def asks_only_once_whether_it_is_too_old(patch: pytest.MonkeyPatch) -> None:
    """By a clock that stands still from a request's first attempt on."""
    is_stale = Delivery.is_stale
    patch.setattr(Delivery, "is_stale", lambda self, wall: not self.tries and is_stale(self, wall - 3_600))


MUTANTS: Final = (
    Mutant.of(retries_a_400, "AnswersAreHeeded", "GoesOnByItself", "EverythingBounded"),
    Mutant.of(counts_a_409_as_a_failure, "NothingTwiceInEffect", "AnswersAreHeeded", "EverythingBounded"),
    Mutant.of(writes_dead_letters_at_a_401, "AnswersAreHeeded"),
    Mutant.of(writes_dead_letters_at_a_429, "AnswersAreHeeded", "RetryAfterIsHeeded"),
    Mutant.of(takes_silence_for_success, "CommitNeverPassesUnfinished", "InOrderPerContact"),
    Mutant.of(takes_any_200_for_success, "CommitNeverPassesUnfinished", "InOrderPerContact", "AnswersAreHeeded"),
    Mutant.of(counts_its_keys, "NothingTwiceInEffect", "ARefusalIsCommittedFirst"),
    Mutant.of(asks_only_once_whether_it_is_too_old, "StaleNeverLeaves"),
)
