"""A run in which everything happens that the dashboards show, scraped by a real Prometheus all the while."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from confluent_kafka import TopicPartition

from tests.deploy.dashboard_traffic import MAPPING, REFUSED, Traffic, one_rule_more
from tests.deploy.prometheus_server import PrometheusServer
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import Job, sandbox_of
from tests.kafka.product import PARTITIONS
from tests.kafka.real_kafka import RealKafka
from tests.waiting import until

__all__ = ["JOB", "RULES", "Course", "eventful_course"]

JOB: Final = "loops-consumer"
RULES: Final = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules.yaml"

_RATE_PER_S: Final = 10
_WITHIN_S: Final = 90
_CALM_S: Final = 12
_SESSION_S: Final = 6
"""After so long a pod that stands still is put out of the group."""
_RETENTION_MS: Final = 900_000
"""So short that the lag can be seen in it, and longer than the run."""
_TRIES: Final = 3
_BURST: Final = 120
_IN_FLIGHT_MAX: Final = 100
"""So few that a burst pauses partitions, and what is not read yet can be seen."""


@dataclass(slots=True)
class Course:
    """What was scraped, and when; seconds since 1970."""

    prometheus: PrometheusServer
    start_s: float
    ending_s: float = 0.0
    """All that happens had happened, and pods still ran."""
    end_s: float = 0.0
    """The last pod had ended by then."""


@contextmanager
def eventful_course(kafka: RealKafka, directory: Path, logs: Path) -> Iterator[Course]:
    """Two minutes of it; Prometheus still runs within the ``with``, and no pod does."""
    sandbox = sandbox_of(_RATE_PER_S, latency_s=0.04, jitter_s=0.02)
    topic = kafka.create_topic("product-events", PARTITIONS, {"retention.ms": str(_RETENTION_MS)})
    with Job(kafka, directory, logs, name="dashboards", sandbox=sandbox, topic=topic) as job:
        yield from _course(job, directory / "prometheus")


def _course(job: Job, directory: Path) -> Iterator[Course]:
    job.configure(
        delivery={"in_flight_records_max": _IN_FLIGHT_MAX, "backoff_max_s": 1.0, "attempts_max": 3},
        loops={"outage_probe_max_s": 1.0, "timeout_s": 5},
    )
    job.map(MAPPING)
    with PrometheusServer(directory, targets=[], rules=[RULES], labels={"namespace": "mail"}) as prometheus:
        course = Course(prometheus, time.time())
        stage = _Stage(job, prometheus)
        stage.start(2)
        with Traffic(job.kafka.bootstrap_servers, job.topic) as traffic:
            _all_that_happens(stage, traffic)
            course.ending_s = time.time()
        stage.end_all()
        course.end_s = time.time()
        yield course


@dataclass(slots=True)
class _Stage:
    """The pods, each under a name of its own, and what is done to them."""

    job: Job
    prometheus: PrometheusServer
    pods: dict[str, ConsumerProcess] = field(default_factory=dict)

    def start(self, count: int) -> None:
        """So many more, ready and scraped."""
        for _ in range(count):
            self.pods[f"pod-{len(self.pods)}"] = self.job.start()
        for pod in self.pods.values():
            pod.until_ready(_WITHIN_S)
        addresses = {f"127.0.0.1:{pod.port}": name for name, pod in self.pods.items()}
        self.prometheus.scrape([(JOB, address) for address in addresses], addresses)
        self.prometheus.until_up(len(addresses))

    def value(self, expression: str) -> float:
        """What Prometheus has of it by now, summed; 0 where there is nothing."""
        return float(sum(each["value"] for each in self.prometheus.query(f"loops_consumer_{expression}")))

    def until_above(self, expression: str, least: float = 0, within_s: float = _WITHIN_S) -> None:
        """Returns when Prometheus has seen more than this."""
        until(lambda: self.value(expression) > least, within_s, f"{expression} is above {least}")

    def until_at(self, expression: str, wanted: float) -> None:
        """Returns when Prometheus has seen exactly this."""
        until(lambda: self.value(expression) == wanted, _WITHIN_S, f"{expression} is {wanted}")

    def passes(self, seconds: float) -> None:
        """Returns when the first pod has been scraped for so much longer."""
        (pod,) = self.prometheus.query("process_start_time_seconds{instance='pod-0'}")
        scraped = f"max(timestamp(loops_consumer_build_info{{instance='pod-0'}})) - {pod['value']}"
        end = self.prometheus.query(scraped)[0]["value"] + seconds
        until(lambda: self.prometheus.query(scraped)[0]["value"] >= end, seconds + _WITHIN_S, f"{seconds} s pass")

    def map(self, mapping: dict[str, Any] | str, result: str) -> None:
        """Gives all pods a mapping, and returns when Prometheus knows of each what it came to."""
        counted = f"mapping_reloads_total{{result='{result}'}}"
        before = self.value(counted)
        self.job.map(mapping)
        self.until_above(counted, before + sum(pod.running for pod in self.pods.values()) - 1)

    def end_all(self) -> None:
        """Every pod that still runs ends in an orderly way, and Prometheus has noticed."""
        for pod in self.pods.values():
            pod.terminate()
        for pod in self.pods.values():
            pod.exit_code()
        self.prometheus.until_up(0)


def _all_that_happens(stage: _Stage, traffic: Traffic) -> None:
    stage.passes(_CALM_S)
    for happens in _EPISODES:
        happens(stage, traffic)
        stage.passes(2)
    stage.passes(_CALM_S)


def _single_faults(stage: _Stage, traffic: Traffic) -> None:
    sandbox = stage.job.sandbox
    sandbox.inject(status=429, share=0.2, count=8)
    sandbox.inject(status=500, share=0.2, count=8)
    sandbox.inject(reset=True, share=0.1, count=3)
    sandbox.inject(latency_ms=900, share=0.1)
    sandbox.inject(status=400, body_contains=REFUSED)
    traffic.what_fails()
    stage.until_above("finished_records_total{fate='dead_lettered'}", 17)
    stage.until_above("requests_total{reason='throttled'}")
    stage.until_above("retries_total{reason='server_error'}")
    sandbox.heal()


def _burst(stage: _Stage, traffic: Traffic) -> None:
    traffic.burst(_BURST)
    stage.until_above("pauses_total{reason='full'}")
    stage.passes(5)


def _another_pod(stage: _Stage, _: Traffic) -> None:
    stage.start(1)


def _mappings(stage: _Stage, _: Traffic) -> None:
    stage.map(one_rule_more(), "applied")
    stage.map("format: segment\nrulez: []\n", "refused_faults")
    test = {"name": "never", "given": {"type": "track", "event": "Trial Started", "userId": "u"}, "expect": []}
    stage.map({**MAPPING, "tests": [test]}, "refused_tests")
    stage.map(MAPPING, "applied")


def _outage(stage: _Stage, _: Traffic) -> None:
    for status, reason in ((503, "server_error"), (401, "unauthorized")):
        stage.job.sandbox.inject(status=status)
        stage.until_above(f"outages_total{{reason='{reason}'}}")
        stage.until_above("outage")
        stage.passes(3)
        stage.job.sandbox.heal()
        stage.until_at("outage", 0)


def _paused_past_retention(stage: _Stage, traffic: Traffic) -> None:
    stage.map({**MAPPING, "paused": True}, "applied")
    traffic.transaction()
    stage.passes(2)
    admin = stage.job.kafka.admin()
    ends = [TopicPartition(stage.job.topic, 0, stage.job.ends()[0])]
    for deleted in admin.delete_records(ends).values():
        deleted.result(_WITHIN_S)
    stage.map(MAPPING, "applied")
    stage.until_above("records_skipped_by_retention_total")


def _stands_still(stage: _Stage, _: Traffic) -> None:
    """Whether it learns first that it is no member, or commits first, is chance: then once more."""
    for _again in range(_TRIES):
        _stopped_for_a_session(stage)
        with suppress(TimeoutError):
            stage.until_above("commit_failures_total", within_s=10)
            return
    raise TimeoutError("no commit has failed")


def _stopped_for_a_session(stage: _Stage) -> None:
    pod, lost = stage.pods["pod-1"], "rebalances_total{kind='lost'}"
    before = stage.value(lost)
    stage.job.sandbox.inject(latency_ms=1_500)
    until(lambda: pod.status()["on_wire"], _WITHIN_S, "something is on the wire")
    pod.send(signal.SIGSTOP)
    stage.job.sandbox.heal()
    stage.passes(_SESSION_S + 4)
    pod.send(signal.SIGCONT)
    stage.until_above(lost, before)


def _killed(stage: _Stage, _: Traffic) -> None:
    stage.pods["pod-2"].kill()
    stage.passes(_SESSION_S + 4)


_EPISODES: Final[tuple[Callable[[_Stage, Traffic], None], ...]] = (
    _single_faults,
    _burst,
    _another_pod,
    _mappings,
    _outage,
    _paused_past_retention,
    _stands_still,
    _killed,
)
