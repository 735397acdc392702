"""Every query of both dashboards gives data of the real consumer, out of a real Prometheus."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.deploy.dashboard_files import NAMES, Asked, choices, filled, queries, selectors
from tests.deploy.dashboard_run import JOB, Course, eventful_course
from tests.deploy.prometheus_server import PrometheusServer
from tests.deploy.tools import ROOT
from tests.kafka.real_kafka import RealKafka

RESULTS: Final = ROOT / ".cache" / "deploy" / "dashboards.json"
"""What the pictures are drawn from."""
OFFERED: Final = {
    "namespace": {"mail"},
    "job": {JOB},
    "topic": {"product-events"},
    "instance": {"pod-0", "pod-1", "pod-2"},
}
"""What a reader could choose from, after the run."""
STEP_S: Final = 1.0
RATE_INTERVAL: Final = "10s"

MAY_BE_STILL: Final = {
    "How fast the budget burns",
    "Late a second, and why",
    "Taken by others",
    "Not confirmed",
    "Held back by metadata",
    "Metadata that said nothing",
    "Handovers that went wrong",
    "Faults in callbacks",
    "Late answers",
}
"""Panels that may show nothing but 0 in this run: what they count did not happen, or only by chance."""


@pytest.mark.timeout(600)
def test_every_query_gives_data_of_a_run_in_which_everything_happens(
    real_kafka: RealKafka, tmp_path: Path, run_logs: Path
) -> None:
    """Panels and annotations. Each selector in them finds series, so that no fallback hides a name that is wrong."""
    with eventful_course(real_kafka, tmp_path, run_logs) as course:
        found = {asked: answer(course, asked) for asked in queries()}
        keep(course, found)
        without = [str(asked) for asked in found if not has_data(found[asked])]
        empty = [f"{asked}: {text}" for asked in found for text in selects_nothing(course, asked)]
        chosen = {name: offered(course, name) for name in NAMES}
        gone = {
            name: course.prometheus.query(filled(asked.expression))
            for asked in found
            if (name := asked.title) in {"Pods that answer", "Last seen", "Left when last seen"}
        }

    assert ([], []) == (without, empty)
    assert [OFFERED, OFFERED] == list(chosen.values())
    moved = {asked.title for asked, series in found.items() if moves(series)}
    assert set() == {asked.title for asked in found} - moved - MAY_BE_STILL
    assert [0.0] == [each["value"] for each in gone["Pods that answer"]]
    assert all(gone.values())


def test_a_query_that_finds_nothing_is_told(tmp_path: Path) -> None:
    """Of a Prometheus that scrapes nobody: the one panel that falls back to 0 gives data, and its selector does not."""
    with PrometheusServer(tmp_path, targets=[]) as prometheus:
        course = Course(prometheus, time.time() - 10, end_s=time.time())
        given = {asked.title for asked in queries() if has_data(answer(course, asked))}
        selecting = {asked.title for asked in queries() if not list(selects_nothing(course, asked))}

    assert ({"Pods that answer"}, set()) == (given, selecting)


def answer(course: Course, asked: Asked) -> list[dict[str, Any]]:
    """What the query gives over the run."""
    length_s = round(course.end_s - course.start_s)
    expression = filled(asked.expression, rate_interval=RATE_INTERVAL, time_range=f"{length_s}s")
    return course.prometheus.query_range(expression, start_s=course.start_s, end_s=course.end_s, step_s=STEP_S)


def offered(course: Course, name: str) -> dict[str, set[str]]:
    """What each variable of a dashboard lets a reader choose from."""
    length_s = round(course.end_s - course.start_s) + 60
    return {
        variable: {
            each["labels"][label]
            for each in course.prometheus.query(f"group by ({label}) (last_over_time({filled(selector)}[{length_s}s]))")
        }
        for variable, (selector, label) in choices(name).items()
    }


def has_data(series: list[dict[str, Any]]) -> bool:
    """Whether any value is a number."""
    return any(not math.isnan(value) for each in series for _, value in each["values"])


def moves(series: list[dict[str, Any]]) -> bool:
    """Whether any value is anything but 0."""
    return any(value and not math.isnan(value) for each in series for _, value in each["values"])


def selects_nothing(course: Course, asked: Asked) -> Iterator[str]:
    """The selectors of the query that found no series in the whole run."""
    length_s = round(course.end_s - course.start_s) + 60
    for selector in selectors(filled(asked.expression)):
        text = selector.prettify()
        if not course.prometheus.query(f"count(count_over_time({text}[{length_s}s]))"):
            yield text


def keep(course: Course, found: dict[Asked, list[dict[str, Any]]]) -> None:
    """Writes what was found, for the pictures."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    results = [
        {"dashboard": asked.dashboard, "title": asked.title, "letter": asked.letter, "series": series}
        for asked, series in found.items()
    ]
    kept = {"start_s": course.start_s, "shown_until_s": course.ending_s, "results": results}
    RESULTS.write_text(json.dumps(kept))
