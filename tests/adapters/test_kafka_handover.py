"""The wait for the answer to a revoke."""

from __future__ import annotations

import asyncio
import threading
import time

from consumer.adapters.kafka_commands import CommandQueue, Handed, Took
from consumer.adapters.kafka_handover import Handovers
from consumer.adapters.kafka_teller import Teller
from consumer.core.effect import Committable
from consumer.core.record import TopicPartition

FIRST, SECOND = TopicPartition("events", 0), TopicPartition("events", 1)

WITHIN_S = 20

AT_FIRST, AT_SECOND = Handed({FIRST: Committable(5)}), Handed({SECOND: Committable(6)})


class World:
    """A queue whose answers come from the test."""

    def __init__(self, *, within_s: float) -> None:
        """Nobody listens, so each answer has to be put."""
        self.beats = 0
        self.loop = asyncio.new_event_loop()
        self.commands = CommandQueue()
        self.teller = Teller(self.loop, list)
        self.handovers = Handovers(self.commands, self.teller, within_s=within_s)
        self.loop.close()

    def beat(self) -> None:
        """Counts."""
        self.beats += 1

    def be_patient(self) -> None:
        """From now on an answer that is there is found however busy the machine is."""
        self.handovers._within_s = WITHIN_S


def test_the_answer_is_waited_for_while_other_commands_wait() -> None:
    """It may come from another thread, later."""
    world = World(within_s=WITHIN_S)
    world.commands.put(Took())
    answering = threading.Timer(0.05, world.commands.put, [AT_FIRST])
    answering.start()

    began = time.monotonic()
    assert AT_FIRST.positions == world.handovers.ask([FIRST], world.beat)
    assert 0 == world.handovers.late
    assert 1 <= world.beats <= 1 + (time.monotonic() - began), "once a second"
    assert Took() == world.commands.take()


def test_no_answer_in_time_commits_nothing_and_is_counted() -> None:
    """The group's patience is bounded too."""
    world = World(within_s=0.01)

    assert {} == world.handovers.ask([FIRST], world.beat)
    assert 1 == world.handovers.late


def test_an_answer_that_came_too_late_is_not_taken_for_the_next_ones() -> None:
    """It is about other partitions."""
    world = World(within_s=0.05)
    world.handovers.ask([FIRST], world.beat)
    world.commands.put(AT_FIRST)
    world.commands.put(AT_SECOND)
    world.be_patient()

    assert AT_SECOND.positions == world.handovers.ask([SECOND], world.beat)


def test_an_answer_that_came_between_two_revokes_is_owed_no_more() -> None:
    """The next one's answer is its own, even an empty one."""
    world = World(within_s=0.05)
    world.handovers.ask([FIRST], world.beat)
    world.handovers.came_late()
    world.commands.put(Handed({}))
    world.be_patient()

    assert {} == world.handovers.ask([SECOND], world.beat)
    assert 1 == world.handovers.late


def test_nobody_is_waited_for_where_nobody_listens_any_more() -> None:
    """The loop is closed."""
    world = World(within_s=10)
    world.teller.gone = True

    assert {} == world.handovers.ask([FIRST], world.beat)
    assert 0 == world.beats
