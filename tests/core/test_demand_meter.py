"""How many requests a second a replica would use."""

from __future__ import annotations

import math

from consumer.core.demand_meter import LOOK_EVERY_S, DemandMeter


def _meter(per_s: float, *, waiting: int = 0) -> DemandMeter:
    """Six seconds of departures, evenly spread, and a look at the end of each half second."""
    meter = DemandMeter()
    left = 0
    for step in range(1, 13):
        now = step * LOOK_EVERY_S
        while left < per_s * now:
            meter.leave(now)
            left += 1
        meter.look(waiting, now)
    return meter


def test_a_lone_request_every_five_seconds_is_no_demand() -> None:
    """It leaves in the slot of all idle replicas."""
    meter = DemandMeter()
    meter.leave(1.2)
    meter.look(0, 1.5)
    assert (True, 0) == (meter.idle, meter.wanted_per_s(10))


def test_a_backlog_wants_everything() -> None:
    """Twenty that wait would fill two seconds."""
    assert 10 == _meter(3, waiting=20).wanted_per_s(10)


def test_a_steady_stream_wants_itself_and_some_room() -> None:
    """Three a second come in bunches."""
    assert 4 == _meter(3).wanted_per_s(10)


def test_what_was_wanted_is_given_up_two_seconds_after_it_was_needed_last() -> None:
    """The largest of the last four looks counts."""
    meter = DemandMeter()
    found = []
    for number, waiting in enumerate((40, 0, 0, 0, 0)):
        meter.look(waiting, number * LOOK_EVERY_S)
        found.append(meter.wanted_per_s(10))
    assert [10, 10, 10, 10, 0] == found


def test_it_looks_twice_a_second_while_there_is_something_to_see() -> None:
    """And needs no timer where nothing left and nothing waits."""
    meter = DemandMeter()
    meter.look(1, 1.0)
    busy = (meter.is_due(1, 1.4), meter.is_due(1, 1.5), meter.next_look_at())
    for number in range(4):
        meter.look(0, 2.0 + number)
    assert ((False, True, 1.5), False) == (busy, math.isinf(meter.next_look_at()))
    assert (False, True) == (meter.is_due(0, 5.1), math.isinf(meter.next_look_at()))
