"""The watermark."""

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
    watermark.receive(9, [])
    assert watermark.offset == 10


def test_it_stops_at_the_lowest_unfinished_offset() -> None:
    """Finishing a higher one does not move it; finishing the lowest moves it past all that are finished."""
    watermark = Watermark(0)
    watermark.receive(9, [2, 5, 8])
    moved_by_higher = watermark.finish(5)
    before = watermark.offset
    moved_by_lowest = watermark.finish(2)
    assert (False, 2, True, 8) == (moved_by_higher, before, moved_by_lowest, watermark.offset)


def test_finished_beyond_counts_what_a_crash_would_read_again() -> None:
    """Only finished offsets above the watermark count."""
    watermark = Watermark(0)
    watermark.receive(9, [1, 2, 3])
    watermark.finish(2)
    watermark.finish(3)
    beyond = watermark.finished_beyond
    watermark.finish(1)
    assert (2, 0) == (beyond, watermark.finished_beyond)


@given(st.lists(st.booleans(), max_size=60), st.randoms(use_true_random=False), st.integers(1, 5))
def test_it_equals_the_simplest_model(wanted: list[bool], order: object, step: int) -> None:
    """With gaps and any order of finishing it is the lowest received and unfinished offset, else the next."""
    offsets = [index * step for index in range(len(wanted))]
    watermark = Watermark(0)
    unfinished: set[int] = set()
    for offset, want in zip(offsets, wanted, strict=True):
        watermark.receive(offset, [offset] if want else [])
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
