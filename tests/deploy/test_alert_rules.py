"""The rules are sound, their own tests cover each alert both ways, and what they name is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from consumer.adapters.metrics import METRICS
from tests.deploy.alert_rules import (
    PROMETHEUS,
    RULES,
    Alert,
    alerts,
    expressions,
    quickened,
    quickened_s,
    read,
    recorded,
)
from tests.deploy.dashboard_files import selectors
from tests.deploy.runbook import sections
from tests.deploy.tools import tool

RUNBOOK_URL: Final = "https://github.com/loops-consumer/loops-consumer/blob/main/deploy/RUNBOOK.md#"
PAGES: Final = {
    "LoopsConsumerAbsent",
    "LoopsConsumerFreshnessBudgetBurnsFast",
    "LoopsConsumerKeyRefused",
    "LoopsConsumerLagNearRetention",
    "LoopsConsumerNothingDelivered",
    "LoopsConsumerPollLoopStuck",
    "LoopsConsumerRecordsLost",
}
TICKETS: Final = {
    "LoopsConsumerCommitsFail",
    "LoopsConsumerDeadLetters",
    "LoopsConsumerFreshnessBudgetBurnsSlowly",
    "LoopsConsumerLimitTakenByOthers",
    "LoopsConsumerLimitTooSmall",
    "LoopsConsumerLoopsUnavailable",
    "LoopsConsumerMappingRefused",
    "LoopsConsumerRebalancesAllTheTime",
}
TESTS: Final = sorted(PROMETHEUS.glob("*_test.yaml"))
ALERTS: Final = alerts()
NAMED: Final = re.compile(r'alertname="(\w+)",alertstate="firing"')


def promtool(*arguments: str | Path) -> tuple[int, str]:
    """Its exit code and all that it says."""
    done = subprocess.run(  # noqa: S603 - Debian's, and every argument is ours
        [tool("promtool"), *map(str, arguments)], check=False, capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


def tried() -> list[dict[str, Any]]:
    """Every expectation of the rules' own tests."""
    return [one for file in TESTS for test in read(file)["tests"] for one in test["promql_expr_test"]]


def test_prometheus_takes_the_rules_and_the_example_of_its_settings() -> None:
    """Each expression has a meaning, and each template can be filled in."""
    assert 0 == promtool("check", "rules", "--lint-fatal", RULES)[0]
    assert 0 == promtool("check", "config", PROMETHEUS / "prometheus.yaml")[0]


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_the_rules_own_tests_hold(file: Path) -> None:
    """Made-up series are replayed, and what fires when is looked at."""
    code, said = promtool("test", "rules", file)

    assert 0 == code, said


def test_each_alert_is_shown_to_fire_and_shown_not_to() -> None:
    """Both at a moment at which the other would be wrong."""
    firing = {NAMED.findall(one["expr"])[0] for one in tried() if one.get("exp_samples")}
    silent = {name for one in tried() if not one.get("exp_samples") for name in NAMED.findall(one["expr"])}
    names = {alert.name for alert in ALERTS}

    assert set() == names - firing
    assert set() == names - silent


def test_the_alerts_are_these_and_each_wakes_somebody_or_does_not() -> None:
    """Runbook and routes go by these names and severities."""
    assert PAGES == {alert.name for alert in ALERTS if alert.severity == "page"}
    assert TICKETS == {alert.name for alert in ALERTS if alert.severity == "ticket"}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_an_alert_says_what_is_wrong_and_where_and_leads_to_its_section(alert: Alert) -> None:
    """It ends slowly enough not to come and go, and names the installation."""
    anchors = {heading.lower() for heading in sections()}
    url = alert.annotations["runbook_url"]

    assert ["description", "runbook_url", "summary"] == sorted(alert.annotations)
    assert alert.keep_firing_for
    assert alert.annotations["description"].startswith("{{ $labels.namespace }}/{{ $labels.job }}: ")
    assert RUNBOOK_URL + alert.name.lower() == url
    assert url.removeprefix(RUNBOOK_URL) in anchors


@pytest.mark.parametrize(("name", "expression"), expressions().items(), ids=expressions())
def test_only_series_that_the_program_has_are_looked_at(name: str, expression: str) -> None:
    """Or that another rule makes; ``up`` is Prometheus' own word."""
    known = {metric.name for metric in METRICS} | set(recorded()) | {"up"}

    assert [] == [found.name for found in selectors(expression) if found.name not in known], name


@pytest.mark.parametrize(("name", "expression"), expressions().items(), ids=expressions())
def test_installations_stay_apart(name: str, expression: str) -> None:
    """Whatever is added up or matched keeps namespace and job."""
    kept = re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)

    assert not re.search(r"\b(?:without|ignoring)\b", expression), name
    assert all({"namespace", "job"} <= set(labels.split(", ")) for labels in kept), name


def test_what_is_recorded_is_named_for_what_it_is_and_its_window() -> None:
    """loops_consumer:what:window."""
    assert [] == [name for name in recorded() if not re.fullmatch(r"loops_consumer:[a-z_]+:[a-z_]*(\d+[mhd])?", name)]
    assert len(set(recorded())) == len(recorded())


def test_pages_wake_somebody_and_tickets_do_not() -> None:
    """As the example of Alertmanager's routes has it."""
    routes = PROMETHEUS / "alertmanager.yaml"
    for alert in ALERTS:
        done = subprocess.run(  # noqa: S603 - Debian's, and every argument is ours
            [
                *(tool("amtool"), "config", "routes", "test", f"--config.file={routes}"),
                *(f"severity={alert.severity}", f"alertname={alert.name}", "namespace=n", "job=loops-consumer"),
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert f"{alert.severity}s" == done.stdout.strip()


def test_quickened_rules_differ_in_durations_alone(tmp_path: Path) -> None:
    """So that what fires under them fires under the shipped ones, an hour for 144 s."""
    shipped, quick = read(RULES), read(quickened(tmp_path))
    for group, other in zip(shipped["groups"], quick["groups"], strict=True):
        for rule, same in zip(group["rules"], other["rules"], strict=True):
            assert {**rule, **durations(rule)} == {**same, **durations(rule)}
            assert re.sub(r"\b\d+[smhd]\b", "", rule["expr"]) == re.sub(r"\b\d+ms\b", "", same["expr"])

    assert "[2m]" in RULES.read_text()
    assert f"[{quickened_s(120) * 1_000:g}ms]" in quickened(tmp_path).read_text()


def durations(rule: dict[str, Any]) -> dict[str, str]:
    """What may differ."""
    return dict.fromkeys([name for name in ("expr", "for", "keep_firing_for") if name in rule], "")
