"""Defects in what rules say of delivery."""

from __future__ import annotations

import math
from typing import Any, Final

import pytest

from consumer.core import settling as settling_module
from consumer.core import unknown as unknown_module
from consumer.core.budget import Budgets
from consumer.core.deleted import DeletedContacts
from consumer.core.delivery import Apart, Delivery, Ending
from consumer.core.effect import Fate
from consumer.core.lane import Lanes
from consumer.core.outcome import Outcome
from consumer.core.ready import ReadyQueue
from consumer.core.request import SendEvent, UpdateContact
from consumer.core.terms import Priority
from tests.sim.mutants.mutant import Mutant

__all__ = ["MUTANTS"]


def takes_a_used_key_for_a_refusal(patch: pytest.MonkeyPatch) -> None:
    """A number behind it makes another key, and another event."""
    done = settling_module._done

    def numbered(delivery: Delivery, outcome: Outcome) -> Ending | Apart | None:
        if outcome.status == 409 and delivery.request.terms.once:
            delivery.refusals += 1
            return None
        return done(delivery, outcome)

    patch.setattr(settling_module, "_done", numbered)


def takes_a_used_key_for_the_end(patch: pytest.MonkeyPatch) -> None:
    """What the event says of its contact is told by nobody."""
    patch.setattr(settling_module, "_done", lambda *_: Fate.DELIVERED)


def tells_all_of_what_is_too_old(patch: pytest.MonkeyPatch) -> None:
    """Who has left is subscribed again."""
    as_update = SendEvent.as_update

    def of_all(self: SendEvent, **without: Any) -> UpdateContact | None:
        return as_update(self) if as_update(self, **without) else None

    patch.setattr(SendEvent, "as_update", of_all)


def forgets_whom_it_deleted(patch: pytest.MonkeyPatch) -> None:
    """What comes late makes the contact again."""
    patch.setattr(DeletedContacts, "after", lambda *_, **__: False)


def looks_at_no_budget(patch: pytest.MonkeyPatch) -> None:
    """Whatever has left within the hour."""
    patch.setattr(Budgets, "is_spent", lambda *_, **__: False)


def takes_the_whole_budget_for_its_own(patch: pytest.MonkeyPatch) -> None:
    """Whoever else there may be."""
    patch.setattr(Budgets, "part", lambda _, max_per_hour: max_per_hour)


def has_one_queue_for_all_priorities(patch: pytest.MonkeyPatch) -> None:
    """Who stands first in it is high or is not."""
    patch.setattr(ReadyQueue, "_queue_of", lambda self, delivery: self._queues[delivery.call][Priority.NORMAL])


def lets_what_is_urgent_wait_for_its_contact(patch: pytest.MonkeyPatch) -> None:
    """What stands before it has its own place among all."""
    patch.setattr(Lanes, "outranked", lambda *_: [])


def lets_nothing_pass(patch: pytest.MonkeyPatch) -> None:
    """What makes the contact stands behind what waits for it."""
    patch.setattr(Lanes, "let_pass", lambda *_: None)


def gives_up_when_it_has_looked_twice(patch: pytest.MonkeyPatch) -> None:
    """However long its rule waits."""
    looked = unknown_module.looked

    def impatient(delivery: Delivery, outcome: Outcome, *, now: float) -> Ending | None:
        delivery.missing_since = -math.inf if delivery.misses else math.inf
        return looked(delivery, outcome, now=now)

    patch.setattr(settling_module, "looked", impatient)


def sends_before_it_looks(patch: pytest.MonkeyPatch) -> None:
    """And takes the refusal for the end."""
    patch.setattr(unknown_module.KnownUsers, "must_be_asked_for", lambda *_: False)


def drops_whatever_is_refused(patch: pytest.MonkeyPatch) -> None:
    """Though its contact is there."""
    patch.setattr(settling_module, "_refused", lambda *_: Fate.FILTERED)


MUTANTS: Final = (
    Mutant.of(takes_a_used_key_for_a_refusal, "OneEventOfAKey", "NothingTwiceInEffect", "ARefusalIsCommittedFirst"),
    Mutant.of(takes_a_used_key_for_the_end, "CommitNeverPassesUnfinished"),
    Mutant.of(tells_all_of_what_is_too_old, "UpdatesTellNoMore"),
    Mutant.of(forgets_whom_it_deleted, "NothingOutlivesItsDelete"),
    Mutant.of(looks_at_no_budget, "BudgetHolds"),
    Mutant.of(takes_the_whole_budget_for_its_own, "BudgetHolds"),
    Mutant.of(has_one_queue_for_all_priorities, "HighGoesFirst"),
    Mutant.of(lets_what_is_urgent_wait_for_its_contact, "HighGoesFirst"),
    Mutant.of(lets_nothing_pass, "WaitsForItsContact"),
    Mutant.of(gives_up_when_it_has_looked_twice, "WaitsForItsContact"),
    Mutant.of(sends_before_it_looks, "WaitsForItsContact"),
    Mutant.of(drops_whatever_is_refused, "CommitNeverPassesUnfinished"),
)
