"""How real processes on a real Kafka use the limit, at a sandbox with a network's jitter and a clock of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from random import SystemRandom
from typing import Final

from consumer.sandbox.options import LimitWay
from tests.bench.figure import Figure
from tests.bench.limit_use import let_in, refused, used_percent
from tests.bench.stand import Stand, measured
from tests.bench.urgent import measure_below, measure_urgent
from tests.kafka import product
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import Job, sandbox_of
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
FULL_AGAIN_WITHIN_S: Final = 5.0
"""Of the group having settled."""

_WATCHED_S: Final = 60.0
_SETTLED_WITHIN_S: Final = 60.0
"""Of a death."""
_MORE_S: Final = 1.5
"""Behind the end, whose edge is a second wide."""
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
{_STAND} When all replicas are ready and own their share of the partitions, {SETTLES_S:g} s pass, then it is measured.
Used are the requests that were let in; either edge is a second wide, so that a burst at an edge counts in part. Refused
are all answers 429 in that time."""

_DEATH_METHOD: Final = f"""\
{_STAND} Three replicas, {SETTLES_S:g} s after they own their partitions: one is killed (SIGKILL) and another process
started at once. The group has settled when all partitions are owned by the three that live, and do not move any more,
as `/status` says every {_LOOK_EVERY_S * 1000:g} ms. Used is what is let in for {_WATCHED_S:g} s, from
{FULL_AGAIN_WITHIN_S:g} s after that moment on. Refused are all answers 429 from the kill to the end of that minute."""


def measure(names: Sequence[str], cell_s: float) -> list[Figure]:
    """Takes these measures, one after the other; a cell lasts ``cell_s`` once it has settled."""

    def of(name: str) -> Callable[[Stand], list[Figure]]:
        return lambda stand: MEASURES[name](stand, cell_s)

    return measured({name: of(name) for name in names})


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
    for way, (used, refusals) in _each_way(stand, _death, SETTLES_S + _SETTLED_WITHIN_S + _WATCHED_S).items():
        what = f"3 replicas, one killed, another added, {_NAMES[way]}"
        after = f"used from {FULL_AGAIN_WITHIN_S:g} s after settling on"
        figures += [
            Figure(f"{what}: {after}", "%", used, GOAL_USED[3][way], _DEATH_METHOD, at_least=True),
            Figure(f"{what}: refused", "429s", refusals, GOAL_REFUSED_AROUND_A_DEATH, _DEATH_METHOD),
        ]
    return figures


def _death(_: LimitWay, job: Job) -> tuple[float, int]:
    """Kills one of three and starts another."""
    killed, *live = _settled(job, 3)
    began = settled = time.monotonic()
    killed.kill()
    live.append(job.start())
    owned = [0] * len(live)
    while (now := time.monotonic()) < settled + FULL_AGAIN_WITHIN_S + _WATCHED_S + _MORE_S or sum(owned) != PARTITIONS:
        if (owned_now := [_owned(consumer) for consumer in live]) != owned:
            settled, owned = now, owned_now
        if now > began + _SETTLED_WITHIN_S and sum(owned) != PARTITIONS:
            raise TimeoutError(f"the group has not settled {_SETTLED_WITHIN_S:g} s after a death")
        _pass(_LOOK_EVERY_S)
    entries = job.sandbox.received()
    from_s, until_s = settled + FULL_AGAIN_WITHIN_S, settled + FULL_AGAIN_WITHIN_S + _WATCHED_S
    return used_percent(let_in(entries), from_s, until_s, RATE_PER_S), refused(entries, began, until_s)


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
