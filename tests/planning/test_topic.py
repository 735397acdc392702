"""What lies in the partitions."""

from __future__ import annotations

from consumer.core.request import SendEvent, UpdateContact
from consumer.core.terms import Priority
from consumer.planning.arrivals import Arrival, Kind
from consumer.planning.topic import Topic

WALL = 1_777_629_600.0


def test_a_record_is_there_from_when_it_is_produced() -> None:
    """A read brings what is there, as much as it may."""
    topic = Topic(1, [Arrival(2.0, "b"), Arrival(1.0, "a"), Arrival(3.0, "c")], wall=WALL)
    (tp,) = topic.partitions

    assert [1.0, 2.0, 3.0, None] == [topic.produced_at(tp, offset) for offset in range(4)]
    assert None is topic.read(tp, 0, now=0.5, records_max=9)
    both = topic.read(tp, 0, now=2.0, records_max=9)
    assert both is not None
    assert ([(0, 1)], 2) == (both.runs, both.records)
    assert ["a", "b"] == [plan.user_id for one in both.wanted for plan in one.plans if isinstance(plan, SendEvent)]
    one = topic.read(tp, 1, now=9.0, records_max=1)
    assert one is not None
    assert [(1, 1)] == one.runs


def test_all_of_a_contact_lies_in_one_partition_unless_it_says_where() -> None:
    """As a topic that is keyed by contact."""
    kept = Topic(12, [Arrival(float(second), "a") for second in range(50)], wall=WALL)
    told = Topic(12, [Arrival(0.0, "a", partition=number) for number in range(12)], wall=WALL)

    assert [50] == [len(kept.log(tp)) for tp in kept.partitions if kept.log(tp)]
    assert [1] * 12 == [len(told.log(tp)) for tp in told.partitions]


def test_a_record_comes_to_the_request_of_its_kind_with_its_priority() -> None:
    """Its event's time is when it was produced."""
    arrivals = [Arrival(1.0, "a", Priority.HIGH), Arrival(2.0, "a", Priority.LOW, Kind.UPDATE)]
    topic = Topic(1, arrivals, wall=WALL)
    received = topic.read(topic.partitions[0], 0, now=9.0, records_max=9)
    assert received is not None

    (event,), (update,) = (one.plans for one in received.wanted)

    assert isinstance(event, SendEvent)
    assert isinstance(update, UpdateContact)
    assert [Priority.HIGH, Priority.LOW] == [event.terms.priority, update.terms.priority]
    assert [1000, 2000] == [request.event_time_ms - WALL * 1000 for request in (event, update)]
