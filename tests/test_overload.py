"""When the log says that too much arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import structlog

from consumer.overload import OverloadWatch
from consumer.status import LoadState, LoadStatus, RuleLoad

RULES = tuple(RuleLoad(f"rule-{number}", 9.0 - number) for number in range(7))
OVERLOADED = LoadStatus(LoadState.OVERLOADED, 12.0, 10.0, 9.9, 4_000, 60_000, None, RULES)
FINE = LoadStatus()


def lines_of(*looks: tuple[float, LoadStatus]) -> list[Any]:
    """What is written, looking at these moments."""
    moments: Iterator[tuple[float, LoadStatus]] = iter(looks)
    now = [0.0]

    def look() -> LoadStatus:
        now[0], load = next(moments)
        return load

    watch = OverloadWatch(look, now=lambda: now[0])
    with structlog.testing.capture_logs() as lines:
        for _ in looks:
            watch.look()
    return list(lines)


def test_an_overload_is_said_with_its_rules() -> None:
    """The five that use most."""
    (line,) = lines_of((0.0, FINE), (5.0, OVERLOADED))
    assert {
        "component": "load",
        "event": "overloaded",
        "log_level": "warning",
        "arriving_per_s": 12.0,
        "allowed_per_s": 10.0,
        "waiting": 4_000,
        "unread": 60_000,
        "drains_in_s": None,
        "rules_per_s": {"rule-0": 9.0, "rule-1": 8.0, "rule-2": 7.0, "rule-3": 6.0, "rule-4": 5.0},
    } == line


def test_it_is_said_again_each_minute_and_once_that_it_is_over() -> None:
    """Not in between."""
    lines = lines_of(*((at, OVERLOADED) for at in (0.0, 5.0, 55.0, 60.0, 115.0)), (120.0, FINE), (125.0, FINE))
    assert ["overloaded", "overloaded", "overloaded_no_more"] == [line["event"] for line in lines]


def test_one_that_comes_and_goes_is_said_once_a_minute() -> None:
    """The end of one that was not said is not said either."""
    looks = [(5.0 * at, FINE if at % 2 else OVERLOADED) for at in range(12)]
    assert ["overloaded", "overloaded_no_more"] == [line["event"] for line in lines_of(*looks)]


async def test_it_looks_until_it_is_cancelled() -> None:
    """At once, and then every few seconds."""
    looked = asyncio.Event()

    def look() -> LoadStatus:
        looked.set()
        return FINE

    watching = asyncio.create_task(OverloadWatch(look, now=lambda: 0.0).run())
    await looked.wait()
    watching.cancel()
    (ended,) = await asyncio.gather(watching, return_exceptions=True)
    assert isinstance(ended, asyncio.CancelledError)
