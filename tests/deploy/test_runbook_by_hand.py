"""What the runbook does beside the consumers: the image, the namespace, the release's test, a command in a pod."""

from __future__ import annotations

import json
import shlex
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.deploy import runbook
from tests.deploy.chart import CHART
from tests.deploy.chart_files import KUBERNETES
from tests.deploy.cluster_user import ClusterUser
from tests.deploy.controllers import Controllers
from tests.deploy.manifests import documents
from tests.deploy.release import RELEASE, Released
from tests.deploy.runbook_shell import RunbookShell
from tests.deploy.tools import ROOT
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)


def test_the_namespace_is_made(administrator: ClusterUser, tmp_path: Path) -> None:
    """By somebody who may."""
    name = f"made-{uuid.uuid4().hex[:12]}"
    variables = {"HOME": str(tmp_path), "KUBECONFIG": str(administrator.kubeconfig)}
    RunbookShell(tmp_path, variables, {r"\bemail\b": name}).run("kubectl create namespace email")
    administrator.kubectl("delete", "namespace", name, "--wait=false").well()


def test_what_is_pushed_is_what_the_pods_run(released: Released) -> None:
    """The same name in what is built, pushed, installed and applied, in each container."""
    (built,) = {one.text.rpartition("=")[2] for one in runbook.commands() if one.text.startswith("make image ")}
    (pushed,) = {one.text.split()[-1] for one in runbook.commands() if one.text.startswith("docker push ")}
    release = released.held("deployment")
    applied = documents(released.namespace.deployer.kubectl("kustomize", str(KUBERNETES)).well().output)
    (workload,) = (one for one in applied if one["kind"] == "Deployment")
    specs = [one["spec"]["template"]["spec"] for one in (release, workload)]
    assert {built, pushed} == {
        container["image"] for spec in specs for container in (*spec["initContainers"], *spec["containers"])
    }


def test_a_command_of_ours_has_a_pod_of_its_own(released: Released) -> None:
    """Of the release's own making, as no pod of it runs; it runs once, is no consumer, and is removed with its end."""
    (container,) = released.held("deployment")["spec"]["template"]["spec"]["containers"]
    for command in {one.text for one in runbook.commands() if one.text.startswith("deploy/hand.sh ")}:
        pod = made_and_removed(released, command)
        assert "Never" == pod["spec"]["restartPolicy"]
        (consumer,) = pod["spec"]["containers"]
        assert [*shlex.split(command)[1:]] == consumer["args"]
        same = ("image", "volumeMounts", "resources", "securityContext")
        assert [container[name] for name in same] == [consumer[name] for name in same]
        assert not {"command", "livenessProbe", "readinessProbe", "startupProbe"} & consumer.keys()
        assert {"config", "mapping", "loops", "tmp"} == {volume["name"] for volume in pod["spec"]["volumes"]}
        assert "initContainers" not in pod["spec"]
        selected = released.held("networkpolicy")["spec"]["podSelector"]["matchLabels"]
        assert selected.items() <= pod["metadata"]["labels"].items(), "the network policy holds for it"
        assert "consumer" != pod["metadata"]["labels"]["app.kubernetes.io/component"]


def test_with_static_membership_too_a_command_of_ours_has_a_pod_of_its_own(released: Released) -> None:
    """As a member of the group that is none of the consumers."""
    released.namespace.deployer.helm(
        "upgrade", RELEASE, str(CHART), "--reset-then-reuse-values", "--set=kafka.staticMembership=true"
    ).well()
    (consumer,) = made_and_removed(released, "deploy/hand.sh why --user-id u1 --since beginning")["spec"]["containers"]
    (instance,) = (one for one in consumer["env"] if one["name"] == "LOOPS_CONSUMER__KAFKA__GROUP_INSTANCE_ID")
    assert "metadata.name" == instance["valueFrom"]["fieldRef"]["fieldPath"]


def test_a_command_of_ours_that_is_missing_makes_no_pod(released: Released) -> None:
    """And says what is wanted."""
    ended = subprocess.run(  # noqa: S603 - our own script
        ["/bin/bash", str(ROOT / "deploy" / "hand.sh")], capture_output=True, check=False, text=True
    )
    assert 1 == ended.returncode
    assert "deploy/hand.sh: say which command, as: deploy/hand.sh why --user-id u1\n" == ended.stderr
    assert not pod_by_hand(released)


def test_the_release_is_tested(released: Released) -> None:
    """Its pod's commands are run by the other tests; their logs would be a node's to have."""
    with Controllers(released.namespace.administrator, RELEASE):
        said = released.run("helm test loops-consumer --logs")
    assert 2 == said.count("Succeeded")
    assert all(f"POD LOGS: {RELEASE}-test-{name}" in said for name in ("kafka", "loops"))


def pod_by_hand(released: Released) -> dict[str, Any]:
    """The pod of ``deploy/hand.sh``; empty: there is none."""
    selector = "--selector=app.kubernetes.io/component=hand"
    found = released.namespace.administrator.kubectl("get", "pods", selector, "--output=json").json()["items"]
    return dict(found[0]) if found else {}


def made_and_removed(released: Released, command: str) -> dict[str, Any]:
    """The pod that a command by hand made, named, and removed when it had ended, with the status of its own."""
    with ThreadPoolExecutor(1) as terminal:
        ends = terminal.submit(released.run, command, status=3)
        pod = until(lambda: pod_by_hand(released), 90, "its pod is there")
        report_end(released, pod["metadata"]["name"], 3)
        assert f"pod {pod['metadata']['name']}\n" in ends.result(90)
    until(lambda: not pod_by_hand(released), 90, "it is removed")
    return pod


def report_end(released: Released, pod: str, status: int) -> None:
    """What a node would report of a pod whose command has ended so."""
    ended = {"name": "consumer", "image": "", "imageID": "", "ready": False, "restartCount": 0}
    ended["state"] = {"terminated": {"exitCode": status}}
    patch = json.dumps({"status": {"phase": "Failed", "containerStatuses": [ended]}})
    options = ("--subresource=status", "--type=merge", f"--patch={patch}")
    released.namespace.administrator.kubectl("patch", "pod", pod, *options).well()
