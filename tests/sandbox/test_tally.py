"""Counts by second and by status."""

from __future__ import annotations

from consumer.sandbox.tally import SECONDS_MAX, Second, Tally


def test_each_second_tells_taken_throttled_and_failed_apart() -> None:
    """Quiet seconds are there too."""
    tally = Tally()
    for name, now in (("200", 1.0), ("429", 1.9), ("200", 3.0), ("503", 3.5), ("reset", 3.6), ("400", 3.7)):
        tally.add(name, now=now)
    expected = [Second(0), Second(1, taken=1, throttled=1), Second(2), Second(3, taken=1, failed=3)]
    assert expected == tally.seconds(now=3.9, count=4)
    assert {"200": 2, "429": 1, "503": 1, "reset": 1, "400": 1} == tally.by_status


def test_old_seconds_are_dropped_and_the_totals_stay() -> None:
    """Memory is bounded however long it runs."""
    tally = Tally()
    for now in range(10 * SECONDS_MAX):
        tally.add("200", now=float(now))
    assert Second(0) == tally.seconds(now=0.5, count=1)[0]
    assert 10 * SECONDS_MAX == tally.by_status["200"]
