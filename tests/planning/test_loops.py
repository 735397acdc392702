"""Loops and the way there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumer.core.outcome import Outcome, Verdict
from consumer.core.request import Call
from consumer.planning.course import OTHERS, Course
from consumer.planning.loops import ANSWER_S, QUICKEST_S, Loops
from consumer.planning.setting import Others, Setting
from consumer.planning.timeline import Timeline
from consumer.sandbox.options import LimitWay

SETTING = Setting(way=LimitWay.SLIDING, jitter_s=0.08)


def _called(count: int, setting: Setting = SETTING) -> tuple[Course, list[tuple[Outcome, float, float]]]:
    """So many calls at second 0: each one's outcome, when it was counted, and when the answer was back."""
    timeline, course, answers = Timeline(), Course(), list[tuple[Outcome, float, float]]()
    loops = Loops(setting, timeline, course)
    for _ in range(count):
        loops.call(Call.SEND, 0, lambda outcome, at_s: answers.append((outcome, at_s, timeline.now)))
    timeline.run(1.0)
    return course, answers


def test_the_limit_counts_what_reaches_it_and_says_what_is_left() -> None:
    """As the sandbox does, without a time to wait."""
    course, answers = _called(12)

    assert [True] * 10 + [False] * 2 == [one.admitted for one in course.counted]
    by_arrival = [outcome for outcome, _, _ in sorted(answers, key=lambda answer: answer[1])]
    assert [Verdict.DONE] * 10 + [Verdict.THROTTLED] * 2 == [outcome.verdict for outcome in by_arrival]
    assert [*reversed(range(10)), 0, 0] == [outcome.remaining for outcome in by_arrival]
    assert {(10, None)} == {(outcome.limit_per_s, outcome.retry_after_s) for outcome in by_arrival}


def test_a_request_is_on_its_way_within_the_jitter_and_so_is_its_answer() -> None:
    """Requests may overtake each other."""
    course, answers = _called(200)

    assert all(QUICKEST_S <= one.at_s <= QUICKEST_S + 0.08 for one in course.counted)
    assert 0.07 < course.counted[-1].at_s - course.counted[0].at_s
    assert all(ANSWER_S[0] <= back - counted <= ANSWER_S[1] for _, counted, back in answers)
    assert sorted(answers, key=lambda answer: answer[1]) != answers


def test_the_clock_of_the_limit_is_nobodys() -> None:
    """A fixed window may begin anywhere: as its seed says."""

    def admitted(seed: int) -> int:
        timeline, course = Timeline(), Course()
        loops = Loops(Setting(way=LimitWay.FIXED, jitter_s=0.0, seed=seed), timeline, course)
        for number in range(20):
            timeline.at(number / 20, loops.call, Call.SEND, 0, lambda _outcome, _at_s: None)
        timeline.run(2.0)
        return sum(1 for one in course.counted if one.admitted)

    assert 3 < len({admitted(seed) for seed in range(20)})
    assert admitted(1) == admitted(1)


def test_another_program_sends_at_once_and_again() -> None:
    """Its requests count like ours."""
    timeline, course = Timeline(), Course()
    Loops(replace(SETTING, others=Others(8, 2.0), jitter_s=0.0), timeline, course)

    timeline.run(20.5)

    assert {OTHERS} == {one.replica for one in course.counted}
    assert pytest.approx(80, abs=8) == len(course.counted)
    assert all(one.admitted for one in course.counted)
