"""What the chart gives to Prometheus and Grafana is what lies in ``deploy/``, at the names that both rest on."""

from __future__ import annotations

import json
from typing import Final

from ruamel.yaml import YAML

from tests.deploy.chart import CHART, objects, of_kind, pod_spec
from tests.deploy.tools import ROOT

OURS: Final = "https://github.com/loops-consumer/loops-consumer/blob/main/deploy/RUNBOOK.md"
THEIRS: Final = "https://wiki.example.com/loops-consumer"
"""What the case sets."""
DASHBOARDS: Final = sorted((CHART / "files" / "dashboards").glob("*.json"))


def test_every_dashboard_is_a_config_map_for_grafanas_sidecar() -> None:
    """With links to the user's runbook, and small enough to be one."""
    found = [one for one in objects("monitoring") if "grafana_dashboard" in one["metadata"].get("labels", {})]

    assert ["debug.json", "overview.json"] == [file.name for file in DASHBOARDS]
    assert [json.loads(file.read_text().replace(OURS, THEIRS)) for file in DASHBOARDS] == [
        json.loads(text) for one in found for text in one["data"].values()
    ]
    assert {("monitoring", "1", "Email")} == {
        (
            one["metadata"]["namespace"],
            one["metadata"]["labels"]["grafana_dashboard"],
            one["metadata"]["annotations"]["grafana_folder"],
        )
        for one in found
    }
    assert all(len(text) < 1_000_000 for one in found for text in one["data"].values())


def test_every_rule_reaches_the_prometheus_operator() -> None:
    """Alerts with links to the user's runbook."""
    rules = YAML(typ="safe").load((ROOT / "deploy" / "prometheus" / "rules.yaml").read_text().replace(OURS, THEIRS))
    alerts = [rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule]

    assert rules == of_kind("PrometheusRule", objects("monitoring"))["spec"]
    assert alerts
    assert all(rule["annotations"]["runbook_url"].startswith(f"{THEIRS}#") for rule in alerts)


def test_prometheus_finds_the_pods_under_the_job_that_rules_and_dashboards_name() -> None:
    """The port is one of the consumer's, the pods are the workload's, and instance is a pod's name."""
    spec = of_kind("PodMonitor", objects("monitoring"))["spec"]
    (endpoint,) = spec["podMetricsEndpoints"]
    (consumer,) = pod_spec(objects("monitoring"))["containers"]
    workload = of_kind("Deployment", objects("monitoring"))["spec"]

    assert endpoint["port"] in {port["name"] for port in consumer["ports"]}
    assert workload["selector"] == spec["selector"]
    assert [
        {"targetLabel": "job", "replacement": "loops-consumer"},
        {"sourceLabels": ["__meta_kubernetes_pod_name"], "targetLabel": "instance"},
    ] == endpoint["relabelings"]
