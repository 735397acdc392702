"""An API server for a run of the tests, and namespaces in it as a platform team hands them out."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.deploy.api_server import ADMINISTRATOR, DEPLOYER, ApiServer
from tests.deploy.cluster_user import ClusterUser
from tests.deploy.manifests import written
from tests.deploy.tools import CUSTOM_RESOURCES

__all__ = ["MakeNamespace", "Namespace", "administrator", "api_server", "make_namespace"]

_RIGHTS: Final = {"apiVersion": "rbac.authorization.k8s.io/v1"}
_CUSTOM: Final = {
    "external-secrets.io": ["externalsecrets"],
    "keda.sh": ["scaledobjects", "triggerauthentications"],
    "monitoring.coreos.com": ["podmonitors", "prometheusrules"],
}
# What the roles view, edit and admin are put together of; no controller does so here.
_ROLES: Final = ("system:aggregate-to-view", "system:aggregate-to-edit", "system:aggregate-to-admin")
_DASHBOARDS: Final = ("get", "configmaps", "--namespace=monitoring")


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace that takes restricted pods alone, and warns who makes a controller for others."""

    deployer: ClusterUser
    """May do in it what an administrator of it may, and nothing outside."""
    administrator: ClusterUser
    """May do everything."""

    def kinds(self) -> str:
        """All kinds that a namespace can hold, comma separated."""
        names = self.administrator.kubectl("api-resources", "--namespaced", "--verbs=list,get,create", "--output=name")
        return ",".join(names.well().output.split())

    def content(self) -> set[str]:
        """Everything in it and where the dashboards go, as ``kind.group/name``."""
        looks = (("get", self.kinds(), "--output=name"), (*_DASHBOARDS, "--output=name"))
        return {name for look in looks for name in self.administrator.kubectl(*look).well().output.split()}


MakeNamespace = Callable[[str], Namespace]


@pytest.fixture(scope="session")
def api_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A Kubernetes API server, started once a run, that knows the operators' custom resources."""
    with ApiServer(tmp_path_factory.mktemp("api-server")) as server:
        user = ClusterUser(server.kubeconfig(ADMINISTRATOR), tmp_path_factory.mktemp("administrator"))
        user.kubectl("create", f"--filename={CUSTOM_RESOURCES}").well()
        user.kubectl("wait", "--for=condition=Established", "--timeout=90s", "crd", "--all").well()
        user.kubectl("create", "namespace", "monitoring").well()
        rights = written(*(_binding("ClusterRole", name) for name in _ROLES))
        user.kubectl("create", "--namespace=monitoring", "--filename=-", given=rights).well()
        yield server


@pytest.fixture(scope="session")
def administrator(api_server: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> ClusterUser:
    """Who may do everything, in the namespace ``default``."""
    return ClusterUser(api_server.kubeconfig(ADMINISTRATOR), tmp_path_factory.mktemp("administrator"))


@pytest.fixture(scope="session")
def make_namespace(
    api_server: ApiServer, administrator: ClusterUser, tmp_path_factory: pytest.TempPathFactory
) -> MakeNamespace:
    """Makes a namespace with a name of its own, for users of this helm."""
    home = tmp_path_factory.mktemp("deployer")

    def make(helm: str) -> Namespace:
        name = f"team-{uuid.uuid4().hex[:12]}"
        administrator.kubectl("create", "--filename=-", given=written(_namespace(name))).well()
        user = ClusterUser(api_server.kubeconfig(ADMINISTRATOR, namespace=name), administrator.home, name, helm)
        user.kubectl("create", "--filename=-", given=written(*_in_namespace())).well()
        return Namespace(ClusterUser(api_server.kubeconfig(DEPLOYER, namespace=name), home, name, helm), user)

    return make


def _namespace(name: str) -> dict[str, Any]:
    labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _in_namespace() -> list[dict[str, Any]]:
    """What controllers and the platform team put into a namespace: an account for pods, and rights for deployers."""
    rules = [{"apiGroups": [group], "resources": kinds, "verbs": ["*"]} for group, kinds in _CUSTOM.items()]
    role = _RIGHTS | {"kind": "Role", "metadata": {"name": "custom-resources"}, "rules": rules}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
    kinds_of_roles = [("Role", "custom-resources"), *(("ClusterRole", name) for name in _ROLES)]
    return [account, role, *(_binding(kind, name) for kind, name in kinds_of_roles)]


def _binding(kind: str, name: str) -> dict[str, Any]:
    return _RIGHTS | {
        "kind": "RoleBinding",
        "metadata": {"name": f"deployers-{name.rsplit(':', 1)[-1]}"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "deployers"}],
    }
