"""The Prometheus of the tests: it scrapes, evaluates rules, and says what is wrong."""

from __future__ import annotations

import http.server
import math
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.prometheus_server import PrometheusServer
from tests.waiting import until

JOB = "some-job"
WITHIN_S = 60
RULES = """
groups:
  - name: some
    rules:
      - record: some:rule
        expr: some_gauge * 2
      - alert: SomeFires
        expr: some_gauge == 7
      - alert: SomeWaits
        expr: some_gauge == 7
        for: 1h
      - alert: SomeIsSilent
        expr: some_gauge == 8
"""


class Page(http.server.BaseHTTPRequestHandler):
    """A page of one gauge, which is 7."""

    def do_GET(self) -> None:
        """Answers."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(b"some_gauge 7\n")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the page is."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def prometheus(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    """One that has scraped the page, with rules."""
    directory = tmp_path_factory.mktemp("prometheus")
    rules = directory / "rules.yaml"
    rules.write_text(RULES)
    targets = [(JOB, address)]
    with PrometheusServer(directory, targets=targets, rules=[rules], labels={"namespace": "some-namespace"}) as running:
        running.until_up(1)
        yield running


def test_what_is_scraped_bears_its_job_its_instance_and_the_labels_given(
    prometheus: PrometheusServer, address: str
) -> None:
    """As a cluster's would."""
    labels = {"__name__": "some_gauge", "job": JOB, "instance": address, "namespace": "some-namespace"}

    assert [{"labels": labels, "value": 7.0}] == until(lambda: prometheus.query("some_gauge"), WITHIN_S, "a scrape")
    assert [{"labels": {}, "value": math.inf}] == prometheus.query("scalar(some_gauge) / 0")
    assert [] == prometheus.query("no_such_series")


def test_rules_are_evaluated_and_each_alert_has_a_state(prometheus: PrometheusServer) -> None:
    """Those that are silent are told too: a test of silence must not pass for want of the alert."""

    def recorded() -> list[dict[str, Any]]:
        return prometheus.query("some:rule")

    wanted = {"SomeFires": "firing", "SomeWaits": "pending", "SomeIsSilent": "inactive"}

    until(lambda: prometheus.alerts() == wanted, WITHIN_S, "the alerts have their states")
    assert [14.0] == [one["value"] for one in until(recorded, WITHIN_S, "it is recorded")]


def test_a_range_gives_every_value_with_its_moment(prometheus: PrometheusServer) -> None:
    """In seconds since 1970."""
    end_s = int(time.time())
    (series,) = until(
        lambda: prometheus.query_range("some_gauge", start_s=end_s - 5, end_s=end_s + 15, step_s=1), WITHIN_S, "a value"
    )

    assert JOB == series["labels"]["job"]
    assert {7.0} == {value for _, value in series["values"]}
    assert all(end_s - 5 <= moment <= end_s + 15 for moment, _ in series["values"])


def test_an_expression_that_is_none_is_refused_with_the_reason(prometheus: PrometheusServer) -> None:
    """Rather than giving nothing."""
    with pytest.raises(ValueError, match="parse error"):
        prometheus.query("sum(")


def test_targets_may_change_while_it_runs(tmp_path: Path, address: str) -> None:
    """As pods do."""
    with PrometheusServer(tmp_path, targets=[]) as running:
        assert 0 == running.targets_up()

        running.scrape([(JOB, address)])
        running.until_up(1)
        assert {JOB} == running.jobs()
        running.scrape([])
        running.until_up(0)
        assert set() == running.jobs()


def test_rules_that_are_wrong_end_it_with_its_own_words(tmp_path: Path) -> None:
    """A test sees what Prometheus said."""
    rules = tmp_path / "rules.yaml"
    rules.write_text("groups: 1")
    with (
        pytest.raises(RuntimeError, match="cannot unmarshal"),
        PrometheusServer(tmp_path, targets=[], rules=[rules]),
    ):
        pass
