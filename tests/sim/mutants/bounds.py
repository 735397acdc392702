"""Defects in the rate, and in what is bounded."""

from __future__ import annotations

from typing import Final

import pytest

from consumer.core import pacer as pacer_module
from consumer.core import pauses, pipeline, quota
from consumer.core.delivery import Delivery
from consumer.core.effect import Attempt
from consumer.core.letters import Letters
from consumer.core.pacer import Pacer
from consumer.core.partition import Partition
from consumer.core.quota import Quota
from consumer.core.wire import Wire
from tests.sim.mutants.mutant import Mutant

__all__ = ["MUTANTS"]


def raises_its_quota_at_once(patch: pytest.MonkeyPatch) -> None:
    """While the former owner's requests still count."""
    patch.setattr(quota, "SETTLE_S", 0.0)


def takes_the_whole_rate_for_its_own(patch: pytest.MonkeyPatch) -> None:
    """Whoever else there may be."""
    patch.setattr(Quota, "slots", lambda self, **_: self.rate_per_s)


def counts_a_window_that_is_too_short(patch: pytest.MonkeyPatch) -> None:
    """Seven tenths of a second."""
    patch.setattr(pacer_module, "WINDOW_S", 0.7)


def never_resumes(patch: pytest.MonkeyPatch) -> None:
    """A pause has no end."""
    patch.setattr(pauses, "resumed", lambda *_: [])


def ignores_what_is_in_flight(patch: pytest.MonkeyPatch) -> None:
    """It reads as long as there is something."""
    patch.setattr(pipeline, "balanced", lambda *_: [])


def ignores_what_is_on_the_wire(patch: pytest.MonkeyPatch) -> None:
    """The rate alone holds it back."""
    patch.setattr(Wire, "size_max", property(lambda _: 1_000))


def counts_only_the_wire(patch: pytest.MonkeyPatch) -> None:
    """Not what is finished and in no commit."""
    patch.setattr(Wire, "_has_room", lambda self: len(self) < self.size_max)


def starts_what_it_cannot_record(patch: pytest.MonkeyPatch) -> None:
    """However little room there is beside the offset."""
    patch.setattr(Partition, "may_start", lambda *_: True)


def empties_the_topic_into_the_dead_letters(patch: pytest.MonkeyPatch) -> None:
    """However many records cannot be read."""
    patch.setattr(Letters, "_may_write", lambda *_: True)


def writes_letters_of_what_is_gone(patch: pytest.MonkeyPatch) -> None:
    """A partition that is lost leaves its letters."""
    patch.setattr(Letters, "forget", lambda *_: None)


def sends_probes_beside_the_rate(patch: pytest.MonkeyPatch) -> None:
    """As if Loops did not count them."""
    put, leave = Wire._put, Pacer.leave

    def uncounted(self: Wire, delivery: Delivery | None, attempt: Attempt, now: float) -> Attempt:
        patch.setattr(Pacer, "leave", leave if delivery is not None else lambda *_: None)
        return put(self, delivery, attempt, now)

    patch.setattr(Wire, "_put", uncounted)


MUTANTS: Final = (
    Mutant.of(raises_its_quota_at_once, "RateHolds"),
    Mutant.of(takes_the_whole_rate_for_its_own, "RateHolds", "PartsAddUp"),
    Mutant.of(counts_a_window_that_is_too_short, "RateHolds"),
    Mutant.of(starts_what_it_cannot_record, "EverythingBounded", "NothingTwiceInEffect"),
    Mutant.of(empties_the_topic_into_the_dead_letters, "EverythingBounded"),
    Mutant.of(writes_letters_of_what_is_gone, "EverythingBounded"),
    Mutant.of(sends_probes_beside_the_rate, "RateHolds"),
    Mutant.of(never_resumes, "GoesOnByItself"),
    Mutant.of(ignores_what_is_in_flight, "EverythingBounded"),
    Mutant.of(ignores_what_is_on_the_wire, "EverythingBounded"),
    Mutant.of(counts_only_the_wire, "EverythingBounded", "NothingTwiceInEffect"),
)
