"""The pacer against its definition, over all departures there ever were. Times are seconds."""

from __future__ import annotations

import math

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from consumer.core.pacer import WINDOW_S, Pacer

MARGIN_S = 0.02

moments = st.one_of(st.integers(0, 1500), st.integers(1024, 1045)).map(lambda steps: steps / 1024)
"""Up to one and a half seconds, often between the window and its margin, in steps that floating point adds exactly."""


class PacerByDefinition(RuleBasedStateMachine):
    """Departure n waits for a window and a margin after departure n - slots, and for every hold.

    Nothing else does below the limit. At it, slots that are all in use are gathered: for a tenth of their distance.
    """

    def __init__(self) -> None:
        """At second 8, and nothing has left."""
        super().__init__()
        self.pacer = Pacer(random=lambda: 0.0, margin_s=MARGIN_S)
        self.now = 8.0
        self.slots = 0
        self.left: list[float] = []
        self.tight: list[bool] = []
        self.held_until = 0.0

    def ready_at(self) -> float:
        """The definition: the moment from which one may leave, not before now."""
        if self.slots == 0:
            return math.inf
        earliest = self.left[-self.slots] + (WINDOW_S + MARGIN_S) if len(self.left) >= self.slots else 0.0
        return max(self.now, earliest, self.held_until)

    def all_in_use(self) -> bool:
        """Whether each of the last departures left as soon as it might."""
        return all(self.tight[-self.slots :])

    @initialize(slots=st.integers(1, 4))
    def begin(self, slots: int) -> None:
        """With few slots, which are soon taken."""
        self.change_slots(slots)

    @rule(pause=moments)
    def wait(self, pause: float) -> None:
        """Nothing leaves for a while."""
        self.now += pause

    @rule(most=st.integers(1, 12))
    def leave_as_soon_as_it_may(self, most: int) -> None:
        """As many as may leave now; or one, as soon as it may."""
        if math.isinf(self.ready_at()):
            return
        self.now = max(self.now, self.pacer.ready_at(self.now))
        for _ in range(most):
            if self.pacer.ready_at(self.now) <= self.now:
                self.tight.append(self.now <= self.pacer.ready_at(self.now) + 0.005)
                self.pacer.leave(self.now)
                self.left.append(self.now)
        if len(self.left) > self.slots:
            assert self.left[-1] >= self.left[-1 - self.slots] + (WINDOW_S + MARGIN_S)

    @rule(slots=st.integers(0, 10))
    def change_slots(self, slots: int) -> None:
        """The replica's part of the rate is another from now on."""
        self.pacer.slots = self.slots = slots

    @rule(pause=moments)
    def hold(self, pause: float) -> None:
        """Loops asks for a pause; a shorter one does not end a longer one."""
        self.pacer.hold(self.now + pause)
        self.held_until = max(self.held_until, self.now + pause)

    @invariant()
    def it_is_ready_when_the_definition_says(self) -> None:
        """Never earlier; below the limit at once, and at it hardly later."""
        expected, found = self.ready_at(), max(self.now, self.pacer.ready_at(self.now))
        if self.all_in_use():
            assert expected <= found <= max(expected + 0.1 * (WINDOW_S + 2 * MARGIN_S), self.held_until)
        else:
            assert expected == found

    @invariant()
    def used_is_what_left_in_the_last_window(self) -> None:
        """Whatever was forgotten."""
        assert self.pacer.used(self.now) == sum(1 for left in self.left if self.now - left < WINDOW_S)


PacerByDefinition.TestCase.settings = settings(
    derandomize=True, deadline=None, max_examples=150, stateful_step_count=40
)
TestPacer = PacerByDefinition.TestCase
