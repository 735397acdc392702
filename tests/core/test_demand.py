"""What stands beside an offset for the group's other members."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumer.core.demand import DEMAND_BYTES, Demand

DEMANDS = st.builds(
    Demand,
    st.integers(0, 2**32 - 1),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFF),
    st.booleans(),
    st.integers(0, 0xFF),
    st.booleans(),
)


@given(DEMANDS)
def test_what_is_told_is_read(demand: Demand) -> None:
    """In so many bytes."""
    assert len(demand.encode()) == DEMAND_BYTES
    assert demand == Demand.decode(demand.encode())


def test_what_cannot_be_told_is_told_as_the_nearest_that_can() -> None:
    """More than Loops will ever allow, and a margin that no pacer has."""
    assert Demand(5, 0xFFFF, 0xFFFF, idle=False, margin_ms=255) == Demand.decode(
        Demand(5, 10**6, 10**6, idle=False, margin_ms=1_000).encode()
    )


def test_flags_of_a_later_version_are_ignored() -> None:
    """They ask for nothing that this one could do."""
    assert Demand(5) == Demand.decode(Demand(5).encode()[:9] + b"\xfd")
