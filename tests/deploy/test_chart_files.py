"""What of the chart is made from other files is as they are now, and helps those without helm."""

from __future__ import annotations

import re
import subprocess
from functools import reduce
from importlib.metadata import version
from operator import getitem
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.deploy.chart import CHART, objects
from tests.deploy.chart_files import KUBERNETES, MADE, stale
from tests.deploy.manifests import documents, named
from tests.deploy.tools import tool


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_is_current(name: str) -> None:
    """`make deploy-files` would change nothing."""
    made = MADE[name]()

    assert {} == {str(file): text for file, text in made.items() if not file.exists() or file.read_text() != text}
    assert [] == list(stale(made))


def test_no_value_that_has_something_is_shown_as_empty() -> None:
    """A list or an object by its default, or by words for it."""
    values = YAML(typ="safe").load(CHART / "values.yaml")
    shown = re.findall(r"^\| `([^`]+)` +\|.*\| `(?:\[\]|\{\})` +\|$", (CHART / "README.md").read_text(), re.MULTILINE)

    assert len(shown) > 10
    assert [] == [name for name in shown if reduce(getitem, name.split("."), values)]


def test_the_chart_has_the_version_of_the_program() -> None:
    """Its image's tag is that by default."""
    chart = YAML(typ="safe").load(CHART / "Chart.yaml")

    assert version("loops-consumer") == chart["appVersion"]


@pytest.mark.parametrize(
    ("directory", "names"),
    (
        (KUBERNETES, {named(one) for one in objects("default") if one["kind"] != "Pod"}),
        (KUBERNETES / "monitoring", {"PodMonitor/loops-consumer", "PrometheusRule/loops-consumer"}),
    ),
)
def test_kustomize_builds_what_the_chart_renders(directory: Path, names: set[str]) -> None:
    """`kubectl apply -k` takes all of it."""
    built = subprocess.run(  # noqa: S603 - our own tool
        [tool("kubectl"), "kustomize", directory], check=True, capture_output=True, text=True, timeout=30
    )

    assert names == {named(one) for one in documents(built.stdout)}
