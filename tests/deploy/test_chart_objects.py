"""What a value changes in the objects, and what it leaves alone."""

from __future__ import annotations

import pytest

from tests.deploy.chart import Manifest, objects, of_kind, rendered
from tests.deploy.manifests import documents

OTHER_MAPPING = ("--set", "mapping.inline=paused: true")
OTHER_RATE = ("--set", "settings.loops.rate_per_s=5")


@pytest.mark.parametrize(
    ("name", "options", "replaced"),
    (
        ("default", OTHER_MAPPING, False),
        ("mapping", OTHER_MAPPING, True),
        ("mapping", ("--set", r"mapping.files.billing\.yaml=rules: []"), True),
        ("default", OTHER_RATE, True),
        ("default", ("--set", "kafka.bootstrapServers=other.example.com:9092"), True),
        ("default", ("--set", "networkPolicy.enabled=false"), False),
    ),
)
def test_pods_are_replaced_for_what_they_do_not_read_again(
    name: str, options: tuple[str, ...], *, replaced: bool
) -> None:
    """A mapping is read again, unless the user wants a rollout; consumer.yaml is read once."""
    before, after = (pod_template(documents(rendered(name, *given))) for given in ((), options))

    assert replaced == (before != after)


@pytest.mark.parametrize(
    ("name", "ports"),
    (
        ("default", [[53], [9092], [443]]),
        ("static-membership", [[53], [9092, 9094], [443]]),
        ("sasl", [[53], [9094], [443], [8081]]),
        ("everything", [[53], [9092, 9093], [8443], [4318]]),
    ),
)
def test_only_the_ports_that_the_settings_name_are_open(name: str, ports: list[list[int]]) -> None:
    """DNS, the brokers, Loops, the schema registry, and what was added; in this order."""
    rules = of_kind("NetworkPolicy", objects(name))["spec"]["egress"]

    assert ports == [sorted({port["port"] for port in rule["ports"]}) for rule in rules]


def test_where_the_brokers_are_can_be_narrowed() -> None:
    """By default their ports are open to any place, since nobody else knows where they are."""
    (_, kafka, *_) = of_kind("NetworkPolicy", objects("everything"))["spec"]["egress"]
    (_, anywhere, *_) = of_kind("NetworkPolicy", objects("default"))["spec"]["egress"]

    assert [{"ipBlock": {"cidr": "10.0.0.0/8"}}] == kafka["to"]
    assert "to" not in anywhere


def test_nobody_but_monitoring_may_come_in_and_nobody_at_all_where_none_is_named() -> None:
    """An empty list of peers would be everybody."""
    monitoring = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    (rule,) = of_kind("NetworkPolicy", objects("default"))["spec"]["ingress"]

    assert [monitoring] == rule["from"]
    assert [] == of_kind("NetworkPolicy", objects("everything"))["spec"]["ingress"]


def test_who_scales_sets_the_number_of_pods_alone() -> None:
    """A number in the workload too would be put back by each upgrade."""
    scaler = of_kind("ScaledObject", objects("keda"))["spec"]

    assert "replicas" not in of_kind("Deployment", objects("keda"))["spec"]
    assert ("Deployment", "loops-consumer") == (scaler["scaleTargetRef"]["kind"], scaler["scaleTargetRef"]["name"])
    assert 2 == of_kind("Deployment", objects("default"))["spec"]["replicas"]


def test_long_names_are_cut_so_that_what_is_behind_them_fits() -> None:
    """Kubernetes takes 63 characters, and a StatefulSet adds a number and a hash of 11."""
    every = documents(rendered("static-membership", "--set", f"fullnameOverride={'a' * 80}"))

    assert {52} == {len(one["metadata"]["name"]) for one in every if one["kind"] in {"StatefulSet", "Service"}}
    assert all(len(one["metadata"]["name"]) <= 63 for one in every)


def pod_template(every: list[Manifest]) -> Manifest:
    """What Kubernetes compares to tell whether pods are replaced."""
    (workload,) = (one for one in every if one["kind"] in {"Deployment", "StatefulSet"})
    template: Manifest = workload["spec"]["template"]
    return template
