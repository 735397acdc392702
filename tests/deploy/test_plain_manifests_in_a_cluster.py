"""The manifests for those without helm, on a real API server, by both of kubectl's ways to apply."""

from __future__ import annotations

from typing import Final

import pytest

from tests.deploy.cluster_fixtures import MakeNamespace
from tests.deploy.cluster_user import ClusterUser
from tests.deploy.manifests import differences, documents, named, pod_of, written
from tests.deploy.tools import ROOT

pytestmark = [pytest.mark.timeout(300), pytest.mark.parametrize("way", ("--server-side=false", "--server-side=true"))]

DIRECTORIES: Final = (ROOT / "deploy" / "kubernetes", ROOT / "deploy" / "kubernetes" / "monitoring")


def test_they_are_taken_as_they_are_and_a_second_time_change_nothing(way: str, make_namespace: MakeNamespace) -> None:
    """Without a warning."""
    user = make_namespace("helm4").deployer
    for directory in DIRECTORIES:
        rendered = user.kubectl("kustomize", str(directory)).well().output
        assert "" == user.kubectl("apply", way, f"--kustomize={directory}").well().errors
        stored = {named(whole): whole for whole in user.objects(rendered)}
        assert [] == [
            found
            for whole in documents(rendered)
            for found in differences(whole, stored[named(whole)], f"{named(whole)}: ")
        ]
        versions = versions_of(user, rendered)
        user.kubectl("apply", way, f"--kustomize={directory}").well()
        assert versions == versions_of(user, rendered)


def test_their_pods_are_admitted_where_only_restricted_ones_are(way: str, make_namespace: MakeNamespace) -> None:
    """As a controller would make them."""
    user = make_namespace("helm4").deployer
    user.kubectl("apply", way, f"--kustomize={DIRECTORIES[0]}").well()
    pod = pod_of(user.kubectl("get", "deployment", "loops-consumer", "--output=json").json())

    assert "" == user.kubectl("create", "--filename=-", given=written(pod)).well().errors


def versions_of(user: ClusterUser, manifest: str) -> list[str]:
    """What changes with every change of an object."""
    return [whole["metadata"]["resourceVersion"] for whole in user.objects(manifest)]
