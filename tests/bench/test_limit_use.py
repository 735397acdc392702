"""How much of a limit is used does not depend on where a measurement begins."""

from __future__ import annotations

import pytest

from tests.bench.limit_use import used_percent

BURSTS = [second * 1.02 for second in range(200) for _ in range(10)]
"""Ten together every 1.02 s."""


@pytest.mark.parametrize("began", (10.0, 10.2, 10.21, 10.5, 10.9))
def test_bursts_count_by_their_period(began: float) -> None:
    """98 % of ten a second, within what one request in two minutes makes."""
    assert pytest.approx(100 / 1.02, abs=0.1) == used_percent(BURSTS, began, began + 120, 10)


def test_silence_uses_nothing() -> None:
    """Before and after."""
    assert [0.0, 0.0] == [used_percent(times, 300.0, 310.0, 10) for times in (BURSTS, [])]
