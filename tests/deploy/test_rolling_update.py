"""Three pods, each replaced in turn while events arrive, as the chart's workloads do it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.feed import Feed
from tests.deploy.prometheus_server import PrometheusServer
from tests.deploy.rollout import Pods, Workload
from tests.deploy.tools import ROOT
from tests.kafka import oracles, product
from tests.kafka.job import Job, MakeJob, sandbox_of
from tests.ports import free_ports
from tests.waiting import until

RULES: Final = ROOT / "deploy" / "prometheus" / "rules.yaml"
JUDGED: Final = "loops_consumer_judged_records_total"
RATE_PER_S: Final = 50
ARRIVING_PER_S: Final = 40
LATENCY_S: Final = 0.1
PODS: Final = 3
USERS: Final = 60
BEFORE: Final = 120
"""Events that took effect before the first pod is replaced, and again behind the last."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("workload", Workload, ids=lambda workload: workload.value)
def test_a_rolling_update_under_load_loses_nothing_and_repeats_nothing(
    make_job: MakeJob, tmp_path: Path, workload: Workload
) -> None:
    """Nothing lost, nothing twice in effect, each contact in order; each pod ends in time, and no alert fires."""
    job = make_job(sandbox_of(RATE_PER_S, latency_s=LATENCY_S))
    job.configure(kafka={"client": {}})
    begun_s = time.time()
    with PrometheusServer(
        tmp_path / "prometheus", targets=[], rules=[RULES], labels={"namespace": "email"}
    ) as watching:
        pods = Pods(job, workload, free_ports(2 * PODS), watching.scrape)
        pods.start(PODS)
        with Feed(job, per_s=ARRIVING_PER_S, users=USERS) as feed:
            until_shared(pods)
            watching.until_up(PODS)
            job.sandbox.until_events(BEFORE, 60)
            pods.replace_all()
            until_shared(pods)
            watching.until_up(PODS)
            job.sandbox.until_events(len(job.sandbox.events()) + BEFORE, 60)
        assert_all_is_there_once(job, feed.made)
        assert [] == pods.killed
        assert_the_alerts_are_silent(watching, len(feed.made), begun_s)


def assert_the_alerts_are_silent(watching: PrometheusServer, made: int, begun_s: float) -> None:
    """None fires, and of the objective's none is so much as pending; though they had something to judge."""
    (judged,) = watching.query(f"sum(max_over_time({JUDGED}[10m]))")
    assert judged["value"] >= made / 2, "of a pod that ends, what it judged after its last scrape is not seen"
    assert [] == watching.query(f'max_over_time({JUDGED}{{freshness="late"}}[10m]) > 0')
    (late,) = watching.query("loops_consumer:late_otherwise:ratio5m")
    assert late["value"] == 0
    told = watching.query_range("ALERTS", start_s=begun_s, end_s=time.time(), step_s=1)
    assert [] == [one["labels"] for one in told if one["labels"]["alertstate"] == "firing"]
    assert [] == [one["labels"] for one in told if "Freshness" in one["labels"]["alertname"]]


def assert_all_is_there_once(job: Job, made: list[product.Made]) -> None:
    """What was produced against what the stand-in for Loops received."""
    job.sandbox.until_events(len(made), 60)
    job.until_committed()
    seen = oracles.sightings(job.sandbox.received())
    assert [] == oracles.lost(made, seen)
    assert [] == oracles.twice_in_effect(seen)
    assert [] == oracles.out_of_order(seen)


def until_shared(pods: Pods) -> None:
    """Waits until every partition has its owner and each pod at least one."""

    def shared() -> bool:
        owned = [len(pod.status()["partitions"]) for pod in pods.running.values()]
        return all(owned) and sum(owned) == product.PARTITIONS

    until(shared, 60, "each pod has partitions, and together they have all")
