"""A volley that straddles the boundary of a server's second. Times are literal seconds."""

from __future__ import annotations

import pytest

from consumer.core.outcome import Outcome, Verdict
from consumer.core.phase import Phase


def said(remaining: int | None, limit: int | None = 10) -> Outcome:
    """An answer that tells what is left."""
    return Outcome(Verdict.DONE, "ok", 200, limit_per_s=limit, remaining=remaining)


REFUSED = Outcome(Verdict.THROTTLED, "throttled", 429, limit_per_s=10, remaining=0)


def volley(*outcomes: Outcome, at: float = 5.0, gap_s: float = 0.001) -> bool:
    """Whether one of these answers to one volley shows that it straddles."""
    phase = Phase(lambda: 0.0)
    for number in range(len(outcomes)):
        phase.leave(at + number * gap_s)
    return any(phase.straddles(at + number * gap_s, outcome) for number, outcome in enumerate(outcomes))


def test_a_volley_within_one_second_does_not_straddle() -> None:
    """What is left falls by one with each, in whatever order the answers come; others may have had some before."""
    assert not volley(*map(said, (9, 8, 7, 6, 5, 4, 3, 2, 1, 0)))
    assert not volley(*map(said, (2, 0, 1, 3)))


def test_answers_further_apart_than_the_volley_is_long_show_a_boundary() -> None:
    """Two of four counted in the old second, two in the new one."""
    assert volley(*map(said, (1, 0, 9, 8)))


def test_a_repeated_answer_shows_a_boundary_where_one_was_the_first_of_its_second() -> None:
    """A second without a first is a window that slides: what expires between two requests lets it repeat too."""
    assert volley(*map(said, (4, 3, 2, 9, 8, 7, 6, 5, 4, 3)))
    assert not volley(*map(said, (4, 3, 3, 2, 2, 3, 2, 1, 1, 0)))


def test_a_refusal_says_that_nothing_was_left() -> None:
    """With the first of the new second in the same volley."""
    assert volley(REFUSED, *map(said, (9, 8, 7)))
    assert not volley(REFUSED, *map(said, (2, 1, 0)))


def test_without_the_headers_nothing_is_known() -> None:
    """Whatever the rest."""
    assert not volley(*(said(remaining, None) for remaining in (1, 0, 9, 8)))
    assert not volley(*(said(None) for _ in range(4)))


def test_a_late_answer_to_an_earlier_volley_says_nothing_about_this_one() -> None:
    """Its second is another."""
    phase = Phase(lambda: 0.0)
    for at in (5.0, 5.0, 6.1, 6.1):
        phase.leave(at)
    assert not phase.straddles(6.1, said(0))
    assert not phase.straddles(5.0, said(9))
    assert phase.straddles(6.1, said(9))


def test_a_stream_is_no_volley() -> None:
    """What goes on for longer than half a second crosses a boundary wherever it begins."""
    assert not volley(*map(said, (*range(19, -1, -1), *range(99, 79, -1))), gap_s=0.02)


def test_a_shift_is_far_enough_and_not_soon_followed_by_another() -> None:
    """0.12 s at least; at least three seconds between two, and twice as long while they do not help."""
    phase = Phase(lambda: 0.5)
    assert 0.235 == pytest.approx(phase.shift(now=100.0))
    assert [0.0, 0.235] == pytest.approx([phase.shift(now=103.0), phase.shift(now=103.1)])
    assert [0.0, 0.235] == pytest.approx([phase.shift(now=109.1), phase.shift(now=109.2)])
    assert [0.0, 0.235] == pytest.approx([phase.shift(now=121.2), phase.shift(now=400.0)])
    assert [0.0, 0.235] == pytest.approx([phase.shift(now=403.0), phase.shift(now=403.1)])


def test_without_the_first_of_a_second_nothing_straddles() -> None:
    """However far apart: in a window that slides, what expires in between lets more be left."""
    assert not volley(*map(said, (1, 0, 7, 6)))
