"""deploy/README.md names all that is in deploy/, and what it says of checks is there."""

from __future__ import annotations

import re
import shlex
from typing import Final

import kubernetes_validate
import pytest

from tests.deploy.chart import helm
from tests.deploy.manifests import documents
from tests.deploy.tools import ROOT

DEPLOY: Final = ROOT / "deploy"
README: Final = (DEPLOY / "README.md").read_text()
SAID: Final = dict(re.findall(r"^\| (`[^|]+`) \| [^|]+ \| (.+) \|$", README, re.MULTILINE))
"""The first and the third column of the table of what is here."""
OURS: Final = {"README.md", "__init__.py", "__pycache__"}


def test_all_that_is_in_it_stands_in_its_table() -> None:
    """And nothing that is not there."""
    named = {name.rstrip("/") for cell in SAID for name in re.findall(r"`([^`]+)`", cell)}
    assert {path.name for path in DEPLOY.iterdir()} - OURS == named


def test_each_check_that_it_names_is_there() -> None:
    """A pattern has at least one."""
    checks = set(re.findall(r"`([\w*]+\.py)`", README))
    assert len(checks) > 10
    assert set() == {check for check in checks if not list((ROOT / "tests" / "deploy").glob(check))}


@pytest.mark.parametrize("version", ("helm3", "helm4"))
def test_its_two_values_make_valid_objects(version: str) -> None:
    """By the command that it has, as it stands."""
    (command,) = re.findall(r"^helm install (.+)$", README.replace("\\\n", ""), re.MULTILINE)
    assert 3 == command.count("--set"), "these two, and where the image is"
    done = helm(version, "template", *shlex.split(command), "--namespace", "email")
    assert (0, "") == (done.returncode, done.stderr)
    found = documents(done.stdout)
    assert "Deployment" in {one["kind"] for one in found}
    for one in found:
        kubernetes_validate.validate(one, "1.34", strict=True)


def test_what_it_applies_and_builds_is_there() -> None:
    """The files that its commands name."""
    for path in ("deploy/kubernetes/kustomization.yaml", "deploy/Dockerfile", "deploy/compose.yaml"):
        assert (ROOT / path).is_file()
