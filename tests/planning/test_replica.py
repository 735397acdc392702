"""One process with a real pipeline."""

from __future__ import annotations

from consumer.core.policy import Policy
from consumer.core.record import TopicPartition
from consumer.planning.arrivals import Arrival, standing
from consumer.planning.replica import READ_RECORDS_MAX, READ_S
from consumer.planning.setting import Setting
from consumer.planning.simulation import Simulation

SETTLED_S = 5.0


def test_below_the_limit_a_record_leaves_when_it_is_read() -> None:
    """Nothing waits for a timer, and what has left is committed."""
    arrivals = [Arrival(SETTLED_S + 3 * number, str(number), partition=number) for number in range(12)]
    simulation = Simulation(Setting(), arrivals)

    simulation.timeline.run(60.0)

    assert 12 == len(simulation.course.delivered)
    assert READ_S + 0.001 > max(one.waited_s for one in simulation.course.delivered)
    assert {1} == {position.offset for position in simulation.group.committed.values()}


def test_what_is_paused_is_not_read() -> None:
    """What is in flight stays below what a first read of all twelve partitions brings."""
    simulation = Simulation(Setting(policy=Policy(in_flight_records_max=50)), standing(5_000, contacts=500))
    most = 0
    for second in range(10, 30):
        simulation.timeline.run(float(second))
        most = max(most, simulation.replicas[0].pipeline.in_flight)

    assert 10 < most <= 12 * READ_RECORDS_MAX
    assert 150 < len(simulation.course.delivered)


def test_one_that_is_killed_does_nothing_more() -> None:
    """What is on the wire arrives."""
    simulation = Simulation(Setting(replicas=2, jitter_s=0.0), standing(1_000, contacts=100))
    simulation.timeline.run(SETTLED_S)
    simulation.replicas[0].kill()

    simulation.timeline.run(SETTLED_S + 5)

    late = [one for one in simulation.course.counted if one.at_s > SETTLED_S + 0.1]
    assert {1} == {one.replica for one in late}


def test_what_a_dead_one_had_is_delivered_by_another() -> None:
    """From where it was committed on, and twice at most what was on the wire."""
    partition = TopicPartition("topic", 0)
    arrivals = [Arrival(number / 10, str(number), partition=partition.partition) for number in range(300)]
    simulation = Simulation(Setting(replicas=2), arrivals)
    simulation.timeline.at(10.0, simulation.replicas[0].kill)

    simulation.timeline.run(90.0)

    assert 300 == len(simulation.course.delivered)
    assert 300 <= sum(one.admitted for one in simulation.course.counted) <= 320
    assert 300 == simulation.group.committed[partition].offset


def test_replicas_hear_what_others_want() -> None:
    """Where all work lies in one partition its owner uses what the others leave."""
    setting = Setting(replicas=3, policy=Policy(demand_every_s=2.0))
    simulation = Simulation(setting, standing(1_000, contacts=500, partition=0))

    simulation.timeline.run(15.0)

    assert 9 <= simulation.replicas[0].pipeline.wire.pacer.slots
