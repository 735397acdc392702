"""The API server of these tests is as strict as a cluster's: else what it takes would say nothing."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.deploy.api_server import ADMINISTRATOR, NOBODY, ApiServer
from tests.deploy.cluster_fixtures import MakeNamespace
from tests.deploy.cluster_user import ClusterUser, Ran
from tests.deploy.tools import ROOT

pytestmark = pytest.mark.timeout(300)

VERSION: Final = re.search(r"k8s\.io/kubernetes (v\S+)", (ROOT / "tests/deploy/apiserver/go.mod").read_text())
CONTAINER: Final[dict[str, Any]] = {"name": "idle", "image": "idle:1"}
METADATA: Final = {"name": "tried"}


def test_it_is_the_version_that_the_module_names(administrator: ClusterUser) -> None:
    """Charts look at it."""
    assert VERSION is not None
    assert VERSION[1] == administrator.kubectl("version", "--output=json").json()["serverVersion"]["gitVersion"]


def test_without_a_token_or_with_another_nobody_comes_in(api_server: ApiServer, administrator: ClusterUser) -> None:
    """Not even to look at versions."""
    stranger = ClusterUser(api_server.kubeconfig(ADMINISTRATOR, token="guessed"), administrator.home)

    assert 401 == api_server.status("/version")
    assert 200 == api_server.status("/version", ADMINISTRATOR)
    assert "must be logged in" in stranger.kubectl("get", "namespaces").refusal()


def test_who_has_no_role_may_do_nothing(api_server: ApiServer, administrator: ClusterUser) -> None:
    """Roles decide, and nothing else."""
    nobody = ClusterUser(api_server.kubeconfig(NOBODY), administrator.home)

    assert 'User "nobody" cannot list resource "secrets"' in nobody.kubectl("get", "secrets").refusal()


@pytest.mark.parametrize(
    ("spec", "why"),
    (
        ({"selector": {}, "replica": 1}, 'unknown field "spec.replica"'),
        ({"replicas": "many"}, "unmarshal string into Go struct field"),
        (
            {"template": {"spec": {"containers": [CONTAINER | {"ports": [{"containerPort": 99999999}]}]}}},
            "must be between 1 and 65535",
        ),
    ),
)
def test_what_is_not_a_deployment_is_refused(administrator: ClusterUser, spec: dict[str, Any], why: str) -> None:
    """An unknown field, a string for a number, a value out of its range."""
    assert why in create(administrator, "apps/v1", "Deployment", spec).refusal()


def test_a_rule_of_a_custom_resource_definition_is_applied(administrator: ClusterUser) -> None:
    """The common expression language decides on what types cannot say."""
    rule = {"rule": "self.low <= self.high", "message": "low is above high"}
    numbers = {"type": "object", "properties": {"low": {"type": "integer"}, "high": {"type": "integer"}}}
    schema = {"type": "object", "properties": {"spec": numbers | {"x-kubernetes-validations": [rule]}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": "ranges", "singular": "range", "kind": "Range"}
    spec = {"group": "tests.example", "scope": "Namespaced", "names": names, "versions": [version]}
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": spec}
    named = definition | {"metadata": {"name": "ranges.tests.example"}}
    administrator.kubectl("create", "--filename=-", given=json.dumps(named)).well()
    administrator.kubectl("wait", "--for=condition=Established", "--timeout=90s", "crd/ranges.tests.example").well()

    assert "low is above high" in create(administrator, "tests.example/v1", "Range", {"low": 2, "high": 1}).refusal()
    create(administrator, "tests.example/v1", "Range", {"low": 1, "high": 2}).well()


@pytest.mark.parametrize(
    ("version", "kind", "spec", "why"),
    (
        ("external-secrets.io/v1", "ExternalSecret", {"refreshPolicy": "Sometimes"}, "Unsupported value"),
        ("keda.sh/v1alpha1", "ScaledObject", {"triggers": []}, "spec.scaleTargetRef: Required value"),
        ("keda.sh/v1alpha1", "TriggerAuthentication", {"secretTargetRef": [{"key": "a"}]}, "name: Required value"),
        ("monitoring.coreos.com/v1", "PodMonitor", {"selector": {}, "podMetricsEndpoint": []}, "unknown field"),
        ("monitoring.coreos.com/v1", "PrometheusRule", {"groups": [{"name": "a", "rules": [{}]}]}, "expr: Required"),
    ),
)
def test_what_the_operators_would_not_take_is_refused(
    administrator: ClusterUser, version: str, kind: str, spec: dict[str, Any], why: str
) -> None:
    """Their own definitions are there."""
    assert why in create(administrator, version, kind, spec).refusal()


def test_pod_security_is_enforced(make_namespace: MakeNamespace) -> None:
    """A pod is refused, and who makes a controller for such pods is warned."""
    user = make_namespace("helm4").deployer
    pod = {"containers": [CONTAINER]}
    template = {"metadata": {"labels": {"app": "idle"}}, "spec": pod}
    deployment = {"selector": {"matchLabels": {"app": "idle"}}, "template": template}

    assert 'violates PodSecurity "restricted' in create(user, "v1", "Pod", pod).refusal()
    assert 'would violate PodSecurity "restricted' in create(user, "apps/v1", "Deployment", deployment).well().errors


def test_a_deployer_may_do_nothing_outside_its_namespace(make_namespace: MakeNamespace) -> None:
    """So what the chart makes needs no more rights than a namespace's administrator has."""
    user = make_namespace("helm4").deployer

    assert "forbidden" in user.kubectl("get", "pods", "--all-namespaces").refusal()
    assert "forbidden" in user.kubectl("create", "namespace", "another").refusal()


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    """And leaves nothing running."""
    server = ApiServer(tmp_path)
    with (
        socket.create_server(("127.0.0.1", int(server.url.rsplit(":", 1)[1]))),
        pytest.raises(RuntimeError, match="address already in use"),
    ):
        server.start()

    assert [] == server.running


def create(user: ClusterUser, version: str, kind: str, spec: Mapping[str, Any]) -> Ran:
    """Creates an object of this kind, named ``tried``."""
    whole = {"apiVersion": version, "kind": kind, "metadata": METADATA, "spec": spec}
    return user.kubectl("create", "--filename=-", given=json.dumps(whole))
