"""The chart installed by the runbook's own commands, on a real API server that starts no pods."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from tests.deploy.chart import HELMS
from tests.deploy.cluster_fixtures import MakeNamespace, Namespace
from tests.deploy.manifests import documents, named, pod_of, written
from tests.deploy.runbook_shell import RunbookShell
from tests.deploy.tools import ROOT, tool

__all__ = ["NO_NODE", "RELEASE", "Released", "make_pod", "make_test_pods", "released"]

RELEASE: Final = "loops-consumer"
NO_NODE: Final = "does not have a host assigned"
"""What the server says where it would ask a node."""


@dataclass(frozen=True, slots=True)
class Released:
    """The chart, installed as the runbook's first deployment does it, by somebody who may do so in one namespace."""

    shell: RunbookShell
    namespace: Namespace
    helm: str

    def run(self, text: str, *, pasted: str = "", given: str = "", status: int = 0) -> str:
        """As :meth:`RunbookShell.run` does."""
        return self.shell.run(text, pasted=pasted, given=given, status=status)

    def held(self, kind: str, name: str = RELEASE) -> dict[str, Any]:
        """An object as the server holds it."""
        found: dict[str, Any] = self.namespace.administrator.kubectl("get", kind, name, "--output=json").json()
        return found

    def settings(self) -> dict[str, Any]:
        """``consumer.yaml``."""
        found: dict[str, Any] = YAML(typ="safe").load(self.held("configmap")["data"]["consumer.yaml"])
        return found

    def mapping(self) -> str:
        """``mapping.yaml``."""
        return str(self.held("configmap", f"{RELEASE}-mapping")["data"]["mapping.yaml"])

    def key(self) -> str:
        """The key of Loops."""
        return base64.b64decode(self.held("secret", "loops")["data"]["api-key"]).decode()

    def replicas(self) -> int:
        """How many pods are wanted."""
        return int(self.held("deployment")["spec"]["replicas"])


@pytest.fixture(params=HELMS)
def released(request: pytest.FixtureRequest, tmp_path: Path, make_namespace: MakeNamespace) -> Iterator[Released]:
    """The release, by the runbook's own commands."""
    namespace = make_namespace(request.param)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "helm").symlink_to(Path(tool(request.param)).resolve())
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    shutil.copytree(ROOT / "config", tmp_path / "config")
    shutil.copy(tmp_path / "config" / "mapping.yaml", tmp_path / "config" / "mapping.new.yaml")
    kubeconfig = str(shutil.copy(namespace.deployer.kubeconfig, tmp_path / "kubeconfig"))
    shell = RunbookShell(
        tmp_path,
        {"HOME": str(tmp_path), "KUBECONFIG": kubeconfig, "KAFKA_BOOTSTRAP_SERVERS": "one:9092,two:9093"},
        {r"--namespace email\b": f"--namespace {namespace.deployer.namespace}"},
        (tmp_path / "bin",),
    )
    shell.run("kubectl config set-context --current --namespace email")
    shell.run(
        'read -rs KEY && printf %s "$KEY" | kubectl create secret generic loops '
        "--from-file api-key=/dev/stdin --dry-run=client --output yaml | kubectl apply --server-side --filename -",
        given="a-key\n",
    )
    shell.run(
        "helm install loops-consumer deploy/chart --set loops.existingSecret=loops "
        "--set image.repository=registry.example.com/loops-consumer "
        '--set-literal kafka.bootstrapServers="$KAFKA_BOOTSTRAP_SERVERS"'
    )
    yield Released(shell, namespace, request.param)
    namespace.administrator.kubectl("delete", "namespace", namespace.deployer.namespace, "--wait=false")


def make_pod(released: Released) -> None:
    """What a controller would make of the workload's template."""
    pod = pod_of(released.held("deployment"))
    released.namespace.administrator.kubectl("create", "--filename=-", given=written(pod)).well()


def make_test_pods(released: Released) -> None:
    """Those of ``helm test``, as they stay behind it."""
    pods = documents(released.namespace.deployer.helm("get", "hooks", RELEASE).well().output)
    assert {f"Pod/{RELEASE}-test-{name}" for name in ("kafka", "loops")} == {*map(named, pods)}
    released.namespace.administrator.kubectl("create", "--filename=-", given=written(*pods)).well()
