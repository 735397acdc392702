"""What one contact may cost the others: a place in the queue, and a place on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest

from consumer.core.effect import Attempt, Effect
from consumer.core.margin import MARGIN_S
from consumer.core.outcome import Outcome
from consumer.core.pacer import WINDOW_S
from consumer.core.policy import Policy
from consumer.core.record import TopicPartition
from tests.core.driving import BUSY, DONE, P0, P1, Driven, attempts, batch, letters, send

STEP_S: Final = 0.05
"""From a request's leaving to its answer."""
POLICY: Final = Policy(rate_per_s=10, attempts_max=8)
WAITING: Final = 1_000
OTHERS: Final = tuple(f"other-{number}" for number in range(20))

TROUBLED: Final = "troubled"
LANE: Final = (f"u{TROUBLED}",)


def test_another_contact_waits_for_one_request_of_a_contact_with_a_thousand() -> None:
    """And for the limit's window, where that is used up: it is first in the queue within a second."""
    driven = Driven(POLICY)
    world = World(driven)
    world.select(0, [TROUBLED] * WAITING)
    world.run(20.0)
    came_at = driven.now
    world.select(WAITING, ["another"])
    world.run(came_at + 2.0)

    since = [(at, lanes) for at, lanes in world.left if at >= came_at]
    place = next(place for place, (_, lanes) in enumerate(since) if lanes == ("uanother",))
    assert place <= 1
    assert since[place][0] <= came_at + WINDOW_S + MARGIN_S + STEP_S
    assert sum(lanes == LANE for _, lanes in world.left) > 150


@pytest.mark.parametrize("answer_s", (STEP_S, 10.0), ids=("fails", "hangs"))
def test_a_contact_that_always_fails_costs_the_others_its_own_tries(answer_s: float) -> None:
    """Nothing of it but those: its other requests wait, and the rate of all the others stays what it was."""
    calm, troubled = World(Driven(POLICY)), World(Driven(POLICY), trouble_s=answer_s)
    for world in (calm, troubled):
        world.select(0, OTHERS * 50)
    troubled.select(0, [TROUBLED] * WAITING, partition=P1)
    for world in (calm, troubled):
        world.run(60.0)

    tries = sum(lanes == LANE for _, lanes in troubled.left)
    assert 2 <= tries <= POLICY.attempts_max + 1
    assert len(calm.left) - (len(troubled.left) - tries) <= tries
    assert len(letters(troubled.driven.effects)) <= 1


class World:
    """Answers what leaves, and takes what is committed, a step later; one contact's fails after ``trouble_s``."""

    def __init__(self, driven: Driven, *, trouble_s: float | None = None) -> None:
        """Nothing is selected yet."""
        self.driven = driven
        self.left: list[tuple[float, tuple[str, ...]]] = []
        """When what left, and of whom."""
        self._trouble_s = trouble_s
        self._due: list[tuple[float, Attempt, Outcome]] = []
        self._effects: list[Effect] = []

    def select(self, first: int, users: Sequence[str], partition: TopicPartition = P0) -> None:
        """Records from offset ``first`` on, one for each user named."""
        plans = {offset: [send(user)] for offset, user in enumerate(users, first)}
        read = batch(plans, first=first, last=first + len(users) - 1, partition=partition)
        self._take(self.driven.tell("selected", read))

    def run(self, until: float) -> None:
        """Until that moment."""
        while self.driven.now < until:
            committing, self._effects = self._effects, []
            self._take(self.driven.at(self.driven.now + STEP_S))
            self._take(self.driven.commit(committing))
            due = [answered for answered in self._due if answered[0] <= self.driven.now]
            self._due = [waiting for waiting in self._due if waiting[0] > self.driven.now]
            for _, attempt, outcome in due:
                self._take(self.driven.answer(attempt, outcome))

    def _take(self, effects: list[Effect]) -> None:
        self._effects += effects
        for attempt in attempts(effects):
            self.left.append((self.driven.now, attempt.lanes))
            if self._trouble_s is not None and attempt.lanes == LANE:
                self._due.append((self.driven.now + self._trouble_s, attempt, BUSY))
            else:
                self._due.append((self.driven.now + STEP_S, attempt, DONE))
