"""What happened."""

from __future__ import annotations

from consumer.core.record import TopicPartition
from consumer.core.terms import Priority
from consumer.planning.course import Delivered


def test_a_record_waits_until_it_leaves() -> None:
    """The way to Loops is no waiting."""
    assert 2.0 == Delivered(TopicPartition("topic", 0), Priority.LOW, 1.0, 3.0, 3.5).waited_s
