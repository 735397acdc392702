"""The runbook's commands for kubectl and helm, on a real API server, in a namespace that takes restricted pods alone.

What a node does is not there: no log, no exec, no rollout that ends. Pods are made from the workload's own template.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.deploy import runbook
from tests.deploy.chart import CHART, HELMS
from tests.deploy.cluster_fixtures import MakeNamespace, Namespace
from tests.deploy.manifests import pod_of, written
from tests.deploy.runbook_shell import RunbookShell
from tests.deploy.tools import tool

pytestmark = [pytest.mark.timeout(180), pytest.mark.parametrize("helm", HELMS)]

KEY: Final = "typed-in-key"
MAPPING: Final = "format: segment\nrules:\n  - {name: trial-started, when: Trial Started, send: trialStarted}\n"
INSTALL: Final = "helm install loops-consumer deploy/chart --set kafka.bootstrapServers="
CHANGE: Final = (
    "helm upgrade loops-consumer deploy/chart --reuse-values --set-file mapping.inline=config/mapping.new.yaml"
)
UPGRADE: Final = "helm upgrade loops-consumer deploy/chart --reuse-values --set "
CHANGES: Final = (
    (f"{UPGRADE}resources.requests.memory=384Mi", "deployment", '"limits": {"memory": "384Mi"}'),
    (f"{UPGRADE}kafka.bootstrapServers=", "configmap", "new-kafka.example.com:9092"),
    (f"{UPGRADE}settings.loops.rate_per_s=auto", "configmap", "rate_per_s: auto"),
    (
        "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values --set image.tag=",
        "deployment",
        "consumer:0.1.1",
    ),
)
TESTS: Final = "tests: []\n"


class Room:
    """A namespace, and somebody with the runbook who may do in it what its administrators may."""

    def __init__(self, namespace: Namespace, directory: Path) -> None:
        """``directory`` is where the shell is."""
        self.user = namespace.deployer
        commands = directory / "commands"
        commands.mkdir()
        (commands / "helm").symlink_to(tool(self.user.helm_program))
        (directory / "config").mkdir()
        self.config = directory / "config"
        kubeconfig = directory / "kubeconfig"
        kubeconfig.write_text(self.user.kubeconfig.read_text())
        self.shell = RunbookShell(
            directory,
            {
                "HOME": str(directory),
                "KUBECONFIG": str(kubeconfig),
                "KAFKA_BOOTSTRAP_SERVERS": "kafka.example.com:9092",
            },
            {
                r"--namespace loops\b": f"--namespace {self.user.namespace}",
                r"\bdeploy/chart\b": str(CHART),
                r" --wait$": "",  # nothing becomes ready
                r"\bimage\.tag=0\.1\.0\b": "image.tag=0.1.1",  # another than there is
            },
            (commands,),
        )
        self.run("kubectl config set-context --current --namespace loops")

    def text(self, start: str, *, whole: bool = False) -> str:
        """The command of the runbook that begins so, or that is just this."""
        texts = {command.text for command in runbook.commands() if command.text.startswith(start)}
        found = texts & {start} if whole else texts
        assert len(found) == 1, f"{start} stands for {sorted(texts)}"
        return found.pop()

    def run(self, start: str, *, whole: bool = False, given: str = "", status: int = 0) -> str:
        """What that command says; ``given`` is typed in."""
        return self.shell.run(self.text(start, whole=whole), given=given, status=status)

    def change_by_hand(self, state: str) -> None:
        """The mapping becomes ``paused`` or ``resumed``, and pods are told."""
        self.run("kubectl get configmap loops-consumer-mapping")
        self.run({"paused": "(echo 'paused: true'; grep -v '^paused:' mapping.live.yaml)",
                  "resumed": "grep -v '^paused:' mapping.live.yaml"}[state])  # fmt: skip
        self.run(f"kubectl create configmap loops-consumer-mapping --from-file mapping.yaml=mapping.{state}.yaml")
        self.run("kubectl annotate pods")

    def deploy(self) -> None:
        """The section First deployment, up to where pods would have to run."""
        self.run('read -rs KEY && printf %s "$KEY" | kubectl create secret generic loops-api-key --from-file '
                 "api-key=/dev/stdin --dry-run=client --output yaml | kubectl apply --server-side --filename",
                 given=f"{KEY}\n")  # fmt: skip
        self.run(INSTALL)
        (self.config / "mapping.yaml").write_text(MAPPING)
        self.run(
            "helm upgrade loops-consumer deploy/chart --reuse-values --set-file mapping.inline=config/mapping.yaml"
        )

    def get(self, kind: str, name: str = "loops-consumer") -> dict[str, Any]:
        """What the server holds."""
        found: dict[str, Any] = self.user.kubectl("get", kind, name, "--output=json").json()
        return found

    def mapping(self) -> str:
        """What the pods would see."""
        return str(self.get("configmap", "loops-consumer-mapping")["data"]["mapping.yaml"])

    def make_pod(self) -> dict[str, Any]:
        """The pod that a controller would make of the Deployment."""
        pod = pod_of(self.get("deployment"))
        self.user.kubectl("create", "--filename=-", given=written(pod)).well()
        return pod


@pytest.fixture
def room(helm: str, make_namespace: MakeNamespace, tmp_path: Path) -> Room:
    """A namespace of its own, where the first deployment has been made."""
    room = Room(make_namespace(helm), tmp_path)
    room.deploy()
    return room


def test_the_first_deployment_leaves_a_key_and_a_mapping(room: Room) -> None:
    """The key as it was typed, without the line's end."""
    key = room.get("secret", "loops-api-key")["data"]["api-key"]

    assert KEY.encode() == base64.b64decode(key)
    assert "kafka.example.com:9092" in room.get("configmap")["data"]["consumer.yaml"]
    assert MAPPING == room.mapping()


def test_a_rotated_key_takes_the_old_ones_place(room: Room) -> None:
    """Whoever made the Secret."""
    room.run('read -rs KEY && printf %s "$KEY" | kubectl create secret generic loops-api-key --from-file '
             "api-key=/dev/stdin --dry-run=client --output yaml | kubectl apply --server-side --force-conflicts",
             given="second\n")  # fmt: skip

    assert b"second" == base64.b64decode(room.get("secret", "loops-api-key")["data"]["api-key"])


def test_stopped_by_scale_it_is_resumed_by_scale_and_by_any_upgrade(room: Room) -> None:
    """Helm knows its own number of replicas alone."""
    room.run("kubectl scale deploy/loops-consumer --replicas 0")
    assert 0 == room.get("deployment")["spec"]["replicas"]
    room.run("kubectl scale deploy/loops-consumer --replicas 2")
    assert 2 == room.get("deployment")["spec"]["replicas"]
    room.run("kubectl scale deploy/loops-consumer --replicas 0")
    room.run("helm upgrade loops-consumer deploy/chart --reuse-values --set settings.loops.rate_per_s=auto")
    assert 2 == room.get("deployment")["spec"]["replicas"]


def test_paused_twice_and_resumed_the_mapping_is_as_it_was(room: Room) -> None:
    """Further files beside it stay, and the pods are told."""
    pod = room.make_pod()["metadata"]["name"]
    files = f"--set-json=mapping.files={json.dumps({'tests/trials.yaml': TESTS})}"
    room.user.helm("upgrade", "loops-consumer", str(CHART), "--reuse-values", files).well()
    for state in ("paused", "paused", "resumed"):
        room.change_by_hand(state)
        assert {"paused": f"paused: true\n{MAPPING}", "resumed": MAPPING}[state] == room.mapping()

    assert TESTS == room.get("configmap", "loops-consumer-mapping")["data"]["tests__trials.yaml"]
    assert "loops-consumer/look-at" in room.get("pod", pod)["metadata"]["annotations"]


def test_helm_4_has_to_be_told_once_that_it_may_change_what_was_changed_by_hand(helm: str, room: Room) -> None:
    """Helm 3 overwrites without a word."""
    (room.config / "mapping.new.yaml").write_text(f"{MAPPING}# new\n")
    room.change_by_hand("paused")
    room.change_by_hand("resumed")
    if helm == "helm4":
        assert 'conflict with "kubectl-patch"' in room.run(CHANGE, whole=True, status=1)
        room.run(f"{CHANGE} --force-conflicts")
    else:
        room.run(CHANGE, whole=True)
    assert f"{MAPPING}# new\n" == room.mapping()


def test_a_changed_mapping_is_taken_back_by_a_rollback(room: Room) -> None:
    """To the revision before."""
    (room.config / "mapping.new.yaml").write_text(f"{MAPPING}# new\n")
    room.run(CHANGE, whole=True)
    room.run("helm history loops-consumer")
    room.run("helm rollback loops-consumer")

    assert MAPPING == room.mapping()


@pytest.mark.parametrize(("start", "kind", "expected"), CHANGES, ids=("memory", "brokers", "rate", "image"))
def test_what_is_set_arrives(room: Room, start: str, kind: str, expected: str) -> None:
    """And the mapping stays."""
    assert expected not in json.dumps(room.get(kind))
    room.run(start)

    assert expected in json.dumps(room.get(kind))
    assert MAPPING == room.mapping()


def test_before_a_group_is_set_back_it_waits_until_no_pod_is_there(room: Room) -> None:
    """Where there is none it does not wait."""
    waits = "kubectl wait --for delete pods --selector app.kubernetes.io/name=loops-consumer"
    room.run(waits)
    pod = room.make_pod()
    waiting = room.shell.begin(room.text(waits))
    room.user.kubectl("delete", "--now", "--filename=-", given=written(pod)).well()

    said, _ = waiting.communicate(timeout=60)
    assert 0 == waiting.returncode, said


def test_pods_are_listed_described_and_replaced(room: Room) -> None:
    """By the labels that the runbook names."""
    name = room.make_pod()["metadata"]["name"]

    assert name in room.run("kubectl get pods --selector app.kubernetes.io/name=loops-consumer", whole=True)
    assert "/readyz" in room.run("kubectl describe pods --selector app.kubernetes.io/name=loops-consumer", whole=True)
    room.run("kubectl rollout restart deploy/loops-consumer")
    annotations = room.get("deployment")["spec"]["template"]["metadata"]["annotations"]
    assert "kubectl.kubernetes.io/restartedAt" in annotations


def test_a_pod_for_work_by_hand_is_admitted(room: Room) -> None:
    """A copy of one that runs, with another command, without its probes and out of the Deployment's sight."""
    room.make_pod()
    room.shell.words = {
        **room.shell.words,
        r"^hand\(\) \{ (kubectl debug .*) --stdin --tty -- loops-consumer \"\$@\"; .*$": r"\1 --attach=false -- true",
    }
    room.run("hand() {")
    pod = room.get("pod", "loops-consumer-hand")
    (container,) = pod["spec"]["containers"]

    assert ["true"] == container["command"]
    assert "livenessProbe" not in container
    assert "app.kubernetes.io/name" not in pod["metadata"].get("labels", {})
