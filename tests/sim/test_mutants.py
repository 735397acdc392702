"""The oracles can fail: each defect that is put into the program is seen, by an oracle that is about it."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Final

import pytest

from tests.sim.mutants import (
    MUTANTS,
    Mutant,
    answers,
    assignments,
    bounds,
    commits,
    mappings,
    merging,
    order,
    outages,
    sharing,
    terms,
)
from tests.sim.mutants.mutant import Patch
from tests.sim.observing import Violation
from tests.sim.oracles import ORACLES
from tests.sim.running import run_seed

SEEDS_MAX: Final = 500

SEEN_ALONE: Final[dict[str, Patch]] = {
    "NothingLost": commits.commits_the_highest_offset_seen,
    "NothingTwiceInEffect": answers.counts_its_keys,
    "InOrderPerContact": order.leaves_its_lanes_before_the_retry,
    "OneOnTheWirePerContact": order.looks_at_one_identifier_alone,
    "CommitNeverPassesUnfinished": commits.commits_the_highest_offset_seen,
    "OnlyTheOwnerCommits": assignments.forgets_the_epoch_of_a_commit,
    "RateHolds": bounds.raises_its_quota_at_once,
    "EverythingBounded": bounds.ignores_what_is_in_flight,
    "RecordsAdd": assignments.does_not_count_what_is_handed_back,
    "GoesOnByItself": outages.never_sends_a_probe,
    "AnswersAreHeeded": answers.writes_dead_letters_at_a_401,
    "StaleNeverLeaves": answers.asks_only_once_whether_it_is_too_old,
    "OutagesAreSpared": outages.never_opens_a_breaker,
    "AnOutageEndsForAll": outages.holds_back_what_only_follows,
    "RetryAfterIsHeeded": outages.comes_back_before_it_was_told_to,
    "OneEventOfAKey": terms.takes_a_used_key_for_a_refusal,
    "UpdatesTellNoMore": terms.tells_all_of_what_is_too_old,
    "NothingOutlivesItsDelete": terms.forgets_whom_it_deleted,
    "BudgetHolds": terms.looks_at_no_budget,
    "HighGoesFirst": terms.has_one_queue_for_all_priorities,
    "WaitsForItsContact": terms.lets_nothing_pass,
    "NobodyStarves": sharing.lets_the_low_starve,
    "OneTellsOfAll": merging.merges_different_identities,
    "AContactIsAsTold": merging.knows_what_was_told_before_a_delete,
    "SavedAreCounted": merging.counts_what_it_saved_twice,
    "ARefusalIsCommittedFirst": merging.sends_again_before_the_refusal_is_committed,
    "OnlyTheCulpritIsGivenUp": merging.gives_up_an_event_that_was_refused_with_others,
    "PartsAddUp": sharing.counts_on_more_at_once,
    "DemandIsToldSeldom": sharing.tells_what_it_wants_all_the_time,
    "NoReplicaFails": assignments.never_hands_over,
    "APauseIsKept": mappings.sends_on_while_paused,
}
"""For each oracle a defect that it sees with every other oracle silent."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_defect_is_seen(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    """Within so many seeds, under whichever key memory of Loops they have."""
    mutant.patch(monkeypatch)

    seed, oracle = first_violation()

    record_property("seen", f"by {oracle} after {seed + 1} seeds")
    assert oracle in mutant.caught_by


@pytest.mark.timeout(300)
@pytest.mark.parametrize("oracle", ORACLES)
def test_an_oracle_sees_a_defect_alone(oracle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them only looks as if it judged."""
    SEEN_ALONE[oracle](monkeypatch)

    assert first_violation({oracle})[1] == oracle


def first_violation(judges: Container[str] | None = None) -> tuple[int, str]:
    """The first seed that breaks an oracle, and which."""
    for seed in range(SEEDS_MAX):
        try:
            run_seed(seed, judges=judges)
        except Violation as violation:
            return seed, violation.oracle
    pytest.fail(f"survived {SEEDS_MAX} seeds: an oracle is missing")
