"""The chart, rendered by helm as its users would."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from tests.deploy.manifests import documents
from tests.deploy.tools import ROOT, tool

__all__ = ["CASES", "CHART", "HELMS", "Manifest", "case", "helm", "objects", "of_kind", "pod_spec", "rendered"]

Manifest: TypeAlias = dict[str, Any]

CHART: Final = ROOT / "deploy" / "chart"
HELMS: Final = ("helm3", "helm4")
CASES: Final = tuple(sorted(file.name.removesuffix("-values.yaml") for file in (CHART / "ci").glob("*-values.yaml")))
"""Names of the sets of values in ``ci/``."""

_WITHIN_S: Final = 30


def case(name: str) -> Path:
    """The file of one set of values."""
    return CHART / "ci" / f"{name}-values.yaml"


def helm(version: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A call of ``helm3`` or ``helm4``; whether it went well is for the caller to say."""
    return subprocess.run(  # noqa: S603 - our own tool, with our own arguments
        [tool(version), *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
    )


@cache
def rendered(name: str, *options: str, version: str = "helm4") -> str:
    """What ``helm template`` makes of a case: the release ``loops-consumer`` in the namespace ``email``."""
    done = helm(version, "template", "loops-consumer", CHART, "--namespace", "email", "--values", case(name), *options)
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout


def objects(name: str) -> list[Manifest]:
    """The objects of a case."""
    return [*documents(rendered(name))]


def pod_spec(every: Iterable[Manifest]) -> Manifest:
    """What the workload among them makes its pods of."""
    (workload,) = (one for one in every if one["kind"] in {"Deployment", "StatefulSet"})
    spec: Manifest = workload["spec"]["template"]["spec"]
    return spec


def of_kind(kind: str, every: Iterable[Manifest]) -> Manifest:
    """The only one of this kind."""
    (found,) = (one for one in every if one["kind"] == kind)
    return found
