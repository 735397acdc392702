"""The people of the product."""

from __future__ import annotations

from collections import defaultdict
from random import Random

from consumer.sandbox.people import PRESENT, People, Person, Step


def people_of(seed: int) -> People:
    """Drawn from the seed."""
    return People(Random(seed))  # noqa: S311 - repeatable on purpose


def lives(seed: int, steps: int = 2000) -> list[tuple[Person, list[tuple[Step, str]]]]:
    """Everybody who took a step, with all of them and the plan at each."""
    people = people_of(seed)
    taken: defaultdict[str, list[tuple[Step, str]]] = defaultdict(list)
    known = {}
    for _ in range(steps):
        person, step = people.step()
        known[person.id] = person
        taken[person.id].append((step, person.plan))
    return [(known[name], found) for name, found in taken.items()]


def test_everybody_is_made_known_to_loops_first() -> None:
    """With an address; later steps may come without one."""
    firsts = {found[0][0] for _, found in lives(1)}
    assert {Step.SIGN_UP, Step.IDENTIFY} == firsts


def test_nobody_does_anything_after_leaving() -> None:
    """Loops would refuse a userId that it has forgotten."""
    leaving = {Step.LEAVE, Step.CLOSE}
    for _, found in lives(2):
        assert not leaving & {step for step, _ in found[:-1]}


def test_every_kind_of_step_is_taken() -> None:
    """By somebody."""
    assert set(Step) == {step for _, found in lives(3) for step, _ in found}


def test_no_plan_is_told_twice() -> None:
    """Two updates of a person differ, so that their order can be seen."""
    for _, found in lives(4):
        plans = [plan for step, plan in found if step in {Step.IDENTIFY, Step.UPGRADE}]
        assert len(plans) == len(set(plans))


def test_somebody_who_is_done_makes_room() -> None:
    """As many are present at the end as at the beginning."""
    people = people_of(5)
    for _ in range(500):
        people.step()
    assert PRESENT == len({people.anybody().id for _ in range(2000)})


def test_a_stranger_is_nobody_who_takes_steps() -> None:
    """And has no address."""
    people = people_of(6)
    stranger = people.stranger()
    assert "" == stranger.email
    assert stranger.id not in {people.step()[0].id for _ in range(500)}


def test_an_address_is_not_shown() -> None:
    """Not even a made-up one."""
    assert "example.com" not in repr(people_of(7).anybody())
