"""Whatever happens, merged requests come to what they would have come to one by one."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from consumer.core.policy import Policy
from consumer.core.request import DeleteContact, Request, SendEvent, UpdateContact
from consumer.core.terms import Priority, Terms
from tests.core.driving import P0, P1, WALL
from tests.core.merging_world import KINDS, World, bad_of, events_of, expected

PARTITION_OF = {"a": P0, "b": P0, "c": P1}
"""Users; all of them may have one address, so that lanes reach over partitions."""

ALL_IS_TOLD_BYTES = 200
"""With less beside an offset an event that was refused with what it carried may be a dead letter."""

CHANCES = st.integers(0, 2**32).map(Random)
"""What records say and how attempts end: as a draw of its own each would be too plain to meet anything."""

TERMS = {priority: Terms(priority=priority) for priority in Priority}


class _World(RuleBasedStateMachine):
    """What happens in both of them."""

    crashes = False

    def __init__(self) -> None:
        """Nothing is on the topic."""
        super().__init__()
        self.events = self.batches = 0
        self.world = World(Policy(), refusals_use_keys=False)

    @initialize(
        on_wire_max=st.sampled_from((1, 1, 2, 10)),
        metadata_bytes_max=st.sampled_from((4_095, 4_095, 120, 60, 0)),
        unchanged_for_s=st.sampled_from((0.0, 0.0, 60.0)),
        refusals_use_keys=st.booleans(),
    )
    def begin(self, on_wire_max: int, metadata_bytes_max: int, unchanged_for_s: float, refusals_use_keys: bool) -> None:
        """Of any size."""
        policy = Policy(
            on_wire_max=on_wire_max,
            metadata_bytes_max=metadata_bytes_max,
            unchanged_for_s=unchanged_for_s,
            attempts_max=1_000,
            merge_updates=True,
            merge_into_events=True,
        )
        self.world = World(policy, refusals_use_keys=refusals_use_keys and not self.crashes)

    @rule(chance=CHANCES, records=st.integers(1, 10), commits=st.sampled_from((True, True, False)))
    def produce(self, chance: Random, records: int, commits: bool) -> None:
        """Records come onto the topic and are read; attempts end as they were made.

        Each time they have properties of their own, so that no later ones cover what went wrong.
        """
        self.batches += 1
        for _ in range(records):
            user = chance.choice("aaabc")
            self.world.topic[PARTITION_OF[user]].append(
                [self.request(user, chance) for _ in range(chance.choice((1, 1, 2)))]
            )
        for tp in self.world.topic:
            self.world.read(tp, 1_000)
        self.go_on(chance, records, commits)

    def request(self, user: str, chance: Random) -> Request:
        """One of a user. Where processes crash no event tells what an update tells, and nothing is deleted."""
        email = chance.choice((None, None, "all@x.test"))
        priority = TERMS[chance.choice(list(Priority))]
        about: dict[str, Any] = {"user_id": user, "event_time_ms": int(WALL * 1000), "terms": priority}
        contact: dict[str, Any] = {
            f"{name}{self.batches}": chance.randrange(3) for name in "pq" if chance.random() < 0.4
        }
        contact |= {"bad": True} if chance.random() < 0.1 else {}
        lists = {f"{name}{self.batches}": chance.random() < 0.5 for name in "xy" if chance.random() < 0.2}
        if chance.random() < 0.05 and not self.crashes:
            return DeleteContact(**about, rule="delete", email=None)
        if chance.random() < 0.7:
            return UpdateContact(**about, rule="update", email=email, contact=contact, lists=lists)
        self.events += 1
        if self.crashes:
            contact = {name if name == "bad" else f"event {name}": value for name, value in contact.items()}
            lists = {f"event {name}": joined for name, joined in lists.items()}
        key = f"key-{self.events}"
        return SendEvent(
            **about, rule="event", email=email, contact=contact, lists=lists, event_name="e", idempotency_key=key
        )

    @rule(chance=CHANCES, ends=st.integers(0, 30), commits=st.booleans())
    def go_on(self, chance: Random, ends: int, commits: bool) -> None:
        """Attempts end, and letters are written; commits are taken or left under way."""
        world = self.world
        for _ in range(ends):
            if world.on_wire:
                world.answer(0, chance.choice(KINDS))
            while world.writing:
                world.write(taken=True)
            while commits and world.committing:
                world.commit(taken=True)
            world.wait(0.2 if world.on_wire else 2.0)

    @precondition(lambda self: self.world.on_wire)
    @rule(number=st.integers(0, 9), kind=st.sampled_from(KINDS))
    def answer(self, number: int, kind: str) -> None:
        """One of several attempts ends."""
        self.world.answer(number, kind)

    @precondition(lambda self: self.world.committing)
    @rule(taken=st.sampled_from((True, True, False)))
    def commit(self, taken: bool) -> None:
        """A commit ends."""
        self.world.commit(taken=taken)

    @precondition(lambda self: self.world.writing)
    @rule(taken=st.sampled_from((True, True, False)))
    def write(self, taken: bool) -> None:
        """A dead letter is written."""
        self.world.write(taken=taken)

    @rule(seconds=st.sampled_from((0.1, 1.0, 10.0)))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.world.wait(seconds)

    @rule(tp=st.sampled_from((P0, P1)))
    def rebalance(self, tp: Any) -> None:
        """A partition goes and comes back."""
        self.world.rebalance(tp)

    @rule(chance=CHANCES, ends=st.integers(0, 5), commits=st.booleans())
    def pause(self, chance: Random, ends: int, commits: bool) -> None:
        """The mapping is paused, and is not any more."""
        self.world.pause(paused=True)
        self.world.check()
        self.go_on(chance, ends, commits)
        self.world.check()
        self.world.pause(paused=False)

    @invariant()
    def it_adds_up(self) -> None:
        """At every moment."""
        self.world.check()

    def teardown(self) -> None:
        """All comes to its end, and to the same."""
        world = self.world
        world.finish()
        world.check()
        events, bad, letters = events_of(world.topic), bad_of(world.topic), set(world.letters)
        assert (True, 1) >= (world.loops.events.keys() <= events.keys(), max(world.loops.events.values(), default=1))
        if world.policy.metadata_bytes_max < ALL_IS_TOLD_BYTES:
            assert bad <= letters
            assert len(events - world.loops.events) <= len(letters - bad)
        if letters == bad:
            assert events == world.loops.events
            wanted, came = expected(world.topic), world.loops.contacts
            assert {who: told for who, told in wanted.items() if told} == {u: told for u, told in came.items() if told}
        else:
            assert world.policy.metadata_bytes_max < ALL_IS_TOLD_BYTES


class MergedAsOneByOne(_World):
    """In one process."""


class MergedAsOneByOneOverCrashes(_World):
    """Processes end at any moment, and partitions are lost."""

    crashes = True

    @rule(chance=CHANCES, ends=st.integers(0, 6))
    def crash(self, chance: Random, ends: int) -> None:
        """Attempts that end last are in no commit; what was on the wire may have taken effect."""
        self.go_on(chance, ends, commits=False)
        self.world.check()
        self.world.crash([chance.random() < 0.5 for _ in range(10)])

    @rule(tp=st.sampled_from((P0, P1)))
    def lose(self, tp: Any) -> None:
        """What is on the wire ends late."""
        self.world.lose(tp)


pytestmark = pytest.mark.timeout(300)  # ten seconds of CPU, on a machine that may have other things to do

_SETTINGS = settings(derandomize=True, deadline=None, max_examples=150, stateful_step_count=40)
MergedAsOneByOne.TestCase.settings = _SETTINGS
MergedAsOneByOneOverCrashes.TestCase.settings = _SETTINGS
TestMerged = MergedAsOneByOne.TestCase
TestMergedOverCrashes = MergedAsOneByOneOverCrashes.TestCase
