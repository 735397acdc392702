"""The chart, rendered by helm as its users would."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from ruamel.yaml import YAML

from tests.deploy.tools import ROOT, tool

__all__ = ["CASES", "CHART", "HELMS", "Manifest", "case", "helm", "manifests", "of_kind", "rendered"]

Manifest: TypeAlias = Mapping[str, Any]

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


def manifests(text: str) -> list[Manifest]:
    """The objects of a stream of YAML."""
    return [document for document in YAML(typ="safe").load_all(text) if document]


def of_kind(kind: str, objects: Iterable[Manifest]) -> Manifest:
    """The only one of this kind."""
    (found,) = (one for one in objects if one["kind"] == kind)
    return found
