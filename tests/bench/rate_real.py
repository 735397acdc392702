"""How real processes on a real Kafka use the limit, at a sandbox with a network's jitter and a clock of its own."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from math import inf
from pathlib import Path
from random import SystemRandom
from typing import Final

from consumer.sandbox.options import LimitWay
from tests.bench.figure import Figure
from tests.bench.limit_use import full_after_s, let_in, refused, used_percent
from tests.bench.stand import Stand
from tests.bench.urgent import measure_below, measure_urgent
from tests.kafka import product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import Job, sandbox_of
from tests.kafka.real_kafka import RealKafka
from tests.waiting import until

__all__ = ["MEASURES", "measure"]

RATE_PER_S: Final = 10
PARTITIONS: Final = 12
JITTER_S: Final = 0.02
LATENCY_S: Final = 0.03
SETTLES_S: Final = 15.0

GOAL_USED: Final[Mapping[int, Mapping[LimitWay, float]]] = {
    1: {LimitWay.FIXED: 99, LimitWay.SLIDING: 98, LimitWay.BUCKET: 99},
    3: {LimitWay.FIXED: 98, LimitWay.SLIDING: 97, LimitWay.BUCKET: 98},
}
"""Percent of the limit, by replicas."""
GOAL_REFUSED: Final = 3
GOAL_REFUSED_AROUND_A_DEATH: Final = 10
GOAL_FULL_AGAIN_S: Final = 5.0

_WATCHED_S: Final = 60.0
"""After a replica was killed: the minute in which refusals count."""
_FULL_OVER_S: Final = 10.0
_MORE_S: Final = 2.0
"""A period and more behind the end, so that the next request after it is known."""
_READY_WITHIN_S: Final = 60.0
_LOOK_EVERY_S: Final = 0.2

_NAMES: Final = {LimitWay.FIXED: "fixed window", LimitWay.SLIDING: "sliding window", LimitWay.BUCKET: "bucket"}

_STAND: Final = f"""\
The sandbox takes {RATE_PER_S} requests a second, counts them each of the three ways (a job of its own for each, all
three at the same time on the same machine), {JITTER_S * 1000:g} ms of jitter before it counts and {LATENCY_S * 1000:g}
ms until it answers; the phase of its clock is drawn anew for each. {PARTITIONS} partitions of a real Kafka hold more
events than can be sent meanwhile, spread evenly, each of a contact of its own; consumers are processes with the shipped
settings."""

_USED_METHOD: Final = f"""\
{_STAND} When all replicas are ready and own partitions, {SETTLES_S:g} s pass, then it is measured. Used are the
requests that were let in, from the first one after the beginning to the first one after the end, divided by the time
between those two: so a burst that lies across an edge is not counted half. Refused are all answers 429 in that time."""

_DEATH_METHOD: Final = f"""\
{_STAND} Three replicas, {SETTLES_S:g} s after they own their partitions: one is killed (SIGKILL) and another process
started at once. The group has settled when all partitions are owned by the three that live, and do not move any more,
as `/status` says every {_LOOK_EVERY_S * 1000:g} ms. The rate is full again at the first request from which the next
{_FULL_OVER_S:g} s use as much of the limit as three replicas have to. Refused are all answers 429 in the
{_WATCHED_S:g} s from the kill."""


def measure(names: Sequence[str], cell_s: float) -> list[Figure]:
    """Takes these measures, one after the other; a cell lasts ``cell_s`` once it has settled."""
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory(prefix="loops-consumer-bench-") as directory,
        RealKafka(Path(directory) / "kafka") as kafka,
    ):
        stand = Stand(kafka, Path(directory))
        for name in names:
            sys.stdout.write(f"measuring: {name}\n")
            sys.stdout.flush()
            figures += MEASURES[name](stand, cell_s)
    return figures


def _one(stand: Stand, cell_s: float) -> list[Figure]:
    return _cells(stand, cell_s, 1, "1 replica")


def _three(stand: Stand, cell_s: float) -> list[Figure]:
    return _cells(stand, cell_s, 3, "3 replicas, work spread evenly")


def _cells(stand: Stand, cell_s: float, replicas: int, row: str) -> list[Figure]:
    def cell(_: LimitWay, job: Job) -> tuple[float, int]:
        _settled(job, replicas)
        began = time.monotonic()
        ended = began + cell_s
        _pass(cell_s + _MORE_S)
        entries = job.sandbox.received()
        return used_percent(let_in(entries), began, ended, RATE_PER_S), refused(entries, began, ended)

    figures = []
    for way, (used, refusals) in _each_way(stand, cell, SETTLES_S + cell_s).items():
        what = f"{row}, {_NAMES[way]}"
        figures += [
            Figure(f"{what}: used", "%", used, GOAL_USED[replicas][way], _USED_METHOD, at_least=True),
            Figure(f"{what}: refused", "429s", refusals, GOAL_REFUSED, _USED_METHOD),
        ]
    return figures


def _killed(stand: Stand, _: float) -> list[Figure]:
    figures = []
    for way, (full_s, refusals) in _each_way(stand, _death, SETTLES_S + _WATCHED_S).items():
        what = f"3 replicas, one killed, another added, {_NAMES[way]}"
        figures += [
            Figure(f"{what}: full rate again", "s", full_s, GOAL_FULL_AGAIN_S, _DEATH_METHOD),
            Figure(f"{what}: refused", "429s", refusals, GOAL_REFUSED_AROUND_A_DEATH, _DEATH_METHOD),
        ]
    return figures


def _death(way: LimitWay, job: Job) -> tuple[float, int]:
    """Kills one of three and starts another; seconds until the rate is full again, and requests refused."""
    killed, *live = _settled(job, 3)
    began = settled = time.monotonic()
    killed.kill()
    live.append(job.start())
    owned = [0] * len(live)
    while (now := time.monotonic()) < began + _WATCHED_S:
        if (owned_now := [_owned(consumer) for consumer in live]) != owned:
            settled, owned = now, owned_now
        _pass(_LOOK_EVERY_S)
    entries = job.sandbox.received()
    full_s = full_after_s(let_in(entries), settled, _FULL_OVER_S, RATE_PER_S, GOAL_USED[3][way])
    return inf if sum(owned) != PARTITIONS else full_s, refused(entries, began, began + _WATCHED_S)


def _each_way(
    stand: Stand, cell: Callable[[LimitWay, Job], tuple[float, int]], lasts_s: float
) -> Mapping[LimitWay, tuple[float, int]]:
    """What a cell comes to under each way of counting, all at the same time; ``lasts_s`` says how much is produced."""
    random = SystemRandom().random
    with ExitStack() as ending, ThreadPoolExecutor() as threads:
        jobs = {}
        for way in LimitWay:
            sandbox = sandbox_of(RATE_PER_S, limit_way=way, phase_s=random(), jitter_s=JITTER_S, latency_s=LATENCY_S)
            jobs[way] = ending.enter_context(stand.job(sandbox, topic=stand.kafka.new_topic(PARTITIONS)))
            _fill(jobs[way], lasts_s)
        return dict(zip(jobs, threads.map(cell, jobs.keys(), jobs.values()), strict=True))


def _fill(job: Job, lasts_s: float) -> None:
    """More than can be sent, of contacts who each have one; shipped settings of the client and of the rate."""
    job.configure(kafka={"client": {}}, loops={"rate_per_s": "auto"})
    count = round((lasts_s + _READY_WITHIN_S) * RATE_PER_S)
    events = product.make(count, users=count)
    product.produce(job.kafka.bootstrap_servers, job.topic, events, partitions=PARTITIONS)


def _settled(job: Job, replicas: int) -> list[ConsumerProcess]:
    """So many replicas, a while after each of them owns its share of the partitions."""
    consumers = [job.start() for _ in range(replicas)]
    share = [PARTITIONS // replicas] * replicas
    until(lambda: [_owned(consumer) for consumer in consumers] == share, _READY_WITHIN_S, "each owns its share")
    _pass(SETTLES_S)
    return consumers


def _owned(consumer: ConsumerProcess) -> int:
    """How many partitions; 0 while it does not say."""
    status, text = consumer.page("/status")
    return len(json.loads(text)["partitions"]) if status == 200 else 0


def _pass(seconds: float) -> None:
    threading.Event().wait(seconds)


MEASURES: Final[Mapping[str, Callable[[Stand, float], list[Figure]]]] = {
    "one": _one,
    "three": _three,
    "killed": _killed,
    "urgent": lambda stand, _: measure_urgent(stand),
    "below": lambda stand, _: measure_below(stand),
}
