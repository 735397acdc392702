"""How the limit is used, on virtual time: every cell of the table, with the real pipelines and the sandbox's limiter.

Each cell is measured for ten minutes after 15 s to settle, eight times: with other clocks, another phase of Loops'
own, and other ways on the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Final

from consumer.planning.figures import Use, waits
from consumer.sandbox.options import LimitWay
from tests.bench.figure import Figure
from tests.bench.rate_runs import RESERVES, Cell, Run, runs_of

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


def _one() -> list[Figure]:
    return _used("even", 1, _ONE, {_SLIDING: 94.0}, {})


def _three() -> list[Figure]:
    return _used("even", 3, _THREE, {_SLIDING: 92.0}, {_SLIDING: 2.0})


def _used(
    row: str,
    replicas: int,
    goals: Mapping[LimitWay, float],
    rough: Mapping[LimitWay, float],
    refused: Mapping[LimitWay, float],
) -> list[Figure]:
    """Percent of the limit, and answers 429; ``rough`` and ``refused`` are the goals where the jitter is 80 ms."""
    who = "1 replica" if replicas == 1 else f"{replicas} replicas"
    found = runs_of(Cell(row, way, jitter_ms, replicas) for way in LimitWay for jitter_ms in _JITTERS_MS)
    figures: list[Figure] = []
    for cell, runs in found.items():
        is_rough = cell.jitter_ms == _ROUGH_MS
        goal = rough.get(cell.way, goals[cell.way]) if is_rough else goals[cell.way]
        figures += _used_and_refused(
            f"{who}, {_place(cell)}", _together(runs), goal, refused.get(cell.way, 1.0) if is_rough else 1.0, _METHOD
        )
    return figures


def _in_one_partition() -> list[Figure]:
    method = f"{_METHOD} The backlog lies in one partition; a lone event comes every 5 s to one of the other replicas."
    found = runs_of(Cell("one-partition", way, jitter_ms) for way in LimitWay for jitter_ms in _JITTERS_MS)
    figures: list[Figure] = []
    for cell, runs in found.items():
        what = f"3 replicas, all work in one partition, {_place(cell)}"
        goal = 86.0 if cell.way is _SLIDING and cell.jitter_ms == _ROUGH_MS else _IN_ONE_PARTITION[cell.way]
        figures += _used_and_refused(what, _together(runs), goal, 2.0 if cell.way is _SLIDING else 1.0, method)
        figures.append(Figure(f"{what}: a lone event leaves within, 99 of 100", "ms", _waited_ms(runs)[1], 150, method))
    return figures


def _changed() -> list[Figure]:
    method = f"{_METHOD} One replica is killed, a minute later one is added; the worst seed counts for answers 429."
    found = runs_of(Cell("changed", way, jitter_ms) for way in LimitWay for jitter_ms in _JITTERS_MS)
    figures: list[Figure] = []
    for cell, runs in found.items():
        goal = 92.0 if cell.way is _SLIDING and cell.jitter_ms == _ROUGH_MS else _THREE[cell.way]
        for number, change in enumerate(("one of 3 replicas killed", "one added to 2 replicas")):
            what = f"{change}, {_place(cell)}"
            full = reduce(add, [run.full[number] for run in runs])
            most = max(run.refused_in_a_minute[number] for run in runs)
            used = full.used_percent(_LIMIT_PER_S)
            figures.append(Figure(f"{what}: used from 5 s after settling on", "%", used, goal, method, at_least=True))
            figures.append(Figure(f"{what}: 429 in that minute", "", most, 10, method))
    return figures


def _beside() -> list[Figure]:
    method = f"{_METHOD} Another program sends 8 requests at once every 2 s; it has its reserve."
    cells = [Cell("beside", way, jitter_ms, n) for n in (1, 3) for way in LimitWay for jitter_ms in _JITTERS_MS]
    figures: list[Figure] = []
    for cell, runs in runs_of(cells).items():
        who = "1 replica" if cell.replicas == 1 else f"{cell.replicas} replicas"
        what = f"{who} beside another program, reserve {RESERVES[cell.way]}, {_place(cell)}"
        together = _together(runs)
        figures.append(Figure(f"{what}: theirs refused", "%", together.others_refused_percent, 1, method))
        figures.append(Figure(f"{what}: 429 per 1,000", "", together.refused_per_1000, 5, method))
        if cell.way is _BUCKET:
            used = together.used_percent(_LIMIT_PER_S)
            figures.append(Figure(f"{what}: used of what is left", "%", used, 95, method, at_least=True))
    return figures


def _urgent() -> list[Figure]:
    method = f"{_METHOD} A backlog of 5,000 of as many contacts stays so large; a high event comes every 4 s."
    return _waits("urgent", "high in a backlog of 5,000", 600, 1_200, method)


def _calm() -> list[Figure]:
    method = f"{_METHOD} Five records a second arrive, and none waits. The way to Loops is not in the figure."
    return _waits("calm", "5 records a second", 20, None, method)


def _waits(row: str, what: str, median_ms: float, p99_ms: float | None, method: str) -> list[Figure]:
    """From being produced to leaving."""
    figures: list[Figure] = []
    for cell, runs in runs_of(Cell(row, way, _USUAL_MS, n) for n in (1, 3) for way in LimitWay).items():
        who = "1 replica" if cell.replicas == 1 else f"{cell.replicas} replicas"
        middle, most = _waited_ms(runs)
        figures.append(Figure(f"{what}, {who}, {_place(cell)}: leaves within, median", "ms", middle, median_ms, method))
        if p99_ms is not None:
            figures.append(Figure(f"{what}, {who}, {_place(cell)}: 99 of 100", "ms", most, p99_ms, method))
    return figures


def _used_and_refused(what: str, together: Use, goal: float, refused: float, method: str) -> Iterator[Figure]:
    used = together.used_percent(_LIMIT_PER_S)
    yield Figure(f"{what}: used", "%", used, goal, method, at_least=True)
    yield Figure(f"{what}: 429 per 1,000", "", together.refused_per_1000, refused, method)


def _place(cell: Cell) -> str:
    return f"{cell.way.value}, jitter {cell.jitter_ms} ms"


def _together(runs: Sequence[Run]) -> Use:
    return reduce(add, [run.use for run in runs])


def _waited_ms(runs: Sequence[Run]) -> tuple[float, float]:
    """The median and the 99th of 100; one that was not delivered waits for ever."""
    found = waits(
        [*(waited for run in runs for waited in run.waited_s), *[float("inf")] * sum(r.undelivered for r in runs)]
    )
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
