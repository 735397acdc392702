"""The chart is sound in every case that ``ci/`` names, under both majors of helm."""

from __future__ import annotations

import tarfile
from pathlib import Path

import kubernetes_validate
import pytest

from tests.deploy.chart import CASES, CHART, HELMS, case, helm, objects, rendered
from tests.deploy.manifests import documents

SERVERS = ("1.27", "1.37")
"""Versions of Kubernetes: the oldest that Chart.yaml allows, and the newest."""
CUSTOM = {"ExternalSecret", "PodMonitor", "PrometheusRule", "ScaledObject"}


@pytest.mark.parametrize("version", HELMS)
@pytest.mark.parametrize("name", CASES)
def test_helm_has_nothing_to_say_against_it(version: str, name: str) -> None:
    """Warnings fail too."""
    done = helm(version, "lint", "--strict", "--quiet", CHART, "--values", case(name))

    assert (0, "") == (done.returncode, done.stdout + done.stderr)


@pytest.mark.parametrize("name", CASES)
def test_both_majors_of_helm_render_the_same(name: str) -> None:
    """Whoever moves to helm 4 changes no object."""
    assert documents(rendered(name, version="helm3")) == documents(rendered(name, version="helm4"))


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("name", CASES)
def test_every_object_is_one_of_kubernetes(server: str, name: str) -> None:
    """No field that the API server would not know, none of another type."""
    for one in objects(name):
        if one["kind"] not in CUSTOM:
            kubernetes_validate.validate(one, server, strict=True)


def test_two_values_are_enough() -> None:
    """Brokers and the Secret's name make a whole set of objects."""
    two = "kafka.bootstrapServers=kafka.example.com:9092,loops.existingSecret=loops"
    done = helm("helm4", "template", "loops-consumer", CHART, "--namespace", "email", "--set", two)

    assert objects("default") == documents(done.stdout)
    assert [
        "ConfigMap",
        "ConfigMap",
        "Deployment",
        "NetworkPolicy",
        "Pod",
        "Pod",
        "PodDisruptionBudget",
        "ServiceAccount",
    ] == sorted(one["kind"] for one in documents(done.stdout))


@pytest.mark.parametrize("version", HELMS)
def test_the_package_tells_how_it_is_used(version: str, tmp_path: Path) -> None:
    """By ``helm show readme``; the cases stay at home."""
    helm(version, "package", CHART, "--destination", tmp_path).check_returncode()
    (package,) = tmp_path.glob("*.tgz")

    assert (CHART / "README.md").read_text().strip() == helm(version, "show", "readme", package).stdout.strip()
    with tarfile.open(package) as files:
        assert [] == [name for name in files.getnames() if "/ci/" in name]
