"""The comparison that the tests of the chart rest on."""

from __future__ import annotations

from tests.deploy.manifests import differences


def test_what_a_server_adds_is_no_difference() -> None:
    """Defaults, at every depth, and that it leaves out what is empty."""
    rendered = {"spec": {"ports": [{"port": 1}], "ingress": [], "labels": None}}

    assert [] == differences(rendered, {"spec": {"ports": [{"port": 1, "protocol": "TCP"}]}, "status": {}})


def test_a_lost_a_changed_and_a_further_value_are_differences() -> None:
    """Each with its place."""
    rendered = {"spec": {"replicas": 2, "paused": False, "ports": [1, 2]}}

    assert ["spec.replicas: 2 became None", "spec.paused: False became True", "spec.ports: [1, 2] became [1]"] == (
        differences(rendered, {"spec": {"paused": True, "ports": [1]}})
    )
