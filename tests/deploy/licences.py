"""``python -m tests.deploy.licences``: writes docs/licences.md, which packages the image holds and under what terms."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.deploy.tools import ROOT

__all__ = ["ALLOWED", "PAGE", "Licensed", "held", "page", "refused"]

PAGE: Final = ROOT / "docs" / "licences.md"

ALLOWED: Final = frozenset(
    {
        "3-Clause BSD License",
        "Apache Software License",
        "Apache-2.0",
        "BSD License",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC License (ISCL)",
        "MIT",
        "MIT License",
        "MIT-0",
        "MPL-2.0",
        "Mozilla Public License 2.0 (MPL 2.0)",
        "PSF-2.0",
        "Python Software Foundation License",
    }
)
"""All of them let the image be used and handed on by anyone who keeps the notices. Mozilla's asks besides that changes
of its own files be shown, and none is changed."""

_DIRECTORY: Final = ROOT / ".cache" / "deploy"
_HEAD: Final = """\
# Licences

What the image holds besides the program and its Python base, and the licence that each package names for itself.
`make licences` writes this page; a test fails where it is not current, or where a package names a licence that is not
among those allowed: Apache-2.0, BSD, ISC, MIT, MPL-2.0 and Python's own. The texts lie in the image, in each package's
`dist-info`. A wheel may hold compiled libraries of others, which this page cannot see: confluent-kafka's holds
librdkafka (BSD-2-Clause), with OpenSSL and others linked into it.

| package | version | licence |
|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Licensed:
    """A package and the licence that it names, as it names it."""

    name: str
    version: str
    licence: str


def held() -> list[Licensed]:
    """The packages of ``requirements-image.lock`` on this system, by name; ``make supply`` installed them."""
    command = [
        *(str(_DIRECTORY / "supply" / "bin" / "pip-licenses"), "--python", str(_DIRECTORY / "held" / "bin" / "python")),
        *("--from=mixed", "--format=json"),
    ]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - a tool of ours
    found = [Licensed(each["Name"], each["Version"], each["License"]) for each in json.loads(ran.stdout)]
    return sorted(found, key=lambda each: each.name.lower())


def refused(packages: list[Licensed]) -> list[Licensed]:
    """Those of which a part has a licence that is not allowed, or none."""
    return [each for each in packages if not set(_terms(each.licence)) <= ALLOWED]


def page(packages: list[Licensed]) -> str:
    """The page's text."""
    return _HEAD + "".join(f"| {each.name} | {each.version} | {each.licence} |\n" for each in packages)


def _terms(licence: str) -> list[str]:
    """Of an expression, each licence that it names: one of which a user may choose another counts too."""
    if licence in ALLOWED:
        return [licence]
    return [term.strip() for term in re.split(r"\bAND\b|\bOR\b|;|[()]", licence) if term.strip()]


def _main() -> None:
    Path(PAGE).write_text(page(held()))


if __name__ == "__main__":
    _main()
