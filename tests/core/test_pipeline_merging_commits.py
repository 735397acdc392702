"""The pipeline's rules on requests that became one, and what has to stand in a commit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.core.commits import METADATA_TOO_LARGE
from consumer.core.completions import Completions, Refusal, decode, encode
from consumer.core.effect import Attempt, Commit, Committable, Effect, Fate
from consumer.core.outcome import Outcome
from consumer.core.pipeline import Pipeline
from consumer.core.policy import Policy
from consumer.core.record import Plan
from consumer.core.refusals import key_fingerprint
from consumer.core.request import Call
from consumer.core.rules import Rules
from consumer.core.terms import Terms
from tests.core.driving import (
    BUSY,
    DONE,
    NOT_FOUND,
    P0,
    P1,
    REFUSED,
    Driven,
    attempts,
    batch,
    create,
    fates,
    letters,
    of,
    send,
    update,
)
from tests.core.merging_world import World
from tests.core.test_pipeline_merging import MERGING, Waiting, body

BAD = {"bad": True}
MANY = replace(MERGING, on_wire_max=10)
KEY = key_fingerprint("key-a")


def _refused(policy: Policy = MANY) -> tuple[Driven, list[Effect]]:
    """An event at 2 that carried the update at 1, whom the request at 0 held up, was refused with it."""
    driven = Driven(policy)
    (first,) = attempts(driven.tell("selected", batch({0: [update("a", "a@x.test")]}, last=0)))
    driven.tell("selected", batch({1: [update("a", contact=BAD)], 2: [send("a")]}, first=1, last=2))
    came = driven.answer(first)
    (attempt,) = attempts(came + driven.commit(came))
    assert "bad" in body(attempt)
    return driven, driven.answer(attempt, REFUSED)


def _refusals_told(effects: list[Effect]) -> tuple[int, tuple[Refusal, ...]]:
    """In the one commit of these, with its offset."""
    (commit,) = of(Commit, effects)
    position = commit.positions[P0]
    told = decode(position.metadata, offset=position.offset)
    assert isinstance(told, Completions)
    return position.offset, told.refusals


def _after_the_culprit(driven: Driven, effects: list[Effect]) -> list[Effect]:
    """The update is refused by itself, and its letter written."""
    (culprit,) = attempts(effects)
    assert BAD.items() <= body(culprit).items()
    came = driven.answer(culprit, REFUSED)
    (letter,) = letters(came)
    assert (1, 0) == (letter.record.offset, letter.plan)
    return came + driven.tell("letter_confirmed", letter)


def test_an_event_that_was_refused_with_what_it_carried_is_delivered_by_itself() -> None:
    """Under a key that bears the number, once that number is committed."""
    driven, effects = _refused()
    assert (Refusal(2, KEY, 1),) == _refusals_told(effects)[1]
    came = _after_the_culprit(driven, effects)
    assert [] == attempts(came)
    (alone,) = attempts(driven.commit(effects))
    assert ("key-a.1", "/events/send") == (alone.request.idempotency_key, alone.request.path)
    assert "bad" not in body(alone)
    assert (Fate.DELIVERED, "r") in fates(driven.answer(alone))


def test_its_second_refusal_is_its_own() -> None:
    """The letter counts both, and all tries."""
    driven, effects = _refused()
    _after_the_culprit(driven, effects)
    (alone,) = attempts(driven.commit(effects))
    (letter,) = letters(driven.answer(alone, REFUSED))
    assert ("key-a", 2, 2, 2) == (letter.idempotency_key, letter.refusals, letter.attempts, letter.record.offset)


def test_where_its_number_finds_no_room_it_is_a_dead_letter_with_it() -> None:
    """At once, and what it carried goes on."""
    driven = Driven(replace(MANY, metadata_bytes_max=0))
    (first,) = attempts(driven.tell("selected", batch({0: [update("a", "a@x.test")]}, last=0)))
    driven.tell("selected", batch({1: [update("a", contact=BAD), send("a")]}, first=1, last=1))
    came = driven.answer(first)
    (attempt,) = attempts(came + driven.commit(came))
    refused = driven.answer(attempt, REFUSED)
    (letter,) = letters(refused)
    assert ("r", 1, 1, 1) == (letter.rule, letter.record.offset, letter.plan, letter.refusals)
    assert [{"userId": "a", **BAD}] == [body(each) for each in attempts(refused)]


def test_a_commit_that_fails_holds_it_up() -> None:
    """It goes when the next one is taken."""
    driven, effects = _refused()
    _after_the_culprit(driven, effects)
    (commit,) = of(Commit, effects)
    assert [] == [one for one in attempts(driven.tell("commit_failed", commit.positions, "X")) if "ua" in one.lanes]
    (again,) = of(Commit, driven.at(driven.now + 1.0))
    (alone,) = attempts(driven.tell("committed", again.positions))
    assert "key-a.1" == alone.request.idempotency_key


def test_another_mapping_changes_nothing_about_its_wait() -> None:
    """The number is of the key, which stays the same."""
    driven, effects = _refused()
    _after_the_culprit(driven, effects)
    assert [] == letters(driven.tell("mapping", Rules("ab", frozenset("r"))))
    (alone,) = attempts(driven.commit(effects))
    assert "key-a.1" == alone.request.idempotency_key


def test_an_event_of_a_record_that_is_begun_anew_bears_its_number_though_it_was_delivered() -> None:
    """Another mapping knows nothing of what was final of a record of several rules. The key says it."""
    driven = Driven(MANY)
    (first,) = attempts(driven.tell("selected", batch({0: [update("a", "a@x.test")]}, last=0)))
    driven.tell("selected", batch({1: [update("a", contact=BAD), send("a"), send("b")]}, first=1, last=1))
    came = driven.answer(first)
    (both,) = attempts(came + driven.commit(came))
    refused = driven.answer(both, REFUSED)
    _after_the_culprit(driven, refused)
    came = driven.commit(refused)
    (alone,) = attempts(came)
    driven.answer(alone)
    (commit,) = of(Commit, driven.commit(came))
    told = decode(commit.positions[P0].metadata, offset=1)
    assert isinstance(told, Completions)
    assert ({1: 0b11}, (Refusal(1, KEY, 1),)) == (told.partly, told.refusals)

    again = Driven(MANY)
    again.tell("assigned", commit.positions, [P0, P1])
    again.tell("mapping", Rules("ab", frozenset("r")))
    left = attempts(again.tell("selected", batch({1: [send("b"), send("a")]}, first=1, last=1)))
    assert {"key-b", "key-a.1"} == {attempt.request.idempotency_key for attempt in left}


def test_a_rewind_behind_its_end_sends_it_under_the_same_key() -> None:
    """A record below was not delivered, and all from there on is read again."""
    driven, effects = _refused()
    _after_the_culprit(driven, effects)
    came = driven.commit(effects)
    (alone,) = attempts(came)
    came = driven.commit(came + driven.answer(alone))
    driven.commit(came)
    again = driven.tell("rewound", P0, 1)
    again += driven.tell("selected", batch({1: [], 2: [send("a")]}, first=1, last=2))
    (known,) = attempts(again + driven.commit(again))
    assert "key-a.1" == known.request.idempotency_key


@pytest.mark.parametrize("mapping", (0, 7))
def test_the_next_owner_sends_it_by_itself_under_the_same_key(mapping: int) -> None:
    """Whatever waits before it, and whichever mapping had made its plan."""
    metadata = encode(Completions(mapping=mapping, refusals=(Refusal(1, KEY, 1),)), offset=0)
    pipeline = Pipeline(MERGING, now=0.0, random=lambda: 1.0)
    driven = Driven(MERGING)
    driven.pipeline, driven.now = pipeline, 0.0
    driven.tell("assigned", {P0: Committable(0, metadata), P1: Committable(0)}, [P0, P1])
    driven.tell("selected", batch({0: [update("a")], 1: [send("a")], 2: [update("a")]}, last=2))
    left: list[Attempt] = attempts(driven.at(2.0))
    while len(left) < 3:
        answered = driven.answer(left[-1])
        left += attempts(answered + driven.commit(answered))
    assert [None, "key-a.1", None] == [attempt.request.idempotency_key for attempt in left]


def test_a_crash_before_its_number_is_committed_sends_it_once() -> None:
    """It has not left under the number: whoever reads it again may use the key without."""
    world = World(MANY, refusals_use_keys=False)
    before = update("a", "a@x.test")
    world.topic[P0] = [[before], [update("a", contact=BAD)], [send("a")]]
    world.read(P0, 3)
    for _ in range(10):
        if world.on_wire:
            world.answer(0, "answered")
        while world.writing:
            world.write(taken=True)
        world.wait(1.0)
    assert not world.loops.events
    world.crash([])
    world.finish()
    assert {"key-a": 1} == world.loops.events


def test_a_revoke_hands_its_number_over() -> None:
    """What waited for the commit is the next owner's."""
    driven = Driven(MERGING)
    (first,) = attempts(driven.tell("selected", batch({0: [send("z")]}, last=0, partition=P1)))
    driven.tell("selected", batch({0: [update("a")], 1: [send("a")]}, last=1))
    (both,) = attempts(driven.commit(driven.answer(first)))
    driven.tell("revoked", [P0])
    (handed,) = (one for one in driven.answer(both, REFUSED) if hasattr(one, "positions") and one.positions)
    told = decode(handed.positions[P0].metadata, offset=0)
    assert isinstance(told, Completions)
    assert (Refusal(1, KEY, 1),) == told.refusals


# Room ------------------------------------------------------------------------------------------------------------


def _with_less_room(driven: Driven, effects: list[Effect], bytes_max: int = 16) -> list[Effect]:
    """The broker takes no commit that tells more; no refusal, where nothing else is said. What came back."""
    came: list[Effect] = []
    while driven.pipeline.commits.metadata_bytes_max > bytes_max:
        (commit,) = of(Commit, effects)
        effects = driven.tell("commit_failed", commit.positions, METADATA_TOO_LARGE) + driven.at(driven.now + 0.5)
        came += effects
    return came


def test_one_that_was_held_back_for_room_leaves_only_under_a_number_that_the_last_commit_tells_of() -> None:
    """Its former owner's did, and a later one had less room; when the watermark has come to it, the next one does."""
    runs = tuple((at, at) for at in range(3, 157, 2))
    metadata = encode(Completions(runs, refusals=(Refusal(200, KEY, 1),)), offset=0)
    driven = Driven(replace(MANY, metadata_bytes_max=70))
    driven.pipeline, driven.now = Pipeline(driven.pipeline.policy, now=0.0, random=lambda: 1.0), 0.0
    driven.tell("assigned", {P0: Committable(0, metadata), P1: Committable(0)}, [P0, P1])
    came = driven.tell("selected", batch({0: [update("z"), update("y")], 200: [send("a")]}, last=200))
    lowest, other = attempts(came + driven.at(2.0))
    came = _with_less_room(driven, driven.answer(other), 35)
    driven.commit(came[-1:])
    assert (0, ()) == _refusals_told(came[-1:])

    came = driven.answer(lowest)
    assert (200, (Refusal(200, KEY, 1),)) == _refusals_told(came)
    assert [] == attempts(came)
    (alone,) = attempts(driven.commit(came))
    assert "key-a.1" == alone.request.idempotency_key


def test_one_that_has_left_under_its_number_leaves_again_whatever_can_be_told_then() -> None:
    """Loops may have taken it."""
    driven, effects = _refused(replace(MANY, metadata_bytes_max=64))
    _after_the_culprit(driven, effects)
    came = driven.commit(effects)
    (alone,) = attempts(came)
    _with_less_room(driven, came)
    came = driven.answer(alone, BUSY) + driven.at(driven.now + 1.0)
    assert [] == letters(came)
    assert ["key-a.1"] == [attempt.request.idempotency_key for attempt in attempts(came)]


def _asking() -> tuple[Driven, Attempt, Attempt]:
    """The event at 1, whose number a former owner told, asks for its contact. An update of the record at 0 has left."""
    metadata = encode(Completions(refusals=(Refusal(1, KEY, 1),)), offset=0)
    driven = Driven(replace(MANY, metadata_bytes_max=64))
    driven.pipeline, driven.now = Pipeline(driven.pipeline.policy, now=0.0, random=lambda: 1.0), 0.0
    driven.tell("assigned", {P0: Committable(0, metadata), P1: Committable(0)}, [P0, P1])
    waiting = send("a", terms=Terms(unknown_wait_s=60.0))
    plans: dict[int, list[Plan]] = {0: [update("z"), update("y")], 1: [waiting], 2: [create("a", "a@x.test")]}
    driven.tell("selected", batch(plans, last=2))
    _, other, asks = attempts(driven.at(2.0))
    assert Call.FIND is asks.request.call
    return driven, other, asks


def test_one_that_has_only_asked_for_its_contact_has_not_left_under_its_number() -> None:
    """When the contact is there, and the number can be told no more, it is a dead letter."""
    driven, other, asks = _asking()
    _with_less_room(driven, driven.answer(other))
    (letter,) = letters(driven.answer(asks))
    assert ("key-a", 1) == (letter.idempotency_key, letter.refusals)


def test_nor_has_one_that_an_outage_holds_back_when_it_need_not_ask_any_more() -> None:
    """Its contact was made while it waited, and events were not taken."""
    driven, _, asks = _asking()
    events = attempts(driven.tell("selected", batch({at: [send(f"{at}")] for at in range(5)}, last=4, partition=P1)))
    (makes,) = attempts(driven.answer(asks, NOT_FOUND))
    for event in events:
        driven.answer(event, BUSY)
    came = driven.answer(makes)
    assert [] == attempts(came)
    came = _with_less_room(driven, came)
    for _ in range(5):
        assert "key-a.1" not in [attempt.request.idempotency_key for attempt in attempts(came)]
        answered = [one for attempt in attempts(came) for one in driven.answer(attempt)]
        came = answered + driven.at(driven.now + 1.0)
    assert ["key-a"] == [letter.idempotency_key for letter in letters(driven.effects)]


@pytest.mark.parametrize("outcome", (DONE, REFUSED))
def test_the_record_at_the_watermark_leaves_whatever_carries_it(outcome: Outcome) -> None:
    """Where there is no room for the end of the others it goes by itself."""
    driven = Driven(replace(MERGING, metadata_bytes_max=0))
    (first,) = attempts(driven.tell("selected", batch({0: [send("z")]}, last=0, partition=P1)))
    driven.tell("selected", batch({0: [update("a", contact={"p": 0})], 4: [update("a", contact={"p": 4})]}, last=9))
    (lowest,) = attempts(driven.commit(driven.answer(first)))
    assert {"userId": "a", "p": 0} == body(lowest)
    came = driven.answer(lowest, outcome)
    for letter in letters(came):
        came += driven.tell("letter_confirmed", letter)
    (then,) = attempts(came + driven.commit(came))
    assert {"userId": "a", "p": 4} == body(then)


def test_what_does_not_reach_down_to_the_watermark_waits_as_one() -> None:
    """Until there is room for all of it."""
    policy = replace(MERGING, metadata_bytes_max=0, on_wire_max=2)
    driven = Driven(policy)
    first, second = attempts(
        driven.tell("selected", batch({0: [send("z")], 1: [update("y")], 2: [update("x")]}, last=2, partition=P1))
    ) + attempts(driven.tell("selected", batch({0: [send("b")]}, last=0)))
    driven.tell("selected", batch({at: [update("a", contact={f"p{at}": at})] for at in (3, 4)}, first=1, last=4))
    came = driven.answer(first)
    came += driven.commit(came)
    left = attempts(came)
    assert ["ua"] not in [list(attempt.lanes) for attempt in left]
    while not any("ua" in attempt.lanes for attempt in left):
        answered = driven.answer(second)
        left += attempts(answered + driven.commit(answered))
        second = left[-1]
    assert {"userId": "a", "p3": 3} == body(left[-1])


def test_a_request_that_became_one_uses_one_slot() -> None:
    """However many records end with it."""
    waiting = Waiting({at: [update("a")] for at in range(1, 20)})
    (attempt,) = waiting.go_on()
    waiting.answer(attempt)
    assert 1 == waiting.pipeline.commits.uncommitted


# Nothing new ------------------------------------------------------------------------------------------------------


def test_an_update_that_says_nothing_new_is_unchanged_without_a_request() -> None:
    """For so long; each part of one is."""
    driven = Driven(replace(MERGING, unchanged_for_s=60.0))
    (first,) = attempts(driven.tell("selected", batch({0: [update("a")]}, last=0)))
    driven.tell("selected", batch({1: [update("a")], 2: [update("a")]}, first=1, last=2))
    answered = driven.answer(first)
    assert [] == attempts(answered + driven.commit(answered))
    assert [(Fate.DELIVERED, "u"), (Fate.UNCHANGED, "u"), (Fate.UNCHANGED, "u")] == fates(driven.effects)
    driven.at(63.0)
    (later,) = attempts(driven.tell("selected", batch({3: [update("a")]}, first=3, last=3)))
    assert first.request == later.request
