"""A mapping that takes another's place."""

from __future__ import annotations

from consumer.core.effect import Commit, Committable, Remapped
from consumer.core.record import Plan
from consumer.core.rules import Rules
from tests.core.driving import P0, P1, REFUSED, Driven, attempts, batch, letters, of, requests, send, told, update

BEFORE = Rules("00000001", frozenset("ru"))
AFTER = Rules("00000002", frozenset("uv"))


def remapped() -> Driven:
    """A pipeline under the first mapping."""
    driven = Driven()
    driven.tell("mapping", BEFORE)
    return driven


def test_what_is_in_flight_ends_as_it_began() -> None:
    """Under the plans, and in the dead letters under the name, of the mapping that selected it."""
    driven = remapped()
    plans = {0: [send("a")], 1: [send("a")]}
    (first,) = attempts(driven.tell("selected", batch(plans, last=1, mapping=BEFORE.digest)))
    driven.tell("mapping", AFTER)
    driven.tell("selected", batch({2: [update("b")]}, first=2, last=2, mapping=AFTER.digest))
    effects = driven.answer(first)
    assert [send("a").http()] == requests(effects)
    (second,) = attempts(effects)
    (letter,) = letters(driven.answer(second, REFUSED))
    assert ("r", BEFORE.digest) == (letter.rule, letter.mapping)


def test_it_says_which_rules_are_gone_and_how_much_of_them_is_under_way() -> None:
    """Requests and dead letters; until the next one comes."""
    driven = remapped()
    plans: dict[int, list[Plan]] = {0: [send("a"), update("a")], 1: [send("a")], 2: [send("b")]}
    first, second = attempts(driven.tell("selected", batch(plans, last=2)))
    driven.answer(second, REFUSED)
    (report,) = of(Remapped, driven.tell("mapping", AFTER))
    assert Remapped(AFTER, {"r": 3}) == report
    assert (AFTER, {"r": 3}, 2.0) == (
        driven.pipeline.rules.now,
        driven.pipeline.rules.gone,
        driven.pipeline.rules.since,
    )
    assert Remapped(AFTER, {}) == of(Remapped, driven.tell("mapping", AFTER))[0]
    assert 1 == len(requests(driven.answer(first)))


def test_after_a_crash_no_plan_is_taken_for_final_by_the_mask_of_another_mapping() -> None:
    """Half done under the first one, of which a commit under the second tells nothing; nor does what is there yet."""
    driven = remapped()
    effects = driven.tell("selected", batch({3: [send("a"), update("a")]}, last=5, mapping=BEFORE.digest))
    driven.commit(effects)
    driven.tell("mapping", AFTER)
    assert [] == of(Commit, driven.answer(attempts(effects)[0]) + driven.at(10.0))
    assert Committable(3) == driven.pipeline.partitions[P0].committed

    after = Driven(committed=None)
    after.tell("mapping", AFTER)
    after.tell("lost", [P0])
    after.tell("assigned", {P0: told(3, partly={3: 0b01}, mapping=1)}, [P0, P1])
    read = batch({3: [update("a"), send("a")]}, first=3, last=5, mapping=AFTER.digest)
    assert [update("a").http()] == requests(after.tell("selected", read))


def test_a_mask_of_the_mapping_in_use_is_told_beside_one_that_is_not() -> None:
    """Two records half done: the one that was selected since."""
    driven = remapped()
    old = attempts(driven.tell("selected", batch({3: [send("a"), update("a")]}, last=3, mapping=BEFORE.digest)))
    driven.tell("mapping", AFTER)
    read = batch({4: [send("b"), update("b")]}, first=4, last=4, mapping=AFTER.digest)
    new = attempts(driven.tell("selected", read))
    driven.commit(driven.effects)
    driven.effects.clear()
    driven.commit(driven.answer(old[0]))
    driven.commit(driven.answer(new[0]))
    assert told(3, partly={4: 0b01}, mapping=2) == driven.pipeline.partitions[P0].committed
