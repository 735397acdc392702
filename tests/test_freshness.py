"""What counts as delivered soon after it was produced, and what is not judged at all."""

from __future__ import annotations

import pytest

from consumer.core.effect import Committable, Effect, Finished
from consumer.core.policy import Policy
from consumer.core.record import TopicPartition
from consumer.core.rules import Rules
from consumer.freshness import FRESH_S, Freshness
from tests.core.driving import BUSY, P0, P1, REFUSED, WALL, Driven, attempts, batch, letters, of, send, told

PAUSED = Rules("00000001", paused=True)
RUNNING = Rules("00000002")


class Judged(Driven):
    """A pipeline whose records are judged; all are produced at second 0."""

    def __init__(self, policy: Policy | None = None, within_s: float | None = FRESH_S) -> None:
        """Begins anew at second 0, where the records are produced."""
        self.freshness = Freshness(lambda: WALL + self.now, within_s)
        super().__init__(policy)

    def tell(self, what: str, *arguments: object) -> list[Effect]:
        """Freshness hears of each fate, as telemetry does."""
        effects = super().tell(what, *arguments)
        for effect in of(Finished, effects):
            self.freshness.finished(effect)
        return effects

    def look(self, now: float) -> tuple[int, int]:
        """Looks at that moment. Returns how many were fresh and how many late so far."""
        self.at(now)
        self.freshness.look(self.pipeline.partitions.values())
        return self.counts

    @property
    def counts(self) -> tuple[int, int]:
        """Fresh, and late."""
        return self.freshness.fresh, self.freshness.late

    def deliver(self, *, age_s: float = 0) -> None:
        """The record at offset 0 is read and delivered; its event happened so long before."""
        effects = self.tell("selected", batch({0: [send("a", age_s=age_s)]}, last=0))
        self.answer(attempts(effects or self.at(self.now + 5))[0])

    def assign_anew(self, had: Committable | None, now: float, partition: TopicPartition = P0) -> None:
        """The partition is away, and ours again at that moment."""
        self.tell("lost", [partition])
        self.at(now)
        self.tell("assigned", {partition: had}, [P0, P1])


def test_what_is_delivered_in_time_is_fresh_by_the_records_time_however_old_its_event_is() -> None:
    """Produced at second 0, taken at second 2, of an event of the hour before."""
    driven = Judged()
    driven.deliver(age_s=3_600)

    assert (1, 0) == driven.counts


def test_what_is_delivered_later_is_late() -> None:
    """The group's own commit stood before it, while nobody read it."""
    driven = Judged()
    driven.assign_anew(told(0, (5, 5)), now=FRESH_S + 1)
    driven.deliver()

    assert (0, 1) == driven.counts


def test_what_waits_too_long_is_late_while_it_waits_and_once() -> None:
    """It counts at the first look behind the five minutes, and not again when it is delivered."""
    driven = Judged()
    attempt = attempts(driven.tell("selected", batch({0: [send("a")]}, last=9)))[0]

    assert (0, 0) == driven.look(FRESH_S)
    assert (0, 1) == driven.look(FRESH_S + 1)
    assert (0, 1) == driven.look(FRESH_S + 2)
    driven.answer(attempt)
    assert (0, 1) == driven.counts


def test_a_dead_letter_is_not_judged_unless_it_waited_too_long() -> None:
    """It has its own alert."""
    driven = Judged()
    attempt = attempts(driven.tell("selected", batch({0: [send("a")]}, last=9)))[0]
    driven.tell("letter_confirmed", letters(driven.answer(attempt, REFUSED))[0])
    assert (0, 0) == driven.look(FRESH_S + 1)

    driven = Judged(Policy(attempts_max=1))
    attempt = attempts(driven.tell("selected", batch({0: [send("a")]}, last=9)))[0]
    driven.answer(attempt, BUSY)
    assert (0, 1) == driven.look(FRESH_S + 1)


@pytest.mark.parametrize("had", (None, Committable(0), Committable(0, "by hand")))
def test_what_lay_there_where_the_group_had_no_commit_of_its_own_is_not_judged(had: Committable | None) -> None:
    """A first start, and offsets that were set by hand: whoever does that reads the past."""
    driven = Judged()
    driven.assign_anew(had, now=FRESH_S + 1)
    driven.deliver()

    assert (0, 0) == driven.counts


def test_what_is_produced_after_a_start_anew_is_judged() -> None:
    """The records are as new as the start."""
    driven = Judged()
    driven.assign_anew(None, now=0.0)
    driven.deliver()

    assert (1, 0) == driven.counts


def test_a_pause_of_the_mapping_makes_nothing_late() -> None:
    """What came before its end is not judged when it is read."""
    driven = Judged()
    driven.tell("mapping", PAUSED)
    driven.at(2 * FRESH_S)
    driven.tell("mapping", RUNNING)
    driven.deliver()

    assert (0, 0) == driven.counts


def test_where_the_past_is_read_nothing_is_judged() -> None:
    """As in a backfill."""
    driven = Judged(within_s=None)
    attempt = attempts(driven.tell("selected", batch({0: [send("a")]}, last=9)))[0]
    driven.look(2 * FRESH_S)
    driven.answer(attempt)

    assert (0, 0) == driven.counts
