"""How the limit is used, on virtual time: every cell of the table, with the real pipelines and the sandbox's limiter.

Each cell is measured for ten minutes after 15 s to settle, eight times: with other clocks, another phase of Loops'
own, and other ways on the network.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Final

from consumer.planning.figures import Use, waits
from consumer.sandbox.options import LimitWay
from tests.bench.figure import Figure
from tests.bench.rate_runs import Cell, Run, runs_of

__all__ = ["MEASURES"]

_LIMIT_PER_S: Final = 10
_JITTERS_MS: Final = (0, 20, 80)
_USUAL_MS: Final = 20
_ROUGH_MS: Final = 80

_FIXED, _SLIDING, _BUCKET = LimitWay.FIXED, LimitWay.SLIDING, LimitWay.BUCKET
_ONE: Final = {_FIXED: 99.0, _SLIDING: 98.0, _BUCKET: 99.0}
_THREE: Final = {_FIXED: 98.0, _SLIDING: 97.0, _BUCKET: 98.0}
_IN_ONE_PARTITION: Final = {_FIXED: 91.0, _SLIDING: 90.0, _BUCKET: 91.0}
"""Percent of the limit to be used, at least."""

_METHOD: Final = (
    "On virtual time: real pipelines (pacer, lanes, commits), the sandbox's limiter with a random phase, a request "
    "15 ms and up to the jitter on its way, its answer 20 to 60 ms, wall clocks up to 200 ms apart, timers up to 1 ms "
    "late. Eight seeds together, ten minutes each after 15 s."
)


@dataclass(frozen=True, slots=True)
class _Row:
    """Figures about the same; each way of counting has its column."""

    of: str
    method: str

    def figure(
        self, cell: Cell, what: str, unit: str, measured: float, *, goal: float, at_least: bool = False
    ) -> Figure:
        """One measured number."""
        return Figure(
            f"{self.of}, jitter {cell.jitter_ms} ms: {what}",
            unit,
            measured,
            goal,
            self.method,
            at_least=at_least,
            column=cell.way.value if cell.way is _BUCKET else f"{cell.way.value} window",
            of=self.of,
        )

    def used(self, cell: Cell, runs: Sequence[Run], goal: float) -> Figure:
        """Percent of the limit."""
        return self.figure(cell, "used", "%", _together(runs).used_percent(_LIMIT_PER_S), goal=goal, at_least=True)

    def refused(self, cell: Cell, runs: Sequence[Run], goal: float) -> Figure:
        """Answers 429."""
        return self.figure(cell, "429 per 1,000", "", _together(runs).refused_per_1000, goal=goal)


def _one() -> list[Figure]:
    return _even("1 replica", 1, _ONE, rough=94.0, rough_refused=1.0)


def _three() -> list[Figure]:
    return _even("3 replicas", 3, _THREE, rough=92.0, rough_refused=2.0)


def _even(
    of: str, replicas: int, goals: Mapping[LimitWay, float], *, rough: float, rough_refused: float
) -> list[Figure]:
    """The ``rough`` goals are a sliding window's where the jitter is 80 ms."""
    row, figures = _Row(of, _METHOD), list[Figure]()
    for cell, runs in runs_of(_cells("even", replicas)).items():
        figures.append(row.used(cell, runs, rough if _is_rough(cell) else goals[cell.way]))
        figures.append(row.refused(cell, runs, rough_refused if _is_rough(cell) else 1))
    return figures


def _in_one_partition() -> list[Figure]:
    method = f"{_METHOD} The backlog lies in one partition; a lone event comes every 5 s to one of the other replicas."
    row, figures = _Row("3 replicas, all work in one partition", method), list[Figure]()
    for cell, runs in runs_of(_cells("one-partition", 3)).items():
        figures.append(row.used(cell, runs, 86.0 if _is_rough(cell) else _IN_ONE_PARTITION[cell.way]))
        figures.append(row.refused(cell, runs, 2 if cell.way is _SLIDING else 1))
        figures.append(row.figure(cell, "lone events leave within, 99 of 100", "ms", _waited_ms(runs)[1], goal=150))
    return figures


def _changed() -> list[Figure]:
    method = f"{_METHOD} One replica is killed, a minute later one is added; the worst seed counts for answers 429."
    found = runs_of(_cells("changed", 3))
    figures: list[Figure] = []
    for number, of in enumerate(("one of 3 replicas killed", "one added to 2 replicas")):
        row = _Row(of, method)
        for cell, runs in found.items():
            goal = 92.0 if _is_rough(cell) else _THREE[cell.way]
            used = reduce(add, [run.full[number] for run in runs]).used_percent(_LIMIT_PER_S)
            most = max(run.refused_in_a_minute[number] for run in runs)
            what = "used from 5 s after settling on"
            figures.append(row.figure(cell, what, "%", used, goal=goal, at_least=True))
            figures.append(row.figure(cell, "429 in that minute", "", most, goal=10))
    return figures


def _beside() -> list[Figure]:
    method = f"{_METHOD} Another program sends 8 requests at once every 2 s; it has its reserve: 8, of a bucket 4."
    figures: list[Figure] = []
    for replicas in (1, 3):
        row = _Row(f"{_counted(replicas)} beside another program", method)
        for cell, runs in runs_of(_cells("beside", replicas)).items():
            both = _together(runs)
            figures.append(row.figure(cell, "theirs refused", "%", both.others_refused_percent, goal=1))
            figures.append(row.refused(cell, runs, 5))
            if cell.way is _BUCKET:
                used = both.used_percent(_LIMIT_PER_S)
                figures.append(row.figure(cell, "used of what is left", "%", used, goal=95, at_least=True))
    return figures


def _urgent() -> list[Figure]:
    method = f"{_METHOD} A backlog of 5,000 of as many contacts stays so large; a high event comes every 4 s."
    figures: list[Figure] = []
    for replicas in (1, 3):
        row = _Row(f"high in a backlog of 5,000, {_counted(replicas)}", method)
        for cell, runs in runs_of(_cells("urgent", replicas, (_USUAL_MS,))).items():
            middle, most = _waited_ms(runs)
            figures.append(row.figure(cell, "leaves within, median", "ms", middle, goal=600))
            figures.append(row.figure(cell, "leaves within, 99 of 100", "ms", most, goal=1_200))
    return figures


def _calm() -> list[Figure]:
    method = f"{_METHOD} Five records a second arrive, and none waits. The way to Loops is not in the figure."
    figures: list[Figure] = []
    for replicas in (1, 3):
        row = _Row(f"5 records a second, {_counted(replicas)}", method)
        for cell, runs in runs_of(_cells("calm", replicas, (_USUAL_MS,))).items():
            figures.append(row.figure(cell, "leaves within, median", "ms", _waited_ms(runs)[0], goal=20))
    return figures


def _counted(replicas: int) -> str:
    return "1 replica" if replicas == 1 else f"{replicas} replicas"


def _cells(row: str, replicas: int, jitters_ms: Sequence[int] = _JITTERS_MS) -> list[Cell]:
    """Every way of counting."""
    return [Cell(row, way, jitter_ms, replicas) for jitter_ms in jitters_ms for way in LimitWay]


def _is_rough(cell: Cell) -> bool:
    """Where the goals are lower."""
    return cell.way is _SLIDING and cell.jitter_ms == _ROUGH_MS


def _together(runs: Sequence[Run]) -> Use:
    return reduce(add, [run.use for run in runs])


def _waited_ms(runs: Sequence[Run]) -> tuple[float, float]:
    """The median and the 99th of 100; one that was not delivered waits for ever."""
    waited_s = [waited for run in runs for waited in run.waited_s]
    found = waits([*waited_s, *[math.inf] * sum(run.undelivered for run in runs)])
    return found.median_s * 1000, found.p99_s * 1000


MEASURES: Final[Mapping[str, Callable[[], list[Figure]]]] = {
    "one": _one,
    "three": _three,
    "one-partition": _in_one_partition,
    "changed": _changed,
    "beside": _beside,
    "urgent": _urgent,
    "calm": _calm,
}
"""What is measured, by name; each prints nothing and takes all cores."""
