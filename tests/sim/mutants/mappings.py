"""Defects when the mapping changes, or is paused."""

from __future__ import annotations

from typing import Any, Final

import pytest

from consumer.core import holding as holding_module
from consumer.core.effect import Effect, ReadAgain
from consumer.core.holding import Holding
from consumer.core.partition import Partition
from consumer.core.pipeline import Pipeline
from tests.sim.mutants.mutant import Mutant

__all__ = ["MUTANTS"]


def takes_the_mask_of_another_mapping_for_its_own(patch: pytest.MonkeyPatch) -> None:
    """Its plans stand in another order."""

    def whichever(self: Partition, offset: int, plans: int, mapping: str) -> int:  # noqa: ARG001 - as declared
        known = self.partly.get(offset)
        return known.plans if known is not None and known.plans < (1 << plans) - 1 else 0

    patch.setattr(Partition, "_final_before", whichever)


def does_not_read_again_after_a_pause(patch: pytest.MonkeyPatch) -> None:
    """What was dropped is gone."""
    release = Holding._release

    def just_on(self: Holding, partition: Partition, hold: Any) -> list[Effect]:
        effects = release(self, partition, hold)
        self._holds.pop(partition, None)
        return [effect for effect in effects if not isinstance(effect, ReadAgain)]

    patch.setattr(Holding, "_release", just_on)


def takes_in_what_was_on_its_way_when_paused(patch: pytest.MonkeyPatch) -> None:
    """The watermark moves over what was dropped before it."""
    patch.setattr(Holding, "passes_over", lambda *_: False)


def sends_on_while_paused(patch: pytest.MonkeyPatch) -> None:
    """Nothing is read, and what waits goes out."""
    send = Pipeline._send_ready

    def anyway(self: Pipeline, now: float, wall: float) -> None:
        paused, self._holding.paused = self._holding.paused, False
        send(self, now, wall)
        self._holding.paused = paused

    patch.setattr(holding_module, "drop_waiting", lambda *_, **__: None)
    patch.setattr(Pipeline, "_send_ready", anyway)


MUTANTS: Final = (
    Mutant.of(takes_the_mask_of_another_mapping_for_its_own, "NothingLost", "CommitNeverPassesUnfinished"),
    Mutant.of(does_not_read_again_after_a_pause, "NothingLost", "CommitNeverPassesUnfinished", "GoesOnByItself"),
    Mutant.of(
        takes_in_what_was_on_its_way_when_paused,
        "CommitNeverPassesUnfinished",
        "NothingLost",
        "ARefusalIsCommittedFirst",
    ),
    Mutant.of(sends_on_while_paused, "APauseIsKept"),
)
