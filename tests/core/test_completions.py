"""The text beside a committed offset. Offsets and masks are literal; a seed makes what is scattered."""

from __future__ import annotations

import base64
import random
import zlib
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumer.core.completions import (
    FIXED_BYTES,
    METADATA_BYTES_MAX,
    Completions,
    Damaged,
    bytes_more_at_most,
    decode,
    demand_of,
    encode,
)
from consumer.core.demand import Demand

OFFSET_MAX: Final = 2**63 - 1
BASE_85: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"

# What a version wrote, with the offset that it was committed with. Every later version reads all of them.
GOLDEN_1: Final = {
    "one offset": (7, "lc1:GDijO0000000992-~", Completions(((8, 8),))),
    "one run from the committed offset on": (0, "lc1:ihwQJ000010096I@YCP", Completions(((0, 99_999),), {}, 1)),
    "some runs": (
        1_000_000,
        "lc1:I^uG@-mSjx00ajBgToY=V=bT",
        Completions(
            ((1_000_003, 1_000_003), (1_000_010, 1_000_014), (1_000_500, 1_000_500), (1_002_000, 1_002_001)),
            {},
            0xDEADBEEF,
        ),
    ),
    "partly finished": (
        41,
        "lc1:m{H30|NsC00{{U728tK|e*g",
        Completions((), {41: 0b1, 45: 0b110, 3000: 0x3FFF}, 2**32 - 1),
    ),
    "both": (
        5_000_000_000,
        "lc1:i@g*32V2b*0ssP)0R;jE0D~aN",
        Completions(
            ((5_000_000_001, 5_000_000_001), (5_000_000_200, 5_000_000_201)),
            {5_000_000_000: 0b10, 5_000_000_150: 0b101},
            123_456_789,
        ),
    ),
    "the last offsets there can be": (
        0,
        "lc1:`Df90000000sjC0|NsC0|9}7g|NsC0|NnmhJ^)|;|NsC0|Np=",
        Completions(((2**63 - 1, 2**63 - 1),), {2**63 - 2: 2**63 - 1}),
    ),
}

repeatable = settings(derandomize=True, deadline=None)
distances = st.one_of(st.integers(0, 3), st.integers(0, 400), st.integers(0, 2**40))
masks = st.integers(1, 2**14 - 1)


@st.composite
def told(draw: st.DrawFn, *, runs_min: int = 0, runs_max: int = 60) -> tuple[int, Completions]:
    """A committed offset and completions at or above it."""
    offset = draw(st.one_of(st.integers(0, 1000), st.integers(0, 2**62)))
    runs, following = [], offset
    for distance, more in draw(st.lists(st.tuples(distances, distances), min_size=runs_min, max_size=runs_max)):
        runs.append((following + distance, following + distance + more))
        following += distance + more + 1
    partly, following = {}, offset
    for distance, mask in draw(st.lists(st.tuples(distances, masks), max_size=20)):
        partly[following + distance] = mask
        following += distance + 1
    mapping = draw(st.integers(0, 2**32 - 1)) if runs or partly else 0
    return offset, Completions(tuple(runs), partly, mapping)


def scattered(count: int, *, wanted_in: int = 100, seed: int = 1) -> Completions:
    """Every second wanted offset from 1,000 on is finished; one of ``wanted_in`` is wanted, by chance."""
    chance = random.Random(seed)  # noqa: S311 - a seed chooses an arrangement
    at, runs = 999, []
    for number in range(2 * count):
        at += 1
        while chance.random() >= 1 / wanted_in:
            at += 1
        if number % 2:
            runs.append((at, at))
    return Completions(tuple(runs), {}, 7)


def empty() -> str:
    """One of version 2 that tells of nothing."""
    return forged(b"\0" * 8).replace("lc1:", "lc2:")


def forged(body: bytes, *, offset: int = 0) -> str:
    """A text of version 1 whose checksum is right, whatever else is not."""
    checksum = zlib.crc32(offset.to_bytes(8, "big") + body).to_bytes(4, "big")
    return "lc1:" + base64.b85encode(checksum + body).decode()


def span_of(completions: Completions, offset: int) -> int:
    """How far the last offset told lies above the committed one."""
    lasts = [last for _, last in completions.runs[-1:]] + [*completions.partly]
    return max(lasts, default=offset) - offset


@repeatable
@given(told())
def test_what_was_told_is_read_back(example: tuple[int, Completions]) -> None:
    """Wherever there is room for all."""
    offset, completions = example
    text = encode(completions, offset=offset)
    assert completions == decode(text, offset=offset)
    assert text.isascii()
    assert "\0" not in text


@repeatable
@given(told(), st.integers(0, 600))
def test_where_not_all_fits_the_lowest_are_told(example: tuple[int, Completions], bytes_max: int) -> None:
    """Never more than the bound; entries from the lowest on, and as many runs as there is room for."""
    offset, completions = example
    text = encode(completions, offset=offset, bytes_max=bytes_max)
    read = decode(text, offset=offset)
    assert isinstance(read, Completions)
    assert len(text) <= bytes_max
    assert completions.runs[: len(read.runs)] == read.runs
    assert sorted(completions.partly.items())[: len(read.partly)] == [*read.partly.items()]
    if len(encode(completions, offset=offset)) <= bytes_max:
        assert completions == read
    elif len(read.runs) < len(completions.runs):
        more = Completions(completions.runs[: len(read.runs) + 1], read.partly)
        assert len(encode(more, offset=offset)) > bytes_max


@pytest.mark.parametrize("bytes_max", range(60))
def test_a_demand_that_finds_no_room_is_not_told(bytes_max: int) -> None:
    """And what is finished is, where there is room for that."""
    wanting = Completions(((107, 107),), demand=Demand(1_000_000_000, 3))
    text = encode(wanting, offset=100, bytes_max=bytes_max)
    assert len(text) <= bytes_max
    without = Completions(wanting.runs)
    fits = len(encode(without, offset=100)) <= bytes_max
    assert decode(text, offset=100) in ([wanting, replace(wanting, runs=()), without] if fits else [Completions()])


@pytest.mark.parametrize("bytes_max", range(0, METADATA_BYTES_MAX + 1, 195))
def test_two_thousand_and_more_never_exceed_any_bound(bytes_max: int) -> None:
    """With both kinds of entries competing for the room, the partly finished take half of it at most."""
    every = scattered(3_000)
    partly = {first + 1: 3 for first, _ in every.runs}
    text = encode(Completions(every.runs, partly, 7), offset=1000, bytes_max=bytes_max)
    read = decode(text, offset=1000)
    assert isinstance(read, Completions)
    assert len(text) <= bytes_max
    assert every.runs[: len(read.runs)] == read.runs
    assert [*partly][: len(read.partly)] == [*read.partly]
    assert len(encode(Completions((), read.partly), offset=1000)) - len(empty()) <= bytes_max / 2 + 1
    assert bytes_max < 60 or (len(text) > 0.98 * bytes_max and read.partly)


@repeatable
@given(st.text(), st.integers(0, OFFSET_MAX))
def test_any_text_is_refused_and_never_raises(text: str, offset: int) -> None:
    """Foreign tools write what they like there."""
    assert decode(text, offset=offset) == (Damaged("foreign") if text else Completions())
    assert Damaged("damaged") == decode("lc2:" + text, offset=offset)


@repeatable
@given(st.text(BASE_85, max_size=80))
def test_text_of_our_alphabet_is_refused(text: str) -> None:
    """The checksum does not agree."""
    assert Damaged("damaged") == decode("lc2:" + text, offset=0)


@repeatable
@given(st.binary(max_size=60), st.sampled_from((0, 5, OFFSET_MAX - 50)))
def test_whatever_a_forged_text_tells_is_in_order_and_in_range(rest: bytes, offset: int) -> None:
    """Its checksum is right, its counts and codes are chance."""
    read = decode(forged(b"\0\0\0\7" + rest, offset=offset), offset=offset)
    if isinstance(read, Completions):
        ends = [offset - 1] + [end for run in read.runs for end in run]
        assert all(before < first for before, first in zip(ends[::2], ends[1::2], strict=False))
        assert all(first <= last <= OFFSET_MAX for first, last in read.runs)
        assert all(offset <= at <= OFFSET_MAX and 0 < mask for at, mask in read.partly.items())


@repeatable
@given(told(runs_min=1, runs_max=8), st.data())
def test_one_altered_character_is_noticed(example: tuple[int, Completions], data: st.DataObject) -> None:
    """A checksum of 32 bits notices whatever one character of base 85 can do."""
    offset, completions = example
    text = encode(completions, offset=offset)
    place = data.draw(st.integers(0, len(text) - 1))
    altered = text[:place] + data.draw(st.sampled_from(BASE_85) | st.characters()) + text[place + 1 :]
    read = decode(altered, offset=offset)
    assert isinstance(read, Damaged) or read == completions


@repeatable
@given(told(runs_min=1, runs_max=8), st.data())
def test_a_text_that_is_cut_is_noticed(example: tuple[int, Completions], data: st.DataObject) -> None:
    """Wherever it ends."""
    offset, completions = example
    text = encode(completions, offset=offset)
    assert isinstance(decode(text[: data.draw(st.integers(1, len(text) - 1))], offset=offset), Damaged)


@repeatable
@given(told(runs_min=1, runs_max=8), st.integers(0, OFFSET_MAX))
def test_a_text_carried_to_another_offset_is_damaged(example: tuple[int, Completions], other: int) -> None:
    """A tool that resets offsets may leave the text where it was."""
    offset, completions = example
    if other != offset:
        assert Damaged("damaged") == decode(encode(completions, offset=offset), offset=other)


@pytest.mark.parametrize(
    ("text", "reason"),
    (
        ("checkpoint 7", "foreign"),
        ("lc", "foreign"),
        ("lc0:x", "foreign"),
        ("lc٢:x", "foreign"),
        ("\ud800", "foreign"),
        ("lc3:anything", "newer"),
        ("lc10:", "newer"),
        ("lc1:", "damaged"),
        ("lc1:\ud800", "damaged"),
        ("lc1:" + "0" * 10**6, "damaged"),
    ),
)
def test_the_reason_says_whose_text_it_is(text: str, reason: str) -> None:
    """A later version's text is told apart, for then the program was rolled back."""
    assert decode(text, offset=0) == Damaged(reason)  # type: ignore[arg-type]  # a literal of the table


@pytest.mark.parametrize(
    "body",
    (
        b"",
        b"\0\0\0",
        b"\0\0\0\7",
        b"\0\0\0\7" + b"\0",
        b"\0\0\0\7" + b"\xff" * 8 + b"\x7f" + b"\0",
        b"\0\0\0\7" + b"\xff" * 60,
        b"\0\0\0\7" + b"\1\0\0" + b"\0",
        b"\0\0\0\7" + b"\1" + b"\xff" * 8 + b"\x7f\1" + b"\1\0\1" + b"\0",
        b"\0\0\0\7" + b"\0" + b"\xff" * 8 + b"\x7f" + b"\0\0",
        b"\0\0\0\7" + b"\0" + b"\1\0",
        b"\0\0\0\7" + b"\0" + b"\1\0\0" + b"\0" * 3_000,
        b"\0\0\0\7" + b"\0" + b"\1\0\0" + b"\x80",
        b"\0\0\0\7" + b"\0" + b"\1\x3e\0" + b"\0\1" + b"\0" * 9,
        b"\0\0\0\7" + b"\0" + b"\1\xff\xff" + b"\xff" * 40,
        b"\0\0\0\7" + b"\0" + b"\1\0\0" + b"\xc1",
        b"\0\0\0\7" + b"\0" + b"\1\0\0" + b"\xc0\0",
        b"\0\0\0\7" + b"\0" + b"\0\0",
    ),
    ids=(
        "nothing",
        "half a mapping",
        "no sections",
        "no runs section",
        "2**63 - 1 partly finished",
        "a count without an end",
        "no plan",
        "a partly finished offset beyond the last",
        "2**63 - 1 runs",
        "runs without orders",
        "zeros without an end",
        "a distance and no length",
        "a run beyond the last offset",
        "orders beyond any offset",
        "a bit behind the last run",
        "a byte behind the last run",
        "a byte behind no runs",
    ),
)
def test_what_is_absurd_is_refused(body: bytes) -> None:
    """Even where the checksum is right; a count makes nothing before it was compared with the bytes that are there."""
    assert Damaged("damaged") == decode(forged(body), offset=0)


def test_nothing_finished_is_an_empty_text() -> None:
    """And an empty text, which every other client commits, tells of nothing finished."""
    assert ("", Completions()) == (encode(Completions(mapping=9), offset=5), decode("", offset=5))


def test_a_hundred_thousand_in_a_row_are_one_run() -> None:
    """A long run takes no more room than its numbers do."""
    text = encode(Completions(((6, 100_005),)), offset=5)
    assert len(text) < 27


@pytest.mark.parametrize("seed", range(5))
def test_2_400_scattered_offsets_fit(seed: int) -> None:
    """Single ones, every second of those wanted, which are one in a hundred."""
    completions = scattered(2_400, seed=seed)
    assert completions == decode(encode(completions, offset=1000), offset=1000)


@pytest.mark.parametrize(
    "completions",
    (
        Completions(((4, 9),)),
        Completions(((5, 9), (9, 12))),
        Completions(((5, 4),)),
        Completions(((5, 2**63),)),
        Completions(partly={4: 1}),
        Completions(partly={5: 0}),
        Completions(partly={5: 2**63}),
        Completions(partly={2**63: 1}),
        Completions(mapping=2**32),
    ),
    ids=(
        "below",
        "overlap",
        "backwards",
        "beyond",
        "partly below",
        "no plan",
        "too many plans",
        "partly beyond",
        "fingerprint",
    ),
)
def test_what_cannot_be_is_an_error_of_the_program(completions: Completions) -> None:
    """A wrong text would pass over records that nobody sent."""
    with pytest.raises(ValueError, match=r"range|order"):
        encode(completions, offset=5)


@pytest.mark.parametrize("wanted_in", (10, 100, 10_000))
@pytest.mark.parametrize("count", (20, 300, 1_500))
def test_so_many_more_finishes_grow_a_text_by_no_more_than_the_bound(count: int, wanted_in: int) -> None:
    """Wherever they lie: between two runs, beside one, or far beyond the last."""
    before = scattered(count, wanted_in=wanted_in)
    size = len(encode(before, offset=1000))
    last = before.runs[-1][1]
    for more in (
        [(last + 2 + 2 * step, last + 2 + 2 * step) for step in range(10)],
        [(last + 10**7 * (step + 1), last + 10**7 * (step + 1)) for step in range(10)],
    ):
        grown = len(encode(Completions((*before.runs, *more), {}, 7), offset=1000))
        assert grown - size <= bytes_more_at_most(10, more[-1][1] - 1000)
    joined = [(before.runs[0][0], before.runs[10][1]), *before.runs[11:]]
    grown = len(encode(Completions(tuple(joined), {}, 7), offset=1000))
    assert grown - size <= bytes_more_at_most(10, last - 1000)


@pytest.mark.parametrize("distance", (1, 200, 10**6))
def test_a_first_text_takes_its_fixed_part_and_what_its_entries_may(distance: int) -> None:
    """Nothing was told before."""
    runs = tuple((1000 + distance * number, 1000 + distance * number) for number in range(1, 11))
    size = len(encode(Completions(runs, {}, 7), offset=1000))
    assert size <= FIXED_BYTES + bytes_more_at_most(10, 10 * distance)


def test_one_that_lies_far_beyond_the_others_takes_no_room_of_theirs() -> None:
    """A night without records between two days is one long distance, told in a few bytes."""
    before = scattered(1_000)
    far = before.runs[-1][1] + 10**9
    size = len(encode(before, offset=1000))
    assert len(encode(Completions((*before.runs, (far, far)), {}, 7), offset=1000)) - size < 15


@pytest.mark.parametrize(("offset", "text", "completions"), GOLDEN_1.values(), ids=GOLDEN_1)
def test_what_version_1_wrote_is_read(offset: int, text: str, completions: Completions) -> None:
    """Literal texts: they stand in the offsets of running groups when the next version starts."""
    assert completions == decode(text, offset=offset)
    assert demand_of(text, offset=offset) is None
