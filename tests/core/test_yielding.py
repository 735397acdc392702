"""When our slots yield. Times are literal seconds."""

from __future__ import annotations

import pytest

from consumer.core.margin import Margin
from consumer.core.yielding import Yielding, is_suspicious


def yielding_of(margin: Margin | None = None) -> Yielding:
    """Nobody is known."""
    return Yielding(margin or Margin(0.03, lambda: 0.0))


def test_without_suspicion_all_is_used_whoever_is_seen() -> None:
    """They are shown, and nothing is refused."""
    assert 1.0 == yielding_of().share(10, 8, now=5.0)


def test_a_suspicion_is_followed_by_listening() -> None:
    """Two and a half seconds with a fifth of our slots."""
    yielding = yielding_of()
    assert yielding.suspect(now=5.0)
    assert not yielding.suspect(now=6.0)
    assert [0.2, 0.2] == [yielding.share(10, peak, now=7.4) for peak in (0, 8)]


def test_who_is_seen_is_left_what_it_took() -> None:
    """As long as it is seen; a tenth is never yielded."""
    yielding = yielding_of()
    yielding.suspect(now=5.0)
    assert [0.2, 0.4, 0.1] == pytest.approx([yielding.share(10, peak, now=8.0) for peak in (8, 6, 10)])
    assert yielding.active
    assert 1.0 == yielding.share(10, 0, now=60.0)
    assert not yielding.active


def test_after_nobody_was_seen_it_rests_longer_each_time() -> None:
    """20, 40, 80 and 80 seconds: refusals that nobody else explains are ours."""
    yielding, now = yielding_of(), 5.0
    for rest_s in (20.0, 40.0, 80.0, 80.0):
        assert yielding.suspect(now=now)
        now += 3.0
        assert 1.0 == yielding.share(10, 2, now=now)
        assert not yielding.suspect(now=now + rest_s)
        now += rest_s + 0.1


def test_what_the_margin_learned_of_others_is_taken_back() -> None:
    """The refusals were not by jitter."""
    margin = Margin(0.03, lambda: 0.0)
    margin.refused(1.0, slots=10, now=1.1)
    margin.refused(14.0, slots=10, now=14.1)
    yielding = yielding_of(margin)
    yielding.suspect(now=14.2)
    yielding.share(10, 8, now=17.0)
    assert 0.036 == pytest.approx(margin.seconds)


def test_suspicious_is_what_jitter_does_not_explain() -> None:
    """Five in ten seconds, of two volleys at least; of a larger limit half of it; or few, where others were seen."""
    assert [is_suspicious(*seen, 0, 10) for seen in ((4, 2), (5, 2), (9, 1))] == [False, True, False]
    assert [is_suspicious(*seen, 0, 1_000) for seen in ((499, 2), (500, 2), (900, 1))] == [False, True, False]
    assert [is_suspicious(2, volleys, 3, 10) for volleys in (1, 2)] == [False, True]
