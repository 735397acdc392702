"""What of the chart is made from other files; ``python -m tests.deploy.chart_files`` writes all of it.

In this order, as the later ones are made with the earlier ones: the copies in ``files/``, the schema of values,
README's table of values, and the plain manifests.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.deploy.chart import CHART, helm
from tests.deploy.chart_schema import with_settings
from tests.deploy.tools import ROOT, tool

__all__ = ["KUBERNETES", "MADE", "copies", "main", "plain_manifests", "readme", "schema"]

KUBERNETES: Final = ROOT / "deploy" / "kubernetes"

_RULES: Final = ROOT / "deploy" / "prometheus" / "rules.yaml"
_DASHBOARDS: Final = ROOT / "deploy" / "grafana"
_WRITTEN_BY_HAND: Final = {"kustomization.yaml", "values.yaml"}
_MONITORING: Final = {"podmonitor.yaml", "prometheusrule.yaml"}
_OF_HELM: Final = re.compile(
    r"^(# Source: .*|---|  namespace: .*|\s+helm\.sh/chart: .*|\s+app\.kubernetes\.io/managed-by: .*)\n", re.MULTILINE
)
"""What a manifest does not say that no helm keeps: where it is from, and the namespace, which is the user's."""


def copies() -> dict[Path, str]:
    """Rules and dashboards, which helm takes from below the chart alone."""
    sources = {CHART / "files" / "rules.yaml": _RULES}
    sources |= {CHART / "files" / "dashboards" / file.name: file for file in sorted(_DASHBOARDS.glob("*.json"))}
    return {copy: source.read_text() for copy, source in sources.items()}


def schema() -> dict[Path, str]:
    """The schema of values, with the program's own of ``settings``."""
    file = CHART / "values.schema.json"
    return {file: with_settings(file.read_text())}


def readme() -> dict[Path, str]:
    """README, with the table of values that the comments of values.yaml make."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(shutil.copy(CHART / "README.md", directory))
        arguments = [tool("readme-generator"), "--values", str(CHART / "values.yaml"), "--readme", str(copy)]
        subprocess.run(arguments, check=True, capture_output=True, timeout=30)  # noqa: S603 - our own tool
        return {CHART / "README.md": copy.read_text()}


def plain_manifests() -> dict[Path, str]:
    """What the chart renders, one file a template, for those without helm."""
    with tempfile.TemporaryDirectory() as directory:
        values = ("--values", KUBERNETES / "values.yaml")
        done = helm("helm4", "template", "loops-consumer", CHART, *values, "--skip-tests", "--output-dir", directory)
        done.check_returncode()
        files = sorted(Path(directory, "loops-consumer", "templates").glob("*.yaml"))
        return {_place(file.name): _plain(file.read_text()) for file in files}


MADE: Final[Mapping[str, Callable[[], dict[Path, str]]]] = {
    "copies": copies,
    "schema": schema,
    "readme": readme,
    "manifests": plain_manifests,
}


def stale(made: Mapping[Path, str]) -> Iterator[Path]:
    """Files beside these that are made no more."""
    for directory in {file.parent for file in made} & {KUBERNETES, KUBERNETES / "monitoring", *_copied_to()}:
        written = {file for file in directory.iterdir() if file.is_file() and file.name not in _WRITTEN_BY_HAND}
        yield from sorted(written - made.keys())


def main() -> None:
    """Writes every file, and removes what is made no more."""
    for make in MADE.values():
        made = make()
        for file, text in made.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        for file in stale(made):
            file.unlink()


def _copied_to() -> tuple[Path, ...]:
    return (CHART / "files", CHART / "files" / "dashboards")


def _place(name: str) -> Path:
    return KUBERNETES / "monitoring" / name if name in _MONITORING else KUBERNETES / name


def _plain(text: str) -> str:
    return _OF_HELM.sub("", text).rstrip("\n") + "\n"


if __name__ == "__main__":
    main()
