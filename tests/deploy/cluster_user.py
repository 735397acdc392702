"""kubectl and helm in the hands of one user, in one namespace of an API server."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.deploy.tools import tool

__all__ = ["ClusterUser", "Ran"]

_ENDS_WITHIN_S: Final = 120


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended."""

    command: str
    """Without its options."""
    status: int
    output: str
    errors: str

    def well(self) -> Ran:
        """Itself; ``AssertionError`` with what it said where it failed."""
        assert self.status == 0, f"{self.command}: {self.errors}{self.output}"
        return self

    def refusal(self) -> str:
        """What it said against; ``AssertionError`` where it went through."""
        assert self.status != 0, f"{self.command} went through: {self.output}"
        return self.errors

    def json(self) -> Any:
        """What it said, parsed, where it went well."""
        return json.loads(self.well().output)


@dataclass(frozen=True, slots=True)
class ClusterUser:
    """Commands see nothing of the machine's own settings: caches and plugins go to ``home``."""

    kubeconfig: Path
    """Names the server, the user and ``namespace``."""
    home: Path
    namespace: str = "default"
    helm_program: str = "helm4"

    def kubectl(self, *arguments: str, given: str = "") -> Ran:
        """Runs kubectl with ``given`` as its standard input."""
        return self._run("kubectl", arguments, given)

    def helm(self, *arguments: str) -> Ran:
        """Runs helm, of the major that this user has."""
        return self._run(self.helm_program, arguments, "")

    def objects(self, manifest: str) -> list[dict[str, Any]]:
        """What the server holds of the objects that the manifest names, in the manifest's order."""
        found = self.kubectl("get", "--filename=-", "--output=json", given=manifest).json()
        return list(found["items"]) if found["kind"] == "List" else [found]

    def _run(self, program: str, arguments: Sequence[str], given: str) -> Ran:
        ended = subprocess.run(  # noqa: S603 - kubectl or helm, and every argument is a test's
            [tool(program), *arguments],
            input=given,
            check=False,
            capture_output=True,
            text=True,
            timeout=_ENDS_WITHIN_S,
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), "KUBECONFIG": str(self.kubeconfig)},
        )
        command = " ".join((program, *arguments[:2]))
        return Ran(command, ended.returncode, ended.stdout, ended.stderr)
