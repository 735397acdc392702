"""The watermark, and what is finished beyond it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumer.core.watermark import Watermark


def test_nothing_received_stands_at_the_start() -> None:
    """Where nothing was read, nothing moves."""
    assert Watermark(7).offset == 7


def test_filtered_records_move_it_at_once() -> None:
    """Records that no rule wants hold nothing up."""
    watermark = Watermark(0)
    watermark.receive([(0, 9)], [])
    assert watermark.offset == 10


def test_it_stops_at_the_lowest_unfinished_offset() -> None:
    """Finishing a higher one does not move it; finishing the lowest moves it past all that are finished."""
    watermark = Watermark(0)
    watermark.receive([(0, 9)], [2, 5, 8])
    watermark.finish(5)
    before = watermark.offset
    watermark.finish(2)
    assert (2, 8) == (before, watermark.offset)


def test_what_is_finished_beyond_it_is_one_run_as_long_as_nothing_wanted_lies_between() -> None:
    """Unwanted records are in the run: they are finished too."""
    watermark = Watermark(0)
    watermark.receive([(0, 99)], [10, 20, 30, 40, 50])
    for offset in (50, 20, 30):
        watermark.finish(offset)
    apart = watermark.runs
    watermark.finish(40)
    joined = watermark.runs
    watermark.finish(10)
    assert (((20, 30), (50, 50)), ((20, 50),), (), 100) == (apart, joined, watermark.runs, watermark.offset)


def test_what_is_forgotten_is_new_when_it_comes_again_and_holds_the_watermark_until_then() -> None:
    """What is finished beyond it stays so, and what waits below it still moves the watermark."""
    watermark = Watermark(0)
    watermark.receive([(0, 9)], [2, 4, 6, 8])
    watermark.finish(6)
    watermark.forget([4, 8])
    watermark.finish(2)
    assert (4, ((6, 6),)) == (watermark.offset, watermark.runs)
    assert [4, 8] == watermark.receive([(4, 9)], [4, 6, 8])


def test_no_run_reaches_over_an_offset_that_was_not_received() -> None:
    """A record may lie there that was not delivered to us."""
    watermark = Watermark(0)
    watermark.receive([(0, 14), (16, 30)], [10, 12, 20])
    watermark.receive([(33, 40)], [35])
    for offset in (12, 20, 35):
        watermark.finish(offset)
    assert ((12, 12), (20, 20), (35, 35)) == watermark.runs


def test_what_a_former_assignment_finished_is_not_new_and_is_told_until_it_is_passed() -> None:
    """Also before it was read again."""
    watermark = Watermark(5, [(7, 9), (20, 22)])
    assert (5, [(7, 9), (20, 22)]) == (watermark.offset, [*watermark.runs])
    new = watermark.receive([(5, 12)], [5, 7, 9, 12])
    watermark.finish(12)
    assert [5, 12] == new
    assert [(7, 12), (20, 22)] == [*watermark.runs]
    watermark.finish(5)
    assert (13, [(20, 22)]) == (watermark.offset, [*watermark.runs])
    assert [] == watermark.receive([(13, 30)], [20, 22])
    assert (31, []) == (watermark.offset, [*watermark.runs])


def test_while_a_run_is_read_again_it_is_told_from_the_watermark_on() -> None:
    """The text beside an offset tells of nothing below it."""
    watermark = Watermark(5, [(5, 9)])
    watermark.receive([(5, 6)], [5])
    assert (7, ((7, 9),)) == (watermark.offset, watermark.runs)


def test_after_a_rewind_only_what_was_missing_is_new() -> None:
    """What is finished or waited for beyond the watermark is neither sent again nor passed over."""
    watermark = Watermark(0)
    watermark.receive([(0, 3), (6, 9)], [2, 7, 9])
    watermark.finish(9)
    watermark.rewind(4)
    before = watermark.offset
    new = watermark.receive([(4, 9)], [5, 7, 9])
    assert (2, [5], ((9, 9),)) == (before, new, watermark.runs)
    watermark.finish(2)
    assert 5 == watermark.offset
    watermark.finish(7)
    assert (5, ((7, 9),)) == (watermark.offset, watermark.runs)
    watermark.finish(5)
    assert (10, ()) == (watermark.offset, watermark.runs)


def test_a_rewind_below_the_watermark_takes_it_back() -> None:
    """All from there on is read anew."""
    watermark = Watermark(0)
    watermark.receive([(0, 3), (6, 9)], [])
    watermark.rewind(4)
    assert (4, [4, 8]) == (watermark.offset, watermark.receive([(4, 9)], [4, 8]))


def test_no_run_reaches_over_what_is_waited_for_and_is_not_wanted_any_more() -> None:
    """It was read twice, and the mapping changed between."""
    watermark = Watermark(0)
    watermark.receive([(0, 3)], [0, 1, 2, 3])
    watermark.rewind(1)
    assert [] == watermark.receive([(1, 3)], [1, 3])
    for offset in (1, 3):
        watermark.finish(offset)
    assert [(1, 1), (3, 3)] == [*watermark.runs]
    watermark.finish(2)
    assert [(1, 3)] == [*watermark.runs]


def test_no_run_reaches_over_what_only_the_second_read_wanted() -> None:
    """Before what is behind it was read again too."""
    watermark = Watermark(0)
    watermark.receive([(0, 3)], [0, 1, 3])
    watermark.finish(1)
    watermark.rewind(2)
    assert [2] == watermark.receive([(2, 2)], [2])
    watermark.finish(3)
    assert [(1, 1), (3, 3)] == [*watermark.runs]


def test_nor_over_that_once_it_is_forgotten() -> None:
    """It comes again, and is new then."""
    watermark = Watermark(0)
    watermark.receive([(0, 3)], [0, 1, 3])
    watermark.rewind(2)
    watermark.receive([(2, 2)], [2])
    watermark.forget([2])
    for offset in (1, 3):
        watermark.finish(offset)
    assert [(1, 1), (3, 3)] == [*watermark.runs]
    assert [2] == watermark.receive([(2, 3)], [2, 3])


def test_a_run_that_was_read_again_grows_no_further_than_what_lies_beside_it() -> None:
    """What it joined before it was read again may be wanted now."""
    watermark = Watermark(0)
    watermark.receive([(0, 9)], [0, 2, 4, 6, 8])
    for offset in (4, 6):
        watermark.finish(offset)
    watermark.rewind(3)
    assert [3] == watermark.receive([(3, 3)], [3])
    watermark.finish(2)
    assert [(2, 2), (4, 6)] == [*watermark.runs]
    assert [7] == watermark.receive([(4, 7)], [4, 6, 7])
    watermark.finish(8)
    assert [(2, 2), (4, 6), (8, 8)] == [*watermark.runs]
    for offset in (3, 7):
        watermark.finish(offset)
    assert [(2, 2), (3, 7), (8, 8)] == [*watermark.runs]


@given(st.lists(st.booleans(), max_size=60), st.randoms(use_true_random=False), st.integers(1, 5))
def test_it_equals_the_simplest_model(wanted: list[bool], order: object, step: int) -> None:
    """With gaps and any order of finishing it is the lowest received and unfinished offset, else the next."""
    offsets = [index * step for index in range(len(wanted))]
    watermark = Watermark(0)
    unfinished: set[int] = set()
    for offset, want in zip(offsets, wanted, strict=True):
        watermark.receive([(offset, offset)], [offset] if want else [])
        if want:
            unfinished.add(offset)
    end = offsets[-1] + 1 if offsets else 0
    to_finish = sorted(unfinished)
    order.shuffle(to_finish)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    for offset in to_finish:
        assert min(unfinished, default=end) == watermark.offset
        watermark.finish(offset)
        unfinished.discard(offset)
    assert end == watermark.offset
