"""What must hold in every simulated run, each a small class that fails the run by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sim.oracles.bounds import EverythingBounded, RateHolds, RecordsAdd
from tests.sim.oracles.commits import CommitNeverPassesUnfinished, OnlyTheOwnerCommits
from tests.sim.oracles.delivery import AnswersAreHeeded, NothingLost, NothingTwiceInEffect, StaleNeverLeaves
from tests.sim.oracles.ledger import Ledger
from tests.sim.oracles.limits import Limits
from tests.sim.oracles.merging import AContactIsAsTold, OneTellsOfAll, SavedAreCounted
from tests.sim.oracles.order import InOrderPerContact, OneOnTheWirePerContact
from tests.sim.oracles.pausing import APauseIsKept
from tests.sim.oracles.priority import HighGoesFirst, NobodyStarves
from tests.sim.oracles.progress import GoesOnByItself, NoReplicaFails
from tests.sim.oracles.refusals import ARefusalIsCommittedFirst, OnlyTheCulpritIsGivenUp
from tests.sim.oracles.sharing import DemandIsToldSeldom, PartsAddUp
from tests.sim.oracles.sparing import AnOutageEndsForAll, OutagesAreSpared, RetryAfterIsHeeded
from tests.sim.oracles.terms import (
    BudgetHolds,
    NothingOutlivesItsDelete,
    OneEventOfAKey,
    UpdatesTellNoMore,
    WaitsForItsContact,
)

if TYPE_CHECKING:
    from tests.sim.observing import Observer
    from tests.sim.world import World

__all__ = ["ORACLES", "all_oracles"]

ORACLES = (
    "NothingLost",
    "NothingTwiceInEffect",
    "InOrderPerContact",
    "OneOnTheWirePerContact",
    "CommitNeverPassesUnfinished",
    "OnlyTheOwnerCommits",
    "RateHolds",
    "EverythingBounded",
    "RecordsAdd",
    "GoesOnByItself",
    "AnswersAreHeeded",
    "StaleNeverLeaves",
    "OutagesAreSpared",
    "AnOutageEndsForAll",
    "RetryAfterIsHeeded",
    "OneEventOfAKey",
    "UpdatesTellNoMore",
    "NothingOutlivesItsDelete",
    "BudgetHolds",
    "HighGoesFirst",
    "NobodyStarves",
    "WaitsForItsContact",
    "OneTellsOfAll",
    "AContactIsAsTold",
    "SavedAreCounted",
    "ARefusalIsCommittedFirst",
    "OnlyTheCulpritIsGivenUp",
    "PartsAddUp",
    "DemandIsToldSeldom",
    "NoReplicaFails",
    "APauseIsKept",
)


def all_oracles(world: World) -> list[Observer]:
    """Every oracle of this world, and before them what some read. Those of the end go by importance."""
    ledger, limits = Ledger(world), Limits(world)
    return [
        ledger,
        limits,
        NoReplicaFails(world),
        GoesOnByItself(world),
        NothingLost(world),
        NothingTwiceInEffect(world, ledger),
        InOrderPerContact(world),
        OneOnTheWirePerContact(world),
        CommitNeverPassesUnfinished(world),
        OnlyTheOwnerCommits(world),
        RateHolds(world, limits),
        EverythingBounded(world, ledger),
        RecordsAdd(world),
        AnswersAreHeeded(world, ledger),
        StaleNeverLeaves(world),
        OutagesAreSpared(world, ledger),
        AnOutageEndsForAll(world),
        RetryAfterIsHeeded(world),
        OneEventOfAKey(world),
        UpdatesTellNoMore(world),
        NothingOutlivesItsDelete(world),
        BudgetHolds(world, ledger),
        HighGoesFirst(world),
        NobodyStarves(world),
        WaitsForItsContact(world),
        APauseIsKept(world),
        OneTellsOfAll(world, ledger),
        AContactIsAsTold(world),
        SavedAreCounted(world, ledger),
        ARefusalIsCommittedFirst(world, ledger),
        OnlyTheCulpritIsGivenUp(world),
        PartsAddUp(world, limits),
        DemandIsToldSeldom(world),
    ]
