"""What broke on the other thread breaks the test."""

from __future__ import annotations

import pytest

from tests.repeated import Repeated
from tests.waiting import until


class Counted(Repeated):
    """Counts, and breaks at three where it is to."""

    def __init__(self, *, breaks: bool) -> None:
        """None yet."""
        super().__init__(every_s=0.001, ends_within_s=5)
        self.count = 0
        self._breaks = breaks

    def _once(self) -> None:
        self.count += 1
        if self._breaks and self.count == 3:
            raise ValueError("three")


def test_it_goes_on_until_its_end() -> None:
    """And not after it."""
    with Counted(breaks=False) as counted:
        until(lambda: counted.count > 3, 5, "it goes on")
    ended_at = counted.count
    counted.end()
    assert ended_at == counted.count


def test_what_broke_it_is_raised_at_the_end() -> None:
    """It is not lost with the thread."""
    counted = Counted(breaks=True)
    with pytest.raises(ValueError, match="three"), counted:
        until(lambda: counted.count == 3, 5, "it breaks")
