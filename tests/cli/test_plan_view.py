"""A plan as a person sees it."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from consumer.cli.plan_view import pages, way_named

FOUND: dict[str, Any] = {
    "limit_per_s": 10,
    "replicas": 3,
    "partitions": 12,
    "window": "sliding",
    "reserve_per_s": 2,
    "starvation_s": 300.0,
    "jitter_ms": 20,
    "for_s": 600.0,
    "seed": 0,
    "records": {"produced": 7_000, "per_s": 11.67, "delivered": 6_100},
    "requests": {
        "accepted": 5_900,
        "per_s": 9.83,
        "used_percent": 98.3,
        "used_percent_while_waiting": 98.9,
        "refused": 3,
        "refused_per_1000": 0.508,
    },
    "waits": [
        {
            "priority": "high",
            "records": 600,
            "median_s": 0.45,
            "p99_s": 1.3,
            "longest_s": 125.0,
            "waiting": 1,
            "oldest_s": 0.2,
        },
        {
            "priority": "low",
            "records": 0,
            "median_s": None,
            "p99_s": None,
            "longest_s": None,
            "waiting": 900,
            "oldest_s": 599.0,
        },
    ],
    "backlog": {
        "most": 2_000,
        "at_end": 900,
        "drained_s": None,
        "drains_in_s": 400.0,
        "arrived_per_s": 7.5,
        "left_per_s": 9.8,
    },
    "commits_per_s": 9.7,
}


def _shown(backlog: dict[str, float | None] | None = None, requests: dict[str, Any] | None = None) -> str:
    """All of it at 80 columns, with a backlog and requests that differ so."""
    out = StringIO()
    found = FOUND | {"backlog": FOUND["backlog"] | (backlog or {}), "requests": FOUND["requests"] | (requests or {})}
    Console(file=out, width=80, highlight=False, markup=False).print(pages(found))
    return out.getvalue()


def test_it_shows_everything_in_words() -> None:
    """With units a person reads."""
    shown = _shown()

    for text in (
        "10 requests a second, 3 replicas: 10 min on virtual time",
        "7,000: 11.7 a second of the whole time",
        "5,900: 9.8 a second of the whole time; merging saved 200",
        "98.3 % used; 98.9 % while more waited",
        "3: 0.51 for every 1,000 accepted",
        "sliding window, 20 ms of jitter, 12 partitions, 2 a second left to others",
    ):
        assert text in " ".join(shown.split())
    assert ["high", "600", "450 ms", "1.3 s", "2 min 5 s", "1", "200 ms"] in _cells(shown)
    assert ["low", "0", "-", "-", "-", "900", "9 min 59 s"] in _cells(shown)


def _cells(shown: str) -> list[list[str]]:
    return [re.split(r"\s{2,}", line.strip()) for line in shown.splitlines()]


def test_no_answer_429_is_none() -> None:
    """And not zero of a thousand."""
    assert "answers 429 none" in " ".join(_shown(requests={"refused": 0, "refused_per_1000": 0.0}).split())


@pytest.mark.parametrize(
    ("backlog", "expected"),
    (
        ({"drained_s": 0.0, "most": 3}, "none: at most 3 wait at once"),
        ({"drained_s": 0.0, "most": 1}, "backlog none: at most 1 waits at once"),
        ({"drained_s": 0.0, "most": 0}, "backlog none commits"),
        ({"at_end": 1}, "1 waits at the end"),
        ({"drained_s": 65.0}, "drained after 1 min 5 s; at most 2,000 wait at once"),
        ({}, "900 wait at the end; at this pace it drains in another 6 min 40 s"),
        (
            {"drains_in_s": None, "arrived_per_s": 12.0},
            "never drains: in the second half 12.0 records a second arrive and 9.8 leave; 900 wait at the end",
        ),
    ),
)
def test_it_says_plainly_when_the_backlog_drains(backlog: dict[str, float | None], expected: str) -> None:
    """Or that it never does."""
    assert expected in " ".join(_shown(backlog).split())


def test_a_bucket_is_no_window() -> None:
    """The others are."""
    assert ["bucket", "fixed window"] == [way_named("bucket"), way_named("fixed")]
