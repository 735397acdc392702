"""The queue of commands: in order, but for the answer to a revoke."""

from __future__ import annotations

from consumer.adapters.kafka_commands import CommandQueue, Commit, Handed, Stop, Took


def test_commands_come_in_order() -> None:
    """None where there is none."""
    commands = CommandQueue()
    commands.put(Took())
    commands.put(Stop())

    assert [Took(), Stop(), None] == [commands.take(), commands.take(), commands.take(within_s=0.001)]


def test_the_answer_to_a_revoke_is_found_behind_others_which_stay_in_order() -> None:
    """What was asked for meanwhile is done afterwards."""
    commands = CommandQueue()
    for command in (Took(), Handed({}), Commit({}), Stop()):
        commands.put(command)

    assert Handed({}) == commands.wait_for(Handed, within_s=1)
    assert [Took(), Commit({}), Stop()] == [commands.take(), commands.take(), commands.take()]


def test_an_answer_that_stood_aside_is_found_again() -> None:
    """As when two revokes follow each other."""
    commands = CommandQueue()
    commands.put(Took())
    assert commands.wait_for(Handed, within_s=0.001) is None
    commands.put(Handed({}))
    assert commands.wait_for(Stop, within_s=0.001) is None

    assert Handed({}) == commands.wait_for(Handed, within_s=0.001)
    assert Took() == commands.take()
