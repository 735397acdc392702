"""Defects in requests that become one, and in those that need not be sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from consumer.core import endings as endings_module
from consumer.core import merging as merging_module
from consumer.core import settling as settling_module
from consumer.core import wire as wire_module
from consumer.core.delivery import Delivery, Ending
from consumer.core.effect import Effect, Fate
from consumer.core.endings import Endings
from consumer.core.lane import Lanes
from consumer.core.outcome import Outcome
from consumer.core.partition import Partition
from consumer.core.refusals import Refusals
from consumer.core.request import DeleteContact, Request, SendEvent, UpdateContact
from consumer.core.unchanged import ToldContacts
from consumer.core.wire import Wire
from tests.sim.mutants.mutant import Mutant

__all__ = ["MUTANTS"]


def merges_across_what_stands_between(patch: pytest.MonkeyPatch) -> None:
    """A delete, or an event."""

    def last_update(self: Lanes, delivery: Delivery) -> Delivery | None:
        lane = self._lanes.get(delivery.lanes[0], ())
        same = (one for one in reversed(lane) if one.lanes == delivery.lanes)
        return next((one for one in same if isinstance(one.request, UpdateContact)), None)

    patch.setattr(Lanes, "last", last_update)


def merges_different_identities(patch: pytest.MonkeyPatch) -> None:
    """Of the same lanes: an address is written otherwise."""

    def whoever(newer: Request, older: Request, **switches: bool) -> bool:
        return merging_module.may_carry(newer, replace(older, email=newer.email, user_id=newer.user_id), **switches)

    patch.setattr(wire_module, "may_carry", whoever)


def merges_over_partitions(patch: pytest.MonkeyPatch) -> None:
    """The other one's owner may be another."""

    def wherever(newer: Delivery, older: Delivery) -> bool:
        may_carry = merging_module.may_carry(newer.request, older.whole, updates=True, into_events=True)
        return may_carry and not older.sealed

    patch.setattr(Wire, "_merges", lambda _, newer, older: wherever(newer, older))


def lets_the_older_one_win(patch: pytest.MonkeyPatch) -> None:
    """Of two values of a property."""

    def older_last(newer: Any, older: UpdateContact) -> Any:
        return replace(newer, contact={**newer.contact, **older.contact}, lists={**newer.lists, **older.lists})

    patch.setattr(merging_module, "_with", older_last)


def gives_all_up_at_a_refusal(patch: pytest.MonkeyPatch) -> None:
    """It does not take apart what was refused together."""
    patch.setattr(settling_module, "_refused", lambda _, outcome: outcome)


def gives_up_an_event_that_was_refused_with_others(patch: pytest.MonkeyPatch) -> None:
    """Though the fault was theirs."""
    patch.setattr(Refusals, "add", lambda *_: False)


def sends_again_before_the_refusal_is_committed(patch: pytest.MonkeyPatch) -> None:
    """Under a key that nobody else would know of."""
    patch.setattr(Refusals, "judge", lambda *_: None)


def sends_again_under_the_refused_key(patch: pytest.MonkeyPatch) -> None:
    """Loops may know it."""
    http = SendEvent.http
    patch.setattr(SendEvent, "http", lambda self, *_: http(self))


def takes_a_used_key_for_all_that_its_event_carried(patch: pytest.MonkeyPatch) -> None:
    """The attempt that used it may have gone without."""
    done = settling_module._done

    def whole(delivery: Delivery, outcome: Outcome) -> Any:
        ending: Ending | Any = done(delivery, outcome)
        return Fate.DELIVERED if delivery.carries and outcome.status == 409 else ending

    patch.setattr(settling_module, "_done", whole)


def forgets_what_it_carried(patch: pytest.MonkeyPatch) -> None:
    """Only the newest one is done."""
    end = Endings.end

    def alone(self: Endings, partition: Partition, delivery: Delivery, ending: Any, **at: float) -> list[Effect]:
        if isinstance(ending, Fate):
            delivery.carries = ()
        return end(self, partition, delivery, ending, **at)

    patch.setattr(Endings, "end", alone)


def keeps_its_own_priority(patch: pytest.MonkeyPatch) -> None:
    """Whatever it carries."""
    carry = Delivery.carry

    def low(self: Delivery, older: Delivery) -> None:
        own = self.priority
        carry(self, older)
        self.priority = own

    patch.setattr(Delivery, "carry", low)


def counts_what_it_saved_twice(patch: pytest.MonkeyPatch) -> None:
    """It looks better."""
    saved = endings_module._saved
    patch.setattr(endings_module, "_saved", lambda *of: 2 * saved(*of))


def knows_what_was_told_before_a_delete(patch: pytest.MonkeyPatch) -> None:
    """The contact is made anew without it."""
    answered = ToldContacts.answered

    def but_for_deletes(self: ToldContacts, delivery: Delivery, outcome: Outcome, *, now: float) -> None:
        if not isinstance(delivery.request, DeleteContact):
            answered(self, delivery, outcome, now=now)

    patch.setattr(ToldContacts, "answered", but_for_deletes)


MUTANTS: Final = (
    Mutant.of(
        merges_across_what_stands_between,
        "InOrderPerContact",
        "NothingOutlivesItsDelete",
        "AContactIsAsTold",
        "CommitNeverPassesUnfinished",
    ),
    Mutant.of(merges_different_identities, "OneTellsOfAll"),
    Mutant.of(merges_over_partitions, "OneTellsOfAll", "NoReplicaFails"),
    Mutant.of(lets_the_older_one_win, "OneTellsOfAll", "CommitNeverPassesUnfinished", "AContactIsAsTold"),
    Mutant.of(gives_all_up_at_a_refusal, "AnswersAreHeeded", "OnlyTheCulpritIsGivenUp", "GoesOnByItself"),
    Mutant.of(gives_up_an_event_that_was_refused_with_others, "OnlyTheCulpritIsGivenUp"),
    Mutant.of(sends_again_before_the_refusal_is_committed, "ARefusalIsCommittedFirst"),
    Mutant.of(sends_again_under_the_refused_key, "ARefusalIsCommittedFirst"),
    Mutant.of(takes_a_used_key_for_all_that_its_event_carried, "CommitNeverPassesUnfinished", "SavedAreCounted"),
    Mutant.of(forgets_what_it_carried, "GoesOnByItself", "NothingTwiceInEffect", "EverythingBounded"),
    Mutant.of(keeps_its_own_priority, "HighGoesFirst"),
    Mutant.of(counts_what_it_saved_twice, "SavedAreCounted"),
    Mutant.of(knows_what_was_told_before_a_delete, "CommitNeverPassesUnfinished", "AContactIsAsTold"),
)
