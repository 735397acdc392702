"""Defects when partitions come and go."""

from __future__ import annotations

import math
from typing import Any, Final

import pytest

from consumer.adapters import kafka_commits
from consumer.core import dropping as dropping_module
from consumer.core import pipeline as pipeline_module
from consumer.core.effect import Effect
from consumer.core.handovers import Handovers
from consumer.core.pipeline import Pipeline
from tests.sim.mutants.mutant import Mutant

__all__ = ["MUTANTS"]


def forgets_the_epoch_of_a_commit(patch: pytest.MonkeyPatch) -> None:
    """What was asked for under a former assignment is committed under the next."""

    def unfenced(positions: Any, asked_under: Any, epochs: Any) -> tuple[Any, Any]:  # noqa: ARG001 - as declared
        return positions, {}

    patch.setattr(kafka_commits, "fence", unfenced)


def resets_on_an_empty_assignment(patch: pytest.MonkeyPatch) -> None:
    """A list of new partitions is taken for the list of all."""
    assigned = Pipeline.assigned

    def reset(self: Pipeline, committed: Any, total: Any, *, now: float, wall: float) -> list[Effect]:
        if not committed:
            for partition in list(self.partitions.values()):
                self._forget(partition, now)
        return assigned(self, committed, total, now=now, wall=wall)

    patch.setattr(Pipeline, "assigned", reset)


def keeps_what_was_lost(patch: pytest.MonkeyPatch) -> None:
    """It goes on sending, and its late outcomes count."""
    patch.setattr(Pipeline, "lost", lambda *_, **__: [])


def does_not_wait_for_the_wire_at_a_revoke(patch: pytest.MonkeyPatch) -> None:
    """A partition is handed over while its requests are on the wire."""
    begin = Handovers.begin

    def at_once(self: Handovers, partitions: Any, *, until: float) -> None:  # noqa: ARG001 - as declared
        begin(self, partitions, until=-math.inf)

    patch.setattr(Handovers, "begin", at_once)


def sends_on_after_a_revoke(patch: pytest.MonkeyPatch) -> None:
    """What waits is not dropped: it leaves, or stands in the way of others for ever."""
    for module in (pipeline_module, dropping_module):
        patch.setattr(module, "drop_waiting", lambda *_, **__: None)


def never_hands_over(patch: pytest.MonkeyPatch) -> None:
    """The revoke waits in vain, and so does whoever stops the process."""
    patch.setattr(Handovers, "due", lambda *_, **__: [])


def does_not_count_what_is_handed_back(patch: pytest.MonkeyPatch) -> None:
    """The sums do not add up after a rebalance."""
    forget = Pipeline._forget

    def uncounted(self: Pipeline, partition: Any, now: float) -> None:
        before = self.handed_back
        forget(self, partition, now)
        self.handed_back = before

    patch.setattr(Pipeline, "_forget", uncounted)


MUTANTS: Final = (
    Mutant.of(forgets_the_epoch_of_a_commit, "OnlyTheOwnerCommits", "CommitNeverPassesUnfinished"),
    Mutant.of(resets_on_an_empty_assignment, "NothingTwiceInEffect", "GoesOnByItself", "NoReplicaFails"),
    Mutant.of(keeps_what_was_lost, "NothingTwiceInEffect", "OneOnTheWirePerContact", "RateHolds", "PartsAddUp"),
    Mutant.of(does_not_wait_for_the_wire_at_a_revoke, "OneOnTheWirePerContact", "NothingTwiceInEffect"),
    Mutant.of(
        sends_on_after_a_revoke,
        "NothingTwiceInEffect",
        "OneOnTheWirePerContact",
        "InOrderPerContact",
        "GoesOnByItself",
    ),
    Mutant.of(never_hands_over, "NoReplicaFails", "NothingTwiceInEffect", "GoesOnByItself", "OneOnTheWirePerContact"),
    Mutant.of(does_not_count_what_is_handed_back, "RecordsAdd"),
)
