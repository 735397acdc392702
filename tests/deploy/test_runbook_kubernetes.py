"""The runbook's commands for Kubernetes, on a real API server, with the chart installed by both majors of helm.

Nothing runs there: pods are made by hand of the workload's template and get no node. So a command that goes into a pod
comes as far as the server's "no host assigned", and what it would run there is run by the other tests.
"""

from __future__ import annotations

import base64
import json
from typing import Final

import pytest

from tests.deploy import runbook
from tests.deploy.chart import CHART
from tests.deploy.controllers import Controllers
from tests.deploy.release import NO_NODE, RELEASE, Released, make_pod, make_test_pods
from tests.deploy.tools import ROOT

pytestmark = pytest.mark.timeout(300)

WAITS: Final = (
    "kubectl wait --for delete pods "
    "--selector app.kubernetes.io/name=loops-consumer,app.kubernetes.io/component=consumer --timeout 60s"
)


def test_it_is_installed_paused_and_goes_on_with_a_mapping(released: Released) -> None:
    """What waits for pods waits until they are reported."""
    assert "paused: true" in released.mapping()
    assert "one:9092,two:9093" == released.settings()["kafka"]["bootstrap_servers"]
    with Controllers(released.namespace.administrator, RELEASE):
        released.run("kubectl rollout status deploy/loops-consumer")
        released.run(
            "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values "
            "--set-file mapping.inline=config/mapping.yaml"
        )
        assert (ROOT / "config" / "mapping.yaml").read_text().strip() == released.mapping().strip()
        (released.shell.directory / "config" / "mapping.yaml").write_text("something else")
        released.run(
            """kubectl get configmap loops-consumer-mapping --output go-template='{{index .data "mapping.yaml"}}' """
            "> config/mapping.yaml"
        )
        assert released.mapping() == (released.shell.directory / "config" / "mapping.yaml").read_text(), "what runs"
        released.run("helm upgrade loops-consumer deploy/chart --reset-then-reuse-values --set image.tag=0.1.0")
    (consumer,) = released.held("deployment")["spec"]["template"]["spec"]["containers"]
    assert "registry.example.com/loops-consumer:0.1.0" == consumer["image"]


def test_without_helm_the_rendered_files_are_applied(released: Released) -> None:
    """Into the namespace of the context, beside or in place of a release."""
    released.namespace.deployer.helm("uninstall", RELEASE).well()
    released.run("kubectl apply -k deploy/kubernetes")
    assert "paused: true" in released.mapping()
    assert 2 == released.replicas()


def test_settings_are_changed_and_taken_back(released: Released) -> None:
    """Each by the value that the program knows under that name."""
    released.run(
        "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values --set settings.loops.reserve_per_s=3"
    )
    assert 3 == released.settings()["loops"]["reserve_per_s"]
    released.run(
        "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values --set settings.loops.rate_per_s=auto"
    )
    assert ("auto", 3) == (released.settings()["loops"]["rate_per_s"], released.settings()["loops"]["reserve_per_s"])
    released.run(
        "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values "
        "--set settings.kafka.start=earliest --set-literal kafka.bootstrapServers=new-kafka.example.com:9092"
    )
    assert "earliest" == released.settings()["kafka"]["start"]
    assert "new-kafka.example.com:9092" == released.settings()["kafka"]["bootstrap_servers"]
    released.run("helm rollback loops-consumer")
    assert "one:9092,two:9093" == released.settings()["kafka"]["bootstrap_servers"]
    released.run(
        "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values "
        "--set resources.requests.memory=384Mi --set resources.limits.memory=384Mi"
    )
    (consumer,) = released.held("deployment")["spec"]["template"]["spec"]["containers"]
    assert ("384Mi", "384Mi") == tuple(consumer["resources"][name]["memory"] for name in ("requests", "limits"))
    released.run(
        "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values --set settings.loops.reserve_per_s=0"
    )
    assert 0 == released.settings()["loops"]["reserve_per_s"]
    released.namespace.deployer.helm(
        "upgrade", RELEASE, str(CHART), "--reset-then-reuse-values", "--set=replicaCount=6"
    ).well()
    released.run("helm upgrade loops-consumer deploy/chart --reset-then-reuse-values --set replicaCount=2")
    assert 2 == released.replicas()


def test_stopped_and_resumed_by_the_number_of_pods(released: Released) -> None:
    """A helm upgrade while it is stopped starts it again, as the runbook warns."""
    released.run("kubectl scale deploy/loops-consumer --replicas 0")
    assert 0 == released.replicas()
    released.run(WAITS)
    make_pod(released)
    make_test_pods(released)
    waiting = released.shell.begin(WAITS)
    released.namespace.administrator.kubectl("delete", "pod", f"{RELEASE}-0", "--now").well()
    said, _ = waiting.communicate(timeout=90)
    assert 0 == waiting.returncode, said
    released.run("kubectl scale deploy/loops-consumer --replicas 2")
    assert 2 == released.replicas()
    released.run("kubectl scale deploy/loops-consumer --replicas 0")
    released.run(
        "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values --set settings.loops.reserve_per_s=3"
    )
    assert 2 == released.replicas()
    before = released.held("deployment")["metadata"]["generation"]
    released.run("kubectl rollout restart deploy/loops-consumer")
    assert before < released.held("deployment")["metadata"]["generation"]


def test_paused_and_resumed_by_the_mapping(released: Released) -> None:
    """Nothing else of the mapping changes, nor of its ConfigMap; the pods are told to look, and none is replaced."""
    released.run(
        "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values "
        "--set-file mapping.inline=config/mapping.new.yaml"
    )
    make_pod(released)
    before, labels = released.mapping(), released.held("configmap", f"{RELEASE}-mapping")["metadata"]["labels"]
    template = released.held("deployment")["spec"]["template"]

    pause(released)
    assert f"paused: true\n{before}" == released.mapping()
    pause(released)
    assert f"paused: true\n{before}" == released.mapping(), "twice is once"
    resume(released)
    assert before == released.mapping()
    assert labels == released.held("configmap", f"{RELEASE}-mapping")["metadata"]["labels"]
    assert template == released.held("deployment")["spec"]["template"]
    assert "loops-consumer/look-at" in released.held("pod", f"{RELEASE}-0")["metadata"]["annotations"]
    released.run(
        "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values --set settings.loops.reserve_per_s=3"
    )


def test_after_a_pause_helm_4_has_to_be_told_once_that_it_may_change_the_mapping(released: Released) -> None:
    """Helm 3 overwrites without a word; files beside the mapping stay through a pause."""
    files = '--set-json=mapping.files={"tests/trials.yaml": "tests: []"}'
    released.namespace.deployer.helm("upgrade", RELEASE, str(CHART), "--reset-then-reuse-values", files).well()
    make_pod(released)
    pause(released)
    resume(released)
    assert "tests: []" in released.held("configmap", f"{RELEASE}-mapping")["data"]["tests__trials.yaml"]
    change = released.shell.directory / "config" / "mapping.new.yaml"
    change.write_text("format: segment\nrules: []\n")
    said = released.run(
        "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values "
        "--set-file mapping.inline=config/mapping.new.yaml",
        status={"helm3": 0, "helm4": 1}[released.helm],
    )
    if released.helm == "helm4":
        assert 'conflict with "kubectl-patch"' in said
        released.run(
            "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values "
            "--set-file mapping.inline=config/mapping.new.yaml --force-conflicts"
        )
    assert change.read_text() == released.mapping()
    assert "superseded" in released.run("helm history loops-consumer")


def test_a_helm_upgrade_while_it_is_paused_is_refused_or_resumes(released: Released) -> None:
    """By helm 4 it is refused, helm 3 resumes; the runbook says to resume before."""
    released.run(
        "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values "
        "--set-file mapping.inline=config/mapping.new.yaml"
    )
    make_pod(released)
    pause(released)
    said = released.run(
        "helm upgrade loops-consumer deploy/chart --reset-then-reuse-values --set settings.loops.reserve_per_s=3",
        status={"helm3": 0, "helm4": 1}[released.helm],
    )
    refused = released.helm == "helm4"
    assert refused is ("conflict" in said)
    assert refused is released.mapping().startswith("paused: true")


def test_the_key_is_replaced_and_stands_nowhere_else(released: Released) -> None:
    """Not in an annotation either."""
    released.run(
        'read -rs KEY && printf %s "$KEY" | kubectl create secret generic loops '
        "--from-file api-key=/dev/stdin --dry-run=client --output yaml "
        "| kubectl apply --server-side --force-conflicts --filename -",
        given="another-key\n",
    )
    assert "another-key" == released.key()
    secret = released.held("secret", "loops")
    del secret["data"]
    assert base64.b64encode(b"another-key").decode() not in json.dumps(secret)


def test_every_pod_is_asked_for_the_key_that_it_has(released: Released) -> None:
    """By the sum of the file that the consumer reads; from there a node would go on."""
    make_pod(released)
    said = released.run(
        "for POD in $(kubectl get pods --selector "
        "app.kubernetes.io/name=loops-consumer,app.kubernetes.io/component=consumer --output name); "
        'do kubectl exec "$POD" --container consumer -- '
        "sha256sum /etc/loops-consumer/secrets/loops/api-key; done",
        status=1,
    )
    assert NO_NODE in said
    assert f"{RELEASE}-0" in said
    (consumer,) = released.held("deployment")["spec"]["template"]["spec"]["containers"]
    (mounted,) = (each for each in consumer["volumeMounts"] if each["name"] == "loops")
    assert "/etc/loops-consumer/secrets/loops" == mounted["mountPath"]
    assert "subPath" not in mounted, "a file that is mounted alone stays as it was"
    assert "secrets/loops/api-key" == released.settings()["loops"]["api_key_file"]


def test_what_is_looked_at_is_there(released: Released) -> None:
    """The selector finds the consumers alone, the container and the port are theirs; from there a node would go on."""
    make_pod(released)
    make_test_pods(released)
    found = released.run(
        "kubectl get pods --selector app.kubernetes.io/name=loops-consumer,app.kubernetes.io/component=consumer"
    )
    assert [f"{RELEASE}-0"] == [line.split()[0] for line in found.splitlines()[1:]]
    described = released.run(
        "kubectl describe pods --selector app.kubernetes.io/name=loops-consumer,app.kubernetes.io/component=consumer"
    )
    assert "9464" in described
    for command in runbook.commands():
        if command.text.startswith("kubectl exec "):
            assert NO_NODE in released.run(command.text, status=1)
    assert "not running" in released.run("kubectl port-forward deploy/loops-consumer 9464", status=1)
    released.run(
        "kubectl logs --selector app.kubernetes.io/name=loops-consumer,app.kubernetes.io/component=consumer "
        "--container consumer --prefix --tail 50"
    )
    released.run(
        "kubectl logs --selector app.kubernetes.io/name=loops-consumer,app.kubernetes.io/component=consumer "
        "--all-containers --prefix --tail 20"
    )
    released.run(
        "kubectl logs --selector app.kubernetes.io/name=loops-consumer,app.kubernetes.io/component=consumer "
        "--container consumer --prefix --previous --tail 50"
    )
    released.run(
        "kubectl logs --selector app.kubernetes.io/name=loops-consumer,app.kubernetes.io/component=consumer "
        "--container consumer --prefix --tail 5000 "
        "| grep -E 'skipped_by_retention|position_beyond'",
        status=1,
    )


def pause(released: Released) -> None:
    """As the runbook does it."""
    released.run(
        """kubectl get configmap loops-consumer-mapping --output go-template='{{index .data "mapping.yaml"}}' """
        "> mapping.live.yaml"
    )
    released.run("(echo 'paused: true'; grep -v '^paused:' mapping.live.yaml) > mapping.paused.yaml")
    released.run(
        "kubectl create configmap loops-consumer-mapping --from-file mapping.yaml=mapping.paused.yaml "
        "--dry-run=client --output yaml "
        "| kubectl patch configmap loops-consumer-mapping --type merge --patch-file /dev/stdin"
    )
    released.run(
        "kubectl annotate pods "
        "--selector app.kubernetes.io/name=loops-consumer,app.kubernetes.io/component=consumer "
        'loops-consumer/look-at="$(date +%s)" --overwrite'
    )


def resume(released: Released) -> None:
    """As the runbook does it."""
    released.run(
        """kubectl get configmap loops-consumer-mapping --output go-template='{{index .data "mapping.yaml"}}' """
        "> mapping.live.yaml"
    )
    released.run("grep -v '^paused:' mapping.live.yaml > mapping.resumed.yaml")
    released.run(
        "kubectl create configmap loops-consumer-mapping --from-file mapping.yaml=mapping.resumed.yaml "
        "--dry-run=client --output yaml "
        "| kubectl patch configmap loops-consumer-mapping --type merge --patch-file /dev/stdin"
    )
