"""A course over time."""

from __future__ import annotations

from consumer.core.record import TopicPartition
from consumer.core.terms import Priority
from consumer.planning.course import OTHERS, Counted, Course, Delivered
from consumer.planning.series import series


def test_each_span_has_what_happened_in_it() -> None:
    """Spans are whole seconds, as many as are wanted at most."""
    tp = TopicPartition("topic", 0)
    course = Course(produced_s=[0.0, 0.5, 3.0])
    course.counted = [
        Counted(0.5, 0, admitted=True),
        Counted(2.5, 1, admitted=False),
        Counted(2.6, OTHERS, admitted=True),
    ]
    course.delivered = [Delivered(tp, Priority.NORMAL, 0.0, 0.5, 0.6), Delivered(tp, Priority.HIGH, 0.5, 3.5, 3.6)]

    found = series(course, 6.0, spans_max=3)

    assert 2 == found.span_s
    assert ([1.0, 0.5, 0.0], [0.5, 0.0, 0.0], [0.0, 0.5, 0.0]) == (
        found.arrived_per_s,
        found.admitted_per_s,
        found.refused_per_s,
    )
    assert [1, 1, 1] == found.waiting
    assert [Priority.HIGH, Priority.NORMAL] == list(found.waits)
    assert [None, 3.0, None] == [one and one.median_s for one in found.waits[Priority.HIGH]]


def test_what_leaves_after_the_end_is_in_no_span() -> None:
    """Nothing is counted twice."""
    tp = TopicPartition("topic", 0)
    course = Course(produced_s=[0.5], delivered=[Delivered(tp, Priority.NORMAL, 0.5, 2.5, 2.6)])

    found = series(course, 2.0)

    assert [1, 1] == found.waiting
    assert {} == found.waits
