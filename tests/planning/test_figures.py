"""What a simulation came to."""

from __future__ import annotations

import math

import pytest

from consumer.core.record import TopicPartition
from consumer.core.terms import Priority
from consumer.planning.course import OTHERS, Counted, Course, Delivered
from consumer.planning.figures import Standing, Use, backlog, quantile, standing, use, waiting, waits


def _course(*spans: tuple[float, float]) -> Course:
    """Records, each produced and left at these times."""
    there = [Delivered(TopicPartition("topic", 0), Priority.NORMAL, *span, span[1] + 0.02) for span in spans]
    return Course(produced_s=sorted(span[0] for span in spans), delivered=there)


def test_use_counts_what_reached_loops_within_the_span() -> None:
    """From its begin on and before its end, ours apart from the other program's."""
    at = (0.9, 1.0, 1.5, 2.9, 3.0)
    course = Course(counted=[*(Counted(each, 0, admitted=True) for each in at), Counted(2.0, 1, admitted=False)])
    course.counted += [Counted(2.0, OTHERS, admitted=True), Counted(2.0, OTHERS, admitted=False)]

    assert Use(2.0, 3, 1, 1, 1) == use(course, 1.0, 3.0)


def test_what_is_used_is_of_what_the_other_program_left() -> None:
    """Of spans together, each second counts as much."""
    both = Use(10.0, 60, 3, 40, 10) + Use(10.0, 120, 0, 0, 0)

    assert 100.0 * 180 / 160 == both.used_percent(10)
    assert pytest.approx(1000 * 3 / 180) == both.refused_per_1000
    assert 20.0 == both.others_refused_percent
    assert (0.0, 0.0) == (Use(1.0).refused_per_1000, Use(1.0).others_refused_percent)


def test_a_quantile_is_a_value_that_was_seen() -> None:
    """The smallest that so many do not exceed."""
    ascending = [float(number) for number in range(1, 101)]

    assert [50.0, 99.0, 100.0, 1.0] == [quantile(ascending, share) for share in (0.5, 0.99, 1.0, 0.0)]
    assert math.isnan(quantile([], 0.5))


def test_waits_are_of_any_order() -> None:
    """The median, the 99th of 100, and the longest."""
    assert (3, 2.0, 3.0, 3.0) == (
        (found := waits([3.0, 1.0, 2.0])).count,
        found.median_s,
        found.p99_s,
        found.longest_s,
    )


def test_what_waits_is_produced_and_has_not_left() -> None:
    """At the end of each second."""
    assert [1, 2, 0] == waiting(_course((0.5, 2.5), (1.5, 2.7)), 3.0)


def test_what_stands_is_counted_by_priority() -> None:
    """What leaves later than the end stands too."""
    course = _course((0.5, 2.5), (1.5, 4.7))
    course.produced_of = {Priority.NORMAL: [1.5, 0.5, 1.0], Priority.LOW: [2.0]}

    assert [Standing(0, None), Standing(2, 2.0), Standing(1, 1.0)] == [
        standing(course, priority, 3.0) for priority in (Priority.HIGH, Priority.NORMAL, Priority.LOW)
    ]


def test_what_leaves_within_ten_seconds_is_no_backlog() -> None:
    """None ever stood."""
    course = _course(*((0.5, 2.5) for _ in range(99)))

    assert (99, 0, 0.0, 0.0) == (
        (found := backlog(course, 5.0, 10)).most,
        found.at_end,
        found.drained_s,
        found.drains_in_s,
    )


def test_a_backlog_drains_when_less_of_it_is_left_than_leaves_in_a_second() -> None:
    """At the end of the first such second; what comes and goes later is another."""
    course = _course(*((0.0, number / 10) for number in range(150)))

    assert (139, 0, 14.0) == ((found := backlog(course, 20.0, 10)).most, found.at_end, found.drained_s)


def test_one_that_stands_at_the_end_drains_as_it_did_lately_or_never() -> None:
    """As much of it as is left, at the pace of the second half."""
    shrinking = _course(*((0.0, number / 2) for number in range(150)))
    growing = _course(*((number / 20, number / 2) for number in range(200)))

    assert (129, None) == ((found := backlog(shrinking, 10.0, 10)).at_end, found.drained_s)
    assert (0.0, 2.0, 129 / 2) == (found.arrived_per_s, found.left_per_s, found.drains_in_s)
    assert (179, None, None) == ((found := backlog(growing, 10.0, 10)).at_end, found.drained_s, found.drains_in_s)
