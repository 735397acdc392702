"""The pipeline's rules 7 and 8: what is final beyond the watermark is told with each commit and not sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consumer.core.effect import Attempt, Commit, Committable, Effect, Fate, Finished, MetadataIgnored, Send
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from consumer.core.record import Plan, Received, Wanted
from consumer.core.rules import Rules
from tests.core.driving import (
    P0,
    P1,
    REFUSED,
    WALL,
    Driven,
    attempts,
    batch,
    letters,
    of,
    record,
    requests,
    send,
    told,
    update,
)

WIDE = Policy(rate_per_s=10_000, on_wire_max=10_000)


def test_what_the_metadata_calls_finished_is_read_again_and_not_sent() -> None:
    """It counts as such, and the watermark passes it."""
    driven = Driven(committed=None)
    driven.tell("lost", [P0])
    driven.tell("assigned", {P0: told(4, (6, 7))}, [P0, P1])
    effects = driven.tell("selected", batch({4: [send("a")], 6: [send("b")], 7: [send("c")]}, first=4, last=9))
    effects += driven.at(5.0)
    assert [send("a").http()] == requests(effects)
    assert Finished(P0, Fate.ALREADY_FINISHED, 2, None) in effects
    assert {P0: Committable(10)} == of(Commit, driven.answer(attempts(effects)[0]))[0].positions


def test_what_a_former_process_finished_is_told_on_before_it_is_read_again() -> None:
    """Else a second crash would send it."""
    driven = Driven(committed=None)
    driven.tell("lost", [P0])
    driven.tell("assigned", {P0: told(4, (60, 70))}, [P0, P1])
    (commit,) = of(Commit, driven.tell("selected", batch({}, first=4, last=9)))
    assert {P0: told(10, (60, 70))} == commit.positions


def test_metadata_that_says_nothing_counts_as_none_and_is_reported() -> None:
    """Another program's, a later version's, a damaged one."""
    driven = Driven()
    driven.tell("lost", [P0])
    ours = told(4, (6, 7)).metadata
    for text, reason in (("their own", "foreign"), ("lc9:0", "newer"), (ours[:-1], "damaged"), (ours, "damaged")):
        effects = driven.tell("assigned", {P0: Committable(5, text)}, [P0, P1])
        assert [MetadataIgnored(P0, reason)] == of(MetadataIgnored, effects)


def test_a_rule_that_was_final_is_not_begun_again_where_another_of_its_record_was_not() -> None:
    """The first of two is told with the commit; the next process sends the second alone."""
    driven = Driven()
    effects = driven.tell("selected", batch({3: [send("a"), update("a")]}, first=0, last=5))
    driven.commit(effects)
    (commit,) = of(Commit, driven.answer(attempts(effects)[0]))
    assert {P0: told(3, partly={3: 0b01})} == commit.positions

    after = Driven(committed=None)
    after.tell("lost", [P0])
    after.tell("assigned", commit.positions, [P0, P1])
    (sent,) = attempts(after.tell("selected", batch({3: [send("a"), update("a")]}, first=3, last=5)))
    assert update("a").http() == sent.request
    assert {P0: Committable(6)} == of(Commit, after.answer(sent))[0].positions


def test_under_another_mapping_a_record_that_was_final_in_part_is_begun_anew() -> None:
    """Its plans may be others; what was finished as a whole stays finished."""
    pipeline = Pipeline(WIDE, now=0.0, random=lambda: 1.0, rules=Rules("00000002abcd"))
    had = told(3, (4, 4), partly={3: 0b01}, mapping=1)
    pipeline.assigned({P0: had}, [P0], now=0.0, wall=WALL)
    plans: dict[int, list[Plan]] = {3: [send("a"), update("a")], 4: [send("b")]}
    read = batch(plans, first=3, last=4, mapping="00000002abcd")
    effects = pipeline.selected(read, now=2.0, wall=WALL)
    assert [send("a").http()] == requests(effects)


def test_final_and_uncommitted_ones_are_no_more_than_may_be_on_the_wire() -> None:
    """While no commit is taken nothing more leaves: a crash would send all of it again."""
    driven = Driven(Policy(on_wire_max=3, rate_per_s=100))
    plans = {offset: [send(f"u{offset}")] for offset in range(9)}
    sent = attempts(driven.tell("selected", batch(plans, last=8)))
    effects = [effect for attempt in sent for effect in driven.answer(attempt)]
    assert 3 == len(sent)
    assert [] == attempts(effects + driven.at(30.0))
    assert 3 == driven.pipeline.commits.uncommitted
    assert 1 == len(attempts(driven.commit(effects)))


def test_a_commit_that_was_refused_makes_nothing_safe() -> None:
    """What it held is at stake until another is taken."""
    driven = Driven(Policy(on_wire_max=1, rate_per_s=100))
    (first,) = attempts(driven.tell("selected", batch({0: [send("a")], 1: [send("b")]}, last=1)))
    (commit,) = of(Commit, driven.answer(first))
    assert [] == attempts(driven.tell("commit_failed", commit.positions, "_TIMED_OUT"))
    assert 1 == len(attempts(driven.commit(driven.at(2.6))))


def test_a_refused_request_is_at_stake_until_its_letter_is_committed() -> None:
    """Loops may take its key for used: were it sent again, it would seem to be delivered."""
    driven = Driven(Policy(on_wire_max=2, rate_per_s=100))
    plans = {offset: [send(f"u{offset}")] for offset in range(4)}
    sent = attempts(driven.tell("selected", batch(plans, last=3)))
    effects = [effect for attempt in sent for effect in driven.answer(attempt, REFUSED)]
    first, second = letters(effects)
    assert [] == requests(driven.at(10.0))
    (commit,) = of(Commit, driven.tell("letter_confirmed", first))
    assert [] == requests(driven.tell("letter_confirmed", second))
    driven.effects.clear()
    driven.tell("committed", commit.positions)
    assert 1 == len(requests(driven.effects))


def test_metadata_that_is_too_large_for_the_broker_is_halved() -> None:
    """And what does not fit is not told, the highest first."""
    driven = Driven(Policy(rate_per_s=10_000, on_wire_max=10_000, metadata_bytes_max=80))
    plans = {offset: [send(f"u{offset}")] for offset in range(0, 4_000, 100)}
    sent = attempts(driven.tell("selected", batch(plans, last=4_000)) + driven.at(4.0))
    effects = driven.answer(sent[1])
    (commit,) = of(Commit, effects)
    driven.tell("commit_failed", commit.positions, "OFFSET_METADATA_TOO_LARGE")
    assert 40 == driven.pipeline.commits.metadata_bytes_max
    for attempt in sent[3::2]:
        driven.answer(attempt)
    (again,) = of(Commit, driven.at(5.0))
    assert 0 < len(again.positions[P0].metadata) <= 40


def test_what_could_not_be_told_is_not_started_and_the_lowest_always_is() -> None:
    """With room for a few completions the partition stands until its first record is finished; the other goes on."""
    driven = Driven(Policy(rate_per_s=10_000, on_wire_max=10_000, metadata_bytes_max=120))
    plans = {offset * 100: [send(f"u{offset}")] for offset in range(300)}
    with_gaps = Received([(at, at + 50) for at in plans], 51 * len(plans), wanted_of(plans), int(WALL * 1000))
    effects = driven.tell("selected", {P0: with_gaps}) + driven.at(4.0)
    sent = attempts(effects)
    assert 1 < len(sent) < 30
    stuck = sent[0]
    carry_on(driven, effects, but=stuck)
    assert 1 == len(driven.pipeline.wire)
    assert driven.pipeline.partitions[P0].held_back
    assert told_in_full(driven)
    other = driven.tell("selected", batch({0: [send("x")]}, last=0, partition=P1))
    assert 1 == len(attempts(other))
    assert ["uu58", "uu59"] == [sent.lanes[0] for sent in attempts(driven.answer(stuck))]


def test_two_full_partitions_that_wait_for_each_other_do_not_stand_for_ever() -> None:
    """The lowest of each waits in a lane behind one of the other that could not be told: one of these leaves."""
    driven = Driven(Policy(rate_per_s=10_000, on_wire_max=10_000, metadata_bytes_max=0))
    early = {5: [send("a")], 9: [send("b")]}
    driven.pipeline.wire.pacer.hold(10.0)
    driven.tell("selected", batch({5: [send("b")]}, first=5, last=5, partition=P1))
    driven.tell("selected", {P0: Received([(0, 9)], 10, wanted_of(early), int(WALL * 1000))})
    driven.tell("rewound", P1, 0)
    driven.tell("rewound", P0, 0)
    driven.tell("selected", batch({1: [send("a")]}, first=0, last=4, partition=P1))
    driven.tell("selected", batch({1: [send("b")]}, first=0, last=4))
    assert 5 == carry_on(driven, driven.at(20.0))


def test_after_a_rewind_only_the_record_that_was_missing_is_sent() -> None:
    """The ones beside it are finished or on their way."""
    driven = Driven()
    sent = attempts(driven.tell("selected", batch({0: [send("a")], 7: [send("c")], 8: [send("d")]}, last=9)))
    driven.commit(driven.answer(sent[1]))
    driven.tell("rewound", P0, 5)
    plans = {5: [send("b")], 7: [send("c")], 8: [send("d")]}
    effects = driven.tell("selected", batch(plans, first=5, last=9))
    assert [send("b").http()] == requests(effects)
    pipeline = driven.pipeline
    assert pipeline.received == sum(pipeline.fates.values()) + pipeline.in_flight


def carry_on(driven: Driven, effects: Sequence[Effect], *, but: Attempt | None = None) -> int:
    """Answers all and takes every commit until nothing comes back; ``but`` one. Returns how many were answered."""
    answered = 0
    waiting = list(effects)
    while waiting:
        match waiting.pop(0):
            case Send(attempt) if attempt != but:
                answered += 1
                waiting += driven.answer(attempt)
            case Commit(positions):
                waiting += driven.tell("committed", positions)
    return answered


def wanted_of(plans: Mapping[int, Sequence[Plan]]) -> list[Wanted]:
    """Wanted records of the first partition."""
    return [Wanted(record(offset), tuple(made)) for offset, made in plans.items()]


def told_in_full(driven: Driven) -> bool:
    """Whether every finished record beyond the watermark stands in the last commit."""
    partition = driven.pipeline.partitions[P0]
    return partition.committed == told(partition.watermark.offset, *partition.watermark.runs)
