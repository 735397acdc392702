"""Each alert fires when that is broken which it is about, for real: a Prometheus, a Kafka, real consumers, the sandbox.

All installations run at once under one Prometheus, each as a job of its own and broken in a way of its own, so that
what fires for one is seen not to fire for the others. The rules are the shipped ones with their durations shortened.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from consumer.sandbox.broker import MockBroker
from tests.deploy.alert_rules import alerts, quickened, quickened_s
from tests.deploy.breakage import WITHIN_S, Breakage, Look
from tests.deploy.breakages import BREAKAGES, CommitsFail, embedded
from tests.deploy.product_stream import Stream
from tests.deploy.prometheus_server import PrometheusServer
from tests.kafka.job import Job, sandbox_of
from tests.kafka.real_kafka import RealKafka
from tests.waiting import until

NAMESPACE: Final = "email"
QUIET_S: Final = 12
"""In which all run well, or do not run yet."""
BROKEN_S: Final = 240
"""At most, until all has fired that has to, which takes two minutes; after five, what waits is late."""
AFTER_S: Final = 12
"""For what should not."""
LOOK_EVERY_S: Final = 0.5
USED_S: Final = 300
"""Over so long the rules look at the use of the limit."""
STILL_S: Final = 300
"""Over so long they look at a partition's lag, from as long before, and then at how long it stands still."""
TOLD_S: Final = 120
"""So long that is so before it is told."""
FIRED: Final = 'count by (job, alertname) (count_over_time(ALERTS{alertstate="firing"}[30m]))'


@pytest.fixture(scope="module")
def fired(
    real_kafka: RealKafka, run_logs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, set[str]]]:
    """What fired at any time, by job, without the names' beginning; the empty job is of what was there before."""
    directory = tmp_path_factory.mktemp("alerts")
    with ExitStack() as ending:
        broken = stand(ending, real_kafka, run_logs, directory)
        server = PrometheusServer(
            directory / "prometheus",
            targets=targets(broken),
            rules=[quickened(directory)],
            scrape_interval="1s",
            evaluation_interval="500ms",
            labels={"namespace": NAMESPACE},
        )
        prometheus = ending.enter_context(server)
        prometheus.until_up(len(targets(broken)))
        pause(QUIET_S)
        before = seen(prometheus)
        for breakage in broken.values():
            breakage.act()
        watch(prometheus, broken)
        yield {**seen(prometheus), "": set().union(*before.values())}


def stand(ending: ExitStack, kafka: RealKafka, logs: Path, directory: Path) -> dict[str, Breakage]:
    """All installations, running well as far as they run yet."""
    stream = ending.enter_context(Stream(kafka.bootstrap_servers))
    broken: dict[str, Breakage] = {}
    for name, kind in BREAKAGES.items():
        where = directory / name
        where.mkdir()
        broker = ending.enter_context(MockBroker()) if kind is CommitsFail else None
        job = Job(
            kafka if broker is None else embedded(broker),
            where,
            logs,
            name=f"alerts-{name}",
            sandbox=sandbox_of(kind.rate_per_s),
            topic_config=kind.topic_config,
        )
        broken[name] = kind(ending.enter_context(job), stream)
        ending.callback(broken[name].close)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda breakage: breakage.prepare(), broken.values()))
    for breakage in broken.values():
        for consumer in breakage.consumers:
            consumer.until_ready(WITHIN_S)
    return broken


def lasts(prometheus: PrometheusServer, series: str, seconds: float) -> set[str]:
    """The jobs of which a recorded series has been 1 for so long."""
    span = f"{round(seconds)}s"
    expression = f"min_over_time({series}[{span}]) + ({series} offset {span}) == 2"
    return {one["labels"]["job"] for one in prometheus.query(expression)}


def watch(prometheus: PrometheusServer, broken: Mapping[str, Breakage]) -> None:
    """Until all has fired that has to, and a while longer, or the time is over."""
    end = time.monotonic() + BROKEN_S
    while time.monotonic() < end:
        prometheus.scrape(targets(broken))
        scraped = prometheus.jobs()
        short = lasts(prometheus, "loops_consumer:limit_is_short:bool", quickened_s(USED_S) + 2)
        paused = lasts(prometheus, "loops_consumer:mapping_paused:bool", 3 * quickened_s(STILL_S) + quickened_s(TOLD_S))
        for name, breakage in broken.items():
            breakage.look(Look(is_target=name in scraped, limit_is_short=name in short, paused_for_long=name in paused))
        found = seen(prometheus)
        if all(one.alerts <= found.get(name, set()) and one.is_over() for name, one in broken.items()):
            break
        pause(LOOK_EVERY_S)
    pause(AFTER_S)


def targets(broken: Mapping[str, Breakage]) -> list[tuple[str, str]]:
    """Who is scraped: all that listen."""
    return [
        (name, f"127.0.0.1:{consumer.port}")
        for name, breakage in broken.items()
        for consumer in breakage.consumers
        if consumer.port is not None
    ]


def seen(prometheus: PrometheusServer) -> dict[str, set[str]]:
    """What fired so far, by job."""
    found: dict[str, set[str]] = {}
    for one in prometheus.query(FIRED):
        name = one["labels"]["alertname"].removeprefix("LoopsConsumer")
        found.setdefault(one["labels"].get("job", "no job"), set()).add(name)
    return found


def pause(seconds: float) -> None:
    """Time that has to pass, as nothing is to happen in it."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() >= end, seconds + 5, "its time is over")


@pytest.mark.timeout(600)
def test_nothing_fires_before_anything_is_broken(fired: Mapping[str, set[str]]) -> None:
    """Starts, first assignments and load are no reason."""
    assert set() == fired[""]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", BREAKAGES)
def test_what_is_broken_brings_its_alerts_and_no_others(fired: Mapping[str, set[str]], name: str) -> None:
    """And what is not broken brings none: a replay, a first start, a pause, a sound installation under load."""
    assert BREAKAGES[name].alerts == fired.get(name, set())


def test_each_alert_is_brought_by_something() -> None:
    """None is left out."""
    brought = set[str]().union(*(kind.alerts for kind in BREAKAGES.values()))

    assert {alert.name for alert in alerts()} == {f"LoopsConsumer{name}" for name in brought}
