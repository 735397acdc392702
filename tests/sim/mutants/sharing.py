"""Defects in how replicas share the team's limit, and in who goes first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pytest

from consumer.core import quota as quota_module
from consumer.core import sharing as sharing_module
from consumer.core import wish as wish_module
from consumer.core.breaker import Breaker
from consumer.core.delivery import Delivery
from consumer.core.quota import Quota
from consumer.core.ready import ReadyQueue
from consumer.core.request import Call
from consumer.core.shares import Want
from consumer.core.wish import Wish
from tests.sim.mutants.mutant import Mutant

__all__ = ["MUTANTS"]


def counts_on_more_at_once(patch: pytest.MonkeyPatch) -> None:
    """While others know of less."""
    patch.setattr(wish_module, "LEASE_S", 0.0)


def counts_on_what_it_heard_long_ago(patch: pytest.MonkeyPatch) -> None:
    """Whatever was told since."""
    patch.setattr(quota_module, "LEASE_S", math.inf)


def takes_what_nobody_gave_up(patch: pytest.MonkeyPatch) -> None:
    """Of whom it knows nothing wants nothing."""
    want = Quota._want

    def of_known(self: Quota, tp: Any, now: float, wall: float, *, known: bool) -> Want:
        return want(self, tp, now, wall, known=known) if known or tp in self._wishes else Want(0)

    patch.setattr(Quota, "_want", of_known)


def keeps_what_it_does_not_want_any_more(patch: pytest.MonkeyPatch) -> None:
    """While others take it."""

    def only_intends(self: Wish, per_s: int, *, idle: bool) -> None:
        self.intended, self.idle = per_s, idle

    patch.setattr(Wish, "intend", only_intends)
    patch.setattr(Wish, "begin_telling", lambda _: None)


def leaves_no_slot_to_the_idle(patch: pytest.MonkeyPatch) -> None:
    """They take it."""
    patch.setattr(quota_module._Heard, "any_idle", False)


def tells_what_it_wants_all_the_time(patch: pytest.MonkeyPatch) -> None:
    """A commit behind the other."""
    patch.setattr(sharing_module, "TELL_EVERY_S", 0.0)
    patch.setattr(Quota, "untold", lambda self, **_: list(self._wishes))


def lets_the_low_starve(patch: pytest.MonkeyPatch) -> None:
    """As long as there is something high."""
    init = ReadyQueue.__init__
    patch.setattr(ReadyQueue, "__init__", lambda self, _: init(self, math.inf))


def lets_what_does_not_leave_use_up_a_turn(patch: pytest.MonkeyPatch) -> None:
    """Those that have starved and end at once count against the others that have."""
    take = ReadyQueue.take

    def taken(self: ReadyQueue, breakers: Mapping[Call, Breaker], *, now: float) -> Delivery | None:
        one = take(self, breakers, now=now)
        self._starved_go_next ^= one is not None and self._made_a_difference
        return one

    patch.setattr(ReadyQueue, "take", taken)
    patch.setattr(ReadyQueue, "left", lambda _: None)


MUTANTS: Final = (
    Mutant.of(counts_on_more_at_once, "PartsAddUp", "RateHolds"),
    Mutant.of(counts_on_what_it_heard_long_ago, "PartsAddUp", "RateHolds"),
    Mutant.of(takes_what_nobody_gave_up, "PartsAddUp", "RateHolds"),
    Mutant.of(keeps_what_it_does_not_want_any_more, "PartsAddUp", "RateHolds"),
    Mutant.of(leaves_no_slot_to_the_idle, "PartsAddUp", "RateHolds"),
    Mutant.of(tells_what_it_wants_all_the_time, "DemandIsToldSeldom"),
    Mutant.of(lets_the_low_starve, "NobodyStarves"),
    Mutant.of(lets_what_does_not_leave_use_up_a_turn, "NobodyStarves"),
)
