"""The pipeline's rule 11 while the mapping is paused: what is on the wire ends, all else is read again afterwards."""

from __future__ import annotations

import math
from collections.abc import Sequence

from consumer.core.completions import Completions
from consumer.core.effect import Commit, Committable, Effect, Fate, Handed, Pause, ReadAgain, Resume
from consumer.core.holding import MAPPING_PAUSED
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from consumer.core.record import Plan, TopicPartition
from consumer.core.rules import Rules
from tests.core.driving import (
    BUSY,
    P0,
    P1,
    REFUSED,
    UNAUTHORIZED,
    WALL,
    Driven,
    attempts,
    batch,
    letters,
    of,
    requests,
    send,
    told,
    unreadable,
    update,
)

PAUSED = Rules("00000001", paused=True)
RUNNING = Rules("00000002")


def moves(effects: Sequence[Effect], tp: TopicPartition = P0) -> list[Effect]:
    """What the source is asked to do with a partition."""
    return [effect for effect in effects if isinstance(effect, Pause | ReadAgain | Resume) and effect.partition == tp]


def add_up(pipeline: Pipeline) -> bool:
    """Whether every record received is somewhere."""
    return pipeline.received == sum(pipeline.fates.values()) + pipeline.in_flight + pipeline.handed_back


def test_what_is_on_the_wire_ends_and_is_committed_and_nothing_else_leaves() -> None:
    """Of three requests the middle one waits behind the first's lane: it is dropped, and its offset stays."""
    driven = Driven()
    effects = driven.tell("selected", batch({0: [send("a")], 1: [send("a")], 2: [send("b")]}, last=9))
    first, last = attempts(effects)
    driven.commit(effects)
    assert [Pause(P0, MAPPING_PAUSED)] == moves(driven.tell("mapping", PAUSED))
    ended = driven.answer(first) + driven.answer(last)
    assert {P0: Committable(1)} == of(Commit, ended)[0].positions
    assert {P0: told(1, (2, 2), mapping=1)} == of(Commit, driven.commit(ended))[0].positions
    assert [] == requests(driven.at(600.0))
    assert (0, 0, True) == (driven.pipeline.in_flight, len(driven.pipeline.wire.lanes), add_up(driven.pipeline))


def test_afterwards_a_partition_is_read_again_from_its_watermark_and_nothing_is_sent_twice() -> None:
    """What is finished beyond it is recognised. What comes before the source has gone back is from before."""
    driven = Driven()
    plans = {0: [send("a")], 1: [send("a")], 2: [send("b")]}
    first, last = attempts(driven.tell("selected", batch(plans, last=9)))
    driven.tell("mapping", PAUSED)
    driven.answer(first)
    driven.answer(last)
    assert [ReadAgain(P0, 1), Resume(P0)] == moves(driven.tell("mapping", RUNNING))
    assert [] == requests(driven.tell("selected", batch({10: [send("c")]}, first=10, last=10)))
    driven.tell("rewound", P0, 1)
    sent = driven.tell("selected", batch({1: plans[1], 2: plans[2], 10: [send("c")]}, first=1, last=10))
    assert [send("a").http(), send("c").http()] == requests(sent)
    for attempt in attempts(sent):
        driven.answer(attempt)
    fates = driven.pipeline.fates
    assert (4, 1, True) == (fates[Fate.DELIVERED], fates[Fate.ALREADY_FINISHED], add_up(driven.pipeline))
    assert 11 == driven.pipeline.partitions[P0].watermark.offset


def test_a_partition_of_which_nothing_waited_just_goes_on() -> None:
    """It is not read again; what was on its way from the source is, from its first record."""
    driven = Driven()
    driven.tell("selected", batch({}, last=9))
    driven.tell("mapping", PAUSED)
    driven.tell("selected", batch({4: [send("a")]}, first=3, last=5, partition=P1))
    driven.tell("selected", batch({7: [send("a")]}, first=6, last=7, partition=P1))
    effects = driven.tell("mapping", RUNNING)
    assert [Resume(P0)] == moves(effects)
    assert [ReadAgain(P1, 3), Resume(P1)] == moves(effects, P1)


def test_a_mapping_that_is_paused_from_the_start_holds_what_is_assigned() -> None:
    """The group is joined and nothing is read; where it had no commit, reading begins where the first record lay."""
    pipeline = Pipeline(Policy(), now=0.0, random=lambda: 1.0, rules=PAUSED)
    assigned = pipeline.assigned({P0: None}, [P0], now=0.0, wall=WALL)
    came = pipeline.selected(batch({7: [send("a")]}, first=7, last=8), now=3.0, wall=WALL)
    again = pipeline.mapping(RUNNING, now=4.0, wall=WALL)
    assert ([Pause(P0, MAPPING_PAUSED)], []) == (assigned, came)
    assert [ReadAgain(P0, 7), Resume(P0)] == moves(again)
    pipeline.rewound(P0, 7, now=4.0, wall=WALL)
    pipeline.selected(batch({7: [send("a")]}, first=7, last=8), now=4.0, wall=WALL)
    assert (1, 7) == (pipeline.in_flight, pipeline.partitions[P0].watermark.offset)


def test_a_failed_request_is_not_tried_again_before_it_is_read_again() -> None:
    """Neither after a failure, nor where an outage held it back: not even a probe leaves."""
    for outcome in (BUSY, UNAUTHORIZED):
        driven = Driven()
        (attempt,) = attempts(driven.tell("selected", batch({0: [send("a")]}, last=0)))
        driven.tell("mapping", PAUSED)
        driven.answer(attempt, outcome)
        assert [] == attempts(driven.at(300.0))
        assert [ReadAgain(P0, 0), Resume(P0)] == moves(driven.tell("mapping", RUNNING))


def test_a_dead_letter_that_is_being_written_is_confirmed_first() -> None:
    """Its record is not forgotten, and its partition goes on only then."""
    driven = Driven()
    (attempt,) = attempts(driven.tell("selected", batch({0: [send("a")], 1: [send("a")]}, last=1)))
    driven.tell("mapping", PAUSED)
    (letter,) = letters(driven.answer(attempt, REFUSED))
    driven.tell("letter_failed", letter)
    assert [] == moves(driven.tell("mapping", RUNNING))
    (again,) = letters(driven.at(5.0))
    confirmed = driven.tell("letter_confirmed", again)
    assert [ReadAgain(P0, 1), Resume(P0)] == moves(confirmed)
    assert 1 == driven.pipeline.fates[Fate.DEAD_LETTERED]


def test_what_could_not_be_read_and_is_no_letter_yet_is_read_again() -> None:
    """The format may have been wrong: the next mapping may be able to read it."""
    driven = Driven(Policy(undecodable_per_min=1))
    effects = driven.tell("selected", batch({offset: [unreadable()] for offset in range(3)}, last=2))
    (letter,) = letters(effects)
    assert [Pause(P0, "undecodable")] == moves(effects)
    driven.tell("mapping", PAUSED)
    driven.tell("letter_confirmed", letter)
    assert [ReadAgain(P0, 1), Resume(P0)] == moves(driven.tell("mapping", RUNNING))
    assert ([], 0) == (letters(driven.at(300.0)), len(driven.pipeline.letters))


def test_of_a_record_that_was_done_in_part_only_the_rest_is_sent_afterwards() -> None:
    """Where the mapping is the one that selected it; under another one its plans are others, and all are begun."""
    plans: dict[int, list[Plan]] = {0: [send("a"), update("a")]}
    for digest, expected in (("", [update("a").http()]), ("00000002", [send("a").http(), update("a").http()])):
        driven = Driven(Policy(rate_per_s=100))
        (attempt,) = attempts(driven.tell("selected", batch(plans, last=0)))
        driven.tell("mapping", PAUSED)
        driven.answer(attempt)
        driven.tell("mapping", Rules(digest))
        driven.tell("rewound", P0, 0)
        effects = driven.tell("selected", batch(plans, last=0, mapping=digest))
        while sent := attempts(effects[-1:]):
            effects += driven.answer(sent[0])
        assert expected == requests(effects)


def test_paused_again_before_the_source_has_gone_back_it_is_asked_again() -> None:
    """What came after the first going back was not taken in."""
    driven = Driven()
    driven.pipeline.wire.pacer.hold(math.inf)
    driven.tell("selected", batch({3: [send("a")]}, last=5))
    driven.tell("mapping", PAUSED)
    driven.tell("mapping", RUNNING)
    assert [Pause(P0, MAPPING_PAUSED)] == moves(driven.tell("mapping", PAUSED))
    driven.tell("rewound", P0, 3)
    driven.tell("selected", batch({3: [send("a")]}, first=3, last=9))
    assert [ReadAgain(P0, 3), Resume(P0)] == moves(driven.tell("mapping", RUNNING))
    driven.tell("rewound", P0, 3)
    driven.tell("selected", batch({3: [send("a")]}, first=3, last=9))
    assert 1 == driven.pipeline.in_flight


def test_a_going_back_to_above_is_not_the_one_that_was_asked_for() -> None:
    """The source goes back by itself where a record was not delivered; what lies between would be passed over."""
    driven = Driven()
    driven.pipeline.wire.pacer.hold(math.inf)
    driven.tell("selected", batch({3: [send("a")]}, last=9))
    driven.tell("mapping", PAUSED)
    driven.tell("mapping", RUNNING)
    driven.tell("rewound", P0, 7)
    driven.tell("selected", batch({8: [send("b")]}, first=7, last=9))
    assert (0, 3) == (driven.pipeline.in_flight, driven.pipeline.partitions[P0].watermark.offset)
    driven.tell("rewound", P0, 2)
    driven.tell("selected", batch({3: [send("a")], 8: [send("b")]}, first=2, last=9))
    assert (2, 3) == (driven.pipeline.in_flight, driven.pipeline.partitions[P0].watermark.offset)


def test_a_revoke_hands_over_where_the_watermark_stands() -> None:
    """Whoever gets it reads what was dropped."""
    driven = Driven()
    (attempt,) = attempts(driven.tell("selected", batch({2: [send("a")], 3: [send("a")]}, last=9)))
    driven.tell("mapping", PAUSED)
    driven.tell("revoked", [P0])
    (handed,) = of(Handed, driven.answer(attempt))
    assert {P0: Committable(3)} == handed.positions
    assert [] == moves(driven.tell("mapping", RUNNING))
    assert add_up(driven.pipeline)


def test_what_was_full_is_read_again_too() -> None:
    """Nothing of it is in flight any more."""
    driven = Driven(Policy(in_flight_records_max=4))
    driven.pipeline.wire.pacer.hold(math.inf)
    effects = driven.tell("selected", batch({offset: [send("a")] for offset in range(3)}, last=2))
    assert [Pause(P0, "full")] == moves(effects)
    driven.tell("mapping", PAUSED)
    assert [ReadAgain(P0, 0), Resume(P0)] == moves(driven.tell("mapping", RUNNING))


def test_what_a_former_assignment_finished_stays_finished_over_a_pause() -> None:
    """And a drain ends though nothing leaves."""
    driven = Driven(committed=None)
    driven.tell("lost", [P0])
    driven.tell("mapping", PAUSED)
    driven.tell("assigned", {P0: told(3, (4, 4))}, [P0, P1])
    driven.tell("mapping", RUNNING)
    sent = driven.tell("selected", batch({3: [send("a")], 4: [send("b")]}, first=3, last=4))
    assert [send("a").http()] == requests(sent)
    assert Completions(((4, 4),)).runs == driven.pipeline.partitions[P0].watermark.runs
