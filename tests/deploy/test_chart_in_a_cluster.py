"""The chart on a real API server: installed, upgraded, rolled back and uninstalled, under both majors of helm.

Nothing becomes Ready there, so nobody waits for that; all that a server decides when objects come is decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.deploy.chart import CASES, CHART, HELMS, case, of_kind
from tests.deploy.cluster_fixtures import MakeNamespace, Namespace
from tests.deploy.cluster_user import ClusterUser
from tests.deploy.manifests import differences, documents, named, pod_of, written
from tests.deploy.test_chart_monitoring import OURS, THEIRS
from tests.deploy.tools import ROOT

pytestmark = [pytest.mark.timeout(300), pytest.mark.parametrize("helm", HELMS)]

TWO_VALUES: Final = ("--set=kafka.bootstrapServers=kafka.example:9092", "--set=loops.existingSecret=loops")
RULES: Final = ROOT / "deploy" / "prometheus" / "rules.yaml"
MAPPING: Final = "format: segment\nrules: []\n"


@pytest.mark.parametrize("name", CASES)
def test_each_case_is_installed_upgraded_rolled_back_and_uninstalled(
    helm: str, name: str, make_namespace: MakeNamespace, tmp_path: Path
) -> None:
    """What is stored is what was rendered, without a warning, and in the end nothing is left."""
    namespace = make_namespace(helm)
    before = namespace.content()
    values = (f"--values={case(name)}",)
    changed = (*values, "--set=settings.loops.rate_per_s=7", f"--set-file=mapping.inline={mapping_in(tmp_path)}")

    first = release(namespace, "install", str(CHART), *values)
    second = release(namespace, "upgrade", str(CHART), *changed)
    third = release(namespace, "upgrade", newer_chart(namespace.deployer, tmp_path), *changed)
    said = namespace.deployer.helm("rollback", "events", "1").well().errors

    assert first != second != third
    assert "" == said
    assert [] == stored_otherwise(namespace, first)
    namespace.deployer.helm("uninstall", "events").well()
    assert before == namespace.content()


def test_two_values_are_enough(helm: str, make_namespace: MakeNamespace) -> None:
    """The brokers and the Secret's name."""
    namespace = make_namespace(helm)

    objects = release(namespace, "install", str(CHART), *TWO_VALUES)

    assert {"Deployment", "NetworkPolicy", "PodDisruptionBudget"} <= {whole["kind"] for whole in objects}


def test_pods_are_admitted_where_only_restricted_ones_are(helm: str, make_namespace: MakeNamespace) -> None:
    """Those of the Deployment, of the StatefulSet and of ``helm test``, as a controller would make them."""
    namespace = make_namespace(helm)
    for options in ((), ("--set=kafka.staticMembership=true",)):
        objects = release(namespace, "upgrade", str(CHART), "--install", *TWO_VALUES, *options)
        hooks = documents(namespace.deployer.helm("get", "hooks", "events").well().output)
        pods = [pod_of(workload_of(objects)), *hooks]

        created = namespace.deployer.kubectl("create", "--filename=-", given=written(*pods)).well()

        assert "" == created.errors
        assert [] == differences(pods, namespace.deployer.objects(written(*pods)))
        namespace.deployer.kubectl("delete", "--now", "--filename=-", given=written(*pods)).well()


def test_static_membership_puts_a_statefulset_in_the_deployments_place(
    helm: str, make_namespace: MakeNamespace
) -> None:
    """And back; never both, since both would run."""
    namespace = make_namespace(helm)

    kinds = []
    for static in ("false", "true", "false"):
        release(namespace, "upgrade", str(CHART), "--install", *TWO_VALUES, f"--set=kafka.staticMembership={static}")
        found = namespace.deployer.kubectl("get", "deployments,statefulsets", "--output=json").json()
        kinds.append([workload["kind"] for workload in found["items"]])

    assert [["Deployment"], ["StatefulSet"], ["Deployment"]] == kinds


def test_a_release_of_one_major_of_helm_is_taken_over_by_the_other(helm: str, make_namespace: MakeNamespace) -> None:
    """Whoever changes helm need not install again."""
    namespace = make_namespace(helm)
    release(namespace, "install", str(CHART), *TWO_VALUES)
    (other,) = {*HELMS} - {helm}
    theirs = Namespace(replace(namespace.deployer, helm_program=other), namespace.administrator)

    release(theirs, "upgrade", str(CHART), *TWO_VALUES, "--set=settings.loops.rate_per_s=7")


def test_with_keda_the_number_of_pods_is_kedas(helm: str, make_namespace: MakeNamespace) -> None:
    """Turned on in a running release it is one until KEDA says otherwise; from then on helm leaves it alone."""
    namespace = make_namespace(helm)
    keda = "--set=keda.enabled=true"
    release(namespace, "install", str(CHART), *TWO_VALUES)
    release(namespace, "upgrade", str(CHART), *TWO_VALUES, keda)
    turned_on = workload_of(stored_in(namespace))["spec"]["replicas"]
    namespace.deployer.kubectl("scale", "deployment/events-loops-consumer", "--replicas=5").well()
    release(namespace, "upgrade", str(CHART), *TWO_VALUES, keda, "--set=settings.loops.rate_per_s=7")

    assert [1, 5] == [turned_on, workload_of(stored_in(namespace))["spec"]["replicas"]]


def test_the_operator_of_prometheus_has_the_rules_as_they_lie_in_deploy(
    helm: str, make_namespace: MakeNamespace
) -> None:
    """All of them, and nothing else; only where the runbook is, is the user's to say."""
    namespace = make_namespace(helm)
    objects = release(namespace, "install", str(CHART), f"--values={case('monitoring')}")
    stored = namespace.deployer.objects(written(of_kind("PrometheusRule", objects)))
    namespace.deployer.helm("uninstall", "events").well()  # its dashboards are where all have theirs
    (rules,) = documents(RULES.read_text().replace(OURS, THEIRS))

    assert [rules["groups"]] == [whole["spec"]["groups"] for whole in stored]
    assert THEIRS in RULES.read_text().replace(OURS, THEIRS)


@pytest.mark.parametrize(
    ("value", "why"),
    (
        ('tolerations=[{"key": "a", "tolerationSeconds": "soon"}]', "tolerationSeconds"),
        ('affinity={"nodeAfinity": {}}', "affinity.nodeAfinity"),
        ('networkPolicy.extraEgress=[{"ports": [{"port": 99999999}]}]', "between 1 and 65535"),
    ),
)
def test_values_that_only_a_server_can_judge_are_refused(
    helm: str, value: str, why: str, make_namespace: MakeNamespace
) -> None:
    """A string for a number, an unknown field, a port that is none; helm 3 only warns of the second."""
    deployer = make_namespace(helm).deployer
    installed = deployer.helm("install", "events", str(CHART), *TWO_VALUES, f"--set-json={value}")

    only_warned = helm == "helm3" and why == "affinity.nodeAfinity"
    assert why in (installed.well().errors if only_warned else installed.refusal())


def test_going_back_heals_what_a_refused_upgrade_has_changed(helm: str, make_namespace: MakeNamespace) -> None:
    """The settings come before the workload, and so they are changed when that is refused."""
    namespace = make_namespace(helm)
    first = release(namespace, "install", str(CHART), *TWO_VALUES)
    broken = ("--set=settings.loops.rate_per_s=7", '--set-json=tolerations=[{"tolerationSeconds": "soon"}]')

    assert (
        "tolerationSeconds" in namespace.deployer.helm("upgrade", "events", str(CHART), *TWO_VALUES, *broken).refusal()
    )
    assert [] != stored_otherwise(namespace, first)
    namespace.deployer.helm("rollback", "events", "1").well()
    assert [] == stored_otherwise(namespace, first)


def release(namespace: Namespace, action: str, chart: str, *options: str) -> list[dict[str, Any]]:
    """Installs or upgrades the release ``events`` in silence, and returns its objects, which are those stored."""
    assert "" == namespace.deployer.helm(action, "events", chart, *options).well().errors
    rendered = documents(namespace.deployer.helm("get", "manifest", "events").well().output)
    assert [] == stored_otherwise(namespace, rendered)
    return rendered


def stored_in(namespace: Namespace) -> list[dict[str, Any]]:
    """What the server holds of the release's objects."""
    return namespace.deployer.objects(
        written(*documents(namespace.deployer.helm("get", "manifest", "events").well().output))
    )


def stored_otherwise(namespace: Namespace, rendered: Sequence[dict[str, Any]]) -> list[str]:
    """Where the server holds something else than what was rendered."""
    stored = namespace.deployer.objects(written(*rendered))
    return [
        found
        for one, other in zip(rendered, stored, strict=True)
        for found in differences(one, other, f"{named(one)}: ")
    ]


def workload_of(objects: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The Deployment or the StatefulSet."""
    (workload,) = (whole for whole in objects if whole["kind"] in {"Deployment", "StatefulSet"})
    return workload


def mapping_in(directory: Path) -> Path:
    """A file with another mapping than the cases have."""
    file = directory / "mapping.yaml"
    file.write_text(MAPPING)
    return file


def newer_chart(user: ClusterUser, directory: Path) -> str:
    """The chart as its next version will be packaged: what selects pods must not change with it."""
    versions = ("--version=9.9.9", "--app-version=9.9.9", f"--destination={directory}")
    user.helm("package", str(CHART), *versions).well()
    return str(directory / "loops-consumer-9.9.9.tgz")
