"""Defects in what is committed, when, and with which completions."""

from __future__ import annotations

from typing import Any, Final

import pytest

from consumer.core import commits as commits_module
from consumer.core import pipeline as pipeline_module
from consumer.core.commits import Commits
from consumer.core.completions import Completions
from consumer.core.delivery import OpenRecord
from consumer.core.effect import Commit, Effect, Fate, Handed, Letter
from consumer.core.endings import Endings
from consumer.core.partition import Partition, PlansFinal
from consumer.core.pipeline import Pipeline
from consumer.core.rules import fingerprint
from consumer.core.watermark import Run, Watermark
from tests.sim.mutants.mutant import Mutant

__all__ = ["MUTANTS"]


def commits_the_highest_offset_seen(patch: pytest.MonkeyPatch) -> None:
    """Not the watermark."""
    patch.setattr(Watermark, "offset", property(lambda watermark: watermark.next_offset))


def commits_before_the_dead_letter_is_confirmed(patch: pytest.MonkeyPatch) -> None:
    """It is produced, and taken for written."""
    write = Endings.write

    def written_at_once(
        self: Endings, partition: Partition, letter: Letter, of: OpenRecord, *, now: float
    ) -> list[Effect]:
        effects = write(self, partition, letter, of, now=now)
        if self._letters.confirmed(letter.number) is not None:
            effects += self.finish_plan(partition, of, letter.plan, Fate.DEAD_LETTERED, letter.rule)
        return effects

    patch.setattr(Endings, "write", written_at_once)


def gives_up_a_dead_letter_that_failed(patch: pytest.MonkeyPatch) -> None:
    """As if it had been written."""
    patch.setattr(Pipeline, "letter_failed", Pipeline.letter_confirmed)


def ignores_the_metadata_at_read_back(patch: pytest.MonkeyPatch) -> None:
    """It is written, and never looked at."""
    patch.setattr(pipeline_module, "finished_before", lambda *_: Completions())


def records_one_completion_too_many(patch: pytest.MonkeyPatch) -> None:
    """The end of a run is taken for exclusive."""
    runs = Watermark.runs.fget  # type: ignore[attr-defined]  # a property has one

    def longer(self: Watermark) -> tuple[Run, ...]:
        found = runs(self)
        return (*found[:-1], (found[-1][0], found[-1][1] + 1)) if found else ()

    patch.setattr(Watermark, "runs", property(longer))


def drops_the_known_runs_on_the_next_commit(patch: pytest.MonkeyPatch) -> None:
    """What a former owner had finished is honoured, and not told again."""
    init = Partition.__init__
    runs = Watermark.runs.fget  # type: ignore[attr-defined]  # a property has one
    known: dict[int, frozenset[int]] = {}

    def remembering(self: Partition, tp: Any, epoch: int, committed: Any, done: Completions) -> None:
        init(self, tp, epoch, committed, done)
        known[id(self.watermark)] = frozenset(last for _, last in done.runs)

    patch.setattr(Partition, "__init__", remembering)
    patch.setattr(
        Watermark,
        "runs",
        property(lambda self: tuple(run for run in runs(self) if run[1] not in known.get(id(self), ()))),
    )


def calls_all_plans_final_when_one_is(patch: pytest.MonkeyPatch) -> None:
    """Beside an offset that is partly finished."""

    def all_of_them(self: Partition, record: OpenRecord) -> None:
        every = (1 << record.plans) - 1
        self.partly[record.record.offset] = PlansFinal(fingerprint(record.mapping), every)
        self.changed = True

    patch.setattr(Partition, "finish_plan", all_of_them)


def begins_every_plan_again(patch: pytest.MonkeyPatch) -> None:
    """Of a record that a former owner had partly finished."""
    receive = Partition.receive

    def anew(self: Partition, received: Any) -> tuple[list[OpenRecord], int]:
        new, finished = receive(self, received)
        for record in new:
            record.final = 0
        return new, finished

    patch.setattr(Partition, "receive", anew)


def reaches_over_what_was_not_delivered(patch: pytest.MonkeyPatch) -> None:
    """A run of finished records goes on behind offsets that no read brought."""
    receive = Watermark.receive

    def over_gaps(self: Watermark, runs: Any, wanted: Any) -> list[int]:
        return receive(self, [(runs[0][0], runs[-1][1])] if runs else runs, wanted)

    patch.setattr(Watermark, "receive", over_gaps)


def does_not_halve_the_metadata(patch: pytest.MonkeyPatch) -> None:
    """What the broker found too long is sent again as it was."""
    patch.setattr(commits_module, "METADATA_TOO_LARGE", "an error that never comes")


def takes_a_failed_commit_for_taken(patch: pytest.MonkeyPatch) -> None:
    """And never makes it again."""

    def taken(self: Commits, partitions: Any, error: str, *, now: float) -> None:  # noqa: ARG001 - as declared
        self.ended([(partition, partition.asked) for partition in partitions], now=now)

    patch.setattr(Commits, "failed", taken)


def forgets_to_commit_when_draining(patch: pytest.MonkeyPatch) -> None:
    """The group is left with what was committed before."""
    hand_over, drain, begin = Pipeline._hand_over, Pipeline.drain, Commits.begin
    draining: set[int] = set()

    def nothing(self: Pipeline, now: float, wall: float) -> None:
        hand_over(self, now, wall)
        if self._draining:
            self._out = [Handed(out.partitions, {}) if isinstance(out, Handed) else out for out in self._out]

    def drained(self: Pipeline, **times: float) -> list[Effect]:
        draining.add(id(self.commits))
        return drain(self, **times)

    def begun(self: Commits, partitions: Any, **times: float) -> Commit | None:
        return begin(self, () if id(self) in draining else partitions, **times)

    patch.setattr(Pipeline, "_hand_over", nothing)
    patch.setattr(Pipeline, "drain", drained)
    patch.setattr(Commits, "begin", begun)


def ignores_a_rewind(patch: pytest.MonkeyPatch) -> None:
    """The watermark stays beyond the record that was not delivered."""
    patch.setattr(Pipeline, "rewound", lambda *_, **__: [])


MUTANTS: Final = (
    Mutant.of(commits_the_highest_offset_seen, "CommitNeverPassesUnfinished"),
    Mutant.of(commits_before_the_dead_letter_is_confirmed, "CommitNeverPassesUnfinished"),
    Mutant.of(gives_up_a_dead_letter_that_failed, "CommitNeverPassesUnfinished"),
    Mutant.of(ignores_the_metadata_at_read_back, "NothingTwiceInEffect", "EverythingBounded"),
    Mutant.of(records_one_completion_too_many, "CommitNeverPassesUnfinished"),
    Mutant.of(drops_the_known_runs_on_the_next_commit, "NothingTwiceInEffect", "EverythingBounded"),
    Mutant.of(calls_all_plans_final_when_one_is, "CommitNeverPassesUnfinished"),
    Mutant.of(begins_every_plan_again, "NothingTwiceInEffect"),
    Mutant.of(reaches_over_what_was_not_delivered, "CommitNeverPassesUnfinished", "NothingLost"),
    Mutant.of(does_not_halve_the_metadata, "GoesOnByItself"),
    Mutant.of(takes_a_failed_commit_for_taken, "GoesOnByItself", "EverythingBounded"),
    Mutant.of(forgets_to_commit_when_draining, "NothingTwiceInEffect"),
    Mutant.of(ignores_a_rewind, "NothingLost", "GoesOnByItself", "NothingTwiceInEffect"),
)
