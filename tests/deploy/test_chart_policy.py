"""The chart's objects are held to our own policies, and to checkov's, whose exceptions are explained."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Final

import pytest
from ruamel.yaml import YAML

from tests.deploy.chart import CASES, objects, rendered
from tests.deploy.tools import ROOT, tool

POLICY: Final = ROOT / "deploy" / "policy"
EXCEPTIONS: Final = YAML(typ="safe").load(POLICY / "checkov.yaml")


def test_the_policies_do_what_they_say() -> None:
    """Each has a test in Rego in which it complains, of nothing but what was broken."""
    done = conftest("verify")

    assert (0, "") == (done.returncode, done.stdout if done.returncode else done.stderr)
    assert "0 failures" in done.stdout


@pytest.mark.parametrize("name", CASES)
def test_every_case_meets_our_policies(name: str, tmp_path: Path) -> None:
    """All objects of a case are judged together: a disruption budget beside its workload, a drain beside its pod."""
    file = tmp_path / "all.yaml"
    file.write_text(rendered(name))
    done = conftest("test", "--combine", str(file))

    assert 0 == done.returncode, done.stdout


def test_a_policy_that_is_not_met_fails(tmp_path: Path) -> None:
    """Objects reach the policies: else every case would meet them."""
    every = objects("default")
    (workload,) = (one for one in every if one["kind"] == "Deployment")
    workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 30
    file = tmp_path / "all.yaml"
    file.write_text("\n---\n".join(json.dumps(one) for one in every))
    done = conftest("test", "--combine", str(file))

    assert 1 == done.returncode
    assert "is killed 30 s after SIGTERM; allowed: drain_s and 10 s, which is 35" in done.stdout


@pytest.mark.timeout(300)
def test_checkov_complains_of_nothing_but_what_is_explained(tmp_path: Path) -> None:
    """And still of each of these: an exception that is needed no more hides what comes."""
    for name in CASES:
        (tmp_path / f"{name}.yaml").write_text(rendered(name))
    options = ("--framework", "kubernetes", "--skip-download", "--compact", "--output", "json")
    done = subprocess.run(  # noqa: S603 - our own tool
        [tool("checkov"), "--directory", str(tmp_path), *options],
        check=False,
        capture_output=True,
        text=True,
        timeout=150,
    )
    found = json.loads(done.stdout)

    assert found["summary"]["passed"] > len(CASES)
    assert {check: set(one["kinds"]) for check, one in EXCEPTIONS.items()} == kinds_by_check(
        found["results"]["failed_checks"]
    )
    assert all(one["why"] for one in EXCEPTIONS.values())


def kinds_by_check(complaints: list[dict[str, str]]) -> dict[str, set[str]]:
    """Which check complains of which kinds of objects."""
    out: dict[str, set[str]] = {}
    for one in complaints:
        out.setdefault(one["check_id"], set()).add(one["resource"].partition(".")[0])
    return out


def conftest(command: str, *options: str) -> subprocess.CompletedProcess[str]:
    """A call of conftest with our policies; what it says is in ``stdout``."""
    return subprocess.run(  # noqa: S603 - our own tool
        [tool("conftest"), command, "--no-color", "--policy", str(POLICY), *options],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
