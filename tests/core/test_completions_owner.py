"""What stands beside a committed offset for others: the owner's demand, and the numbers of refusals."""

from __future__ import annotations

from typing import Final

import pytest

from consumer.core.completions import (
    METADATA_BYTES_MAX,
    Completions,
    Refusal,
    decode,
    demand_of,
    encode,
)
from consumer.core.demand import Demand

DEMAND: Final = Demand(1_790_000_000, 7, 3, idle=False, margin_ms=12)
MANY: Final = tuple((1_000 + 50 * number, 1_000 + 50 * number) for number in range(3_000))

# What this version writes, with the offset that it is committed with. Every later version reads all of them.
GOLDEN_2: Final = {
    "a demand alone": (7, "lc2:NbME=000003Tm-CfB**o0}KEF000", Completions(demand=DEMAND)),
    "all there is": (
        1_000,
        "lc2:-w?!*-mSjx3Tm-CfB**o0}KEI000320s#O6tO5Z60s;a7@|X",
        Completions(
            ((1_003, 1_003), (1_010, 1_014)),
            {1_001: 0b10},
            0xDEADBEEF,
            (Refusal(1_000, 0, 1), Refusal(1_001, 2, 1), Refusal(1_001, 3, 300)),
            DEMAND,
        ),
    ),
}


@pytest.mark.parametrize(("offset", "text", "completions"), GOLDEN_2.values(), ids=GOLDEN_2)
def test_what_version_2_writes_is_read(offset: int, text: str, completions: Completions) -> None:
    """Literally."""
    assert text == encode(completions, offset=offset)
    assert completions == decode(text, offset=offset)
    assert completions.demand == demand_of(text, offset=offset)


def test_a_demand_is_read_from_no_other_offset_and_no_damaged_text() -> None:
    """It is as safe as the completions behind it."""
    text = encode(Completions(demand=DEMAND), offset=7)
    assert [DEMAND, None, None, None] == [
        demand_of(text, offset=7),
        demand_of(text, offset=8),
        demand_of(text[:-1], offset=7),
        demand_of("", offset=7),
    ]


def test_a_demand_takes_its_room_whatever_else_must_be_left_out() -> None:
    """What is told of offsets gives way."""
    text = encode(Completions(MANY, {}, 7, demand=DEMAND), offset=1000)
    assert len(text) <= METADATA_BYTES_MAX
    assert demand_of(text, offset=1000) == DEMAND


def test_the_lowest_refusals_are_told_in_a_quarter_of_the_room() -> None:
    """Each that is told is told whole; one that is not told must not leave again."""
    refusals = tuple(Refusal(1_000 + number // 2, number % 2, 1 + number % 3) for number in range(1_000))
    told = decode(encode(Completions(refusals=refusals), offset=1_000, bytes_max=400), offset=1_000)
    assert isinstance(told, Completions)
    assert 20 <= len(told.refusals) <= 30
    assert refusals[: len(told.refusals)] == told.refusals


@pytest.mark.parametrize(
    "refusals",
    (
        (Refusal(4, 0, 1),),
        (Refusal(6, 0, 1), Refusal(5, 0, 1)),
        (Refusal(6, 1, 1), Refusal(6, 1, 2)),
        (Refusal(6, 0, 0),),
    ),
    ids=("below the committed offset", "out of order", "twice", "without a number"),
)
def test_a_wrong_refusal_is_not_written(refusals: tuple[Refusal, ...]) -> None:
    """It would give another event's key away."""
    with pytest.raises(ValueError, match="refusal"):
        encode(Completions(refusals=refusals), offset=5)
