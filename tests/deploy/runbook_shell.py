"""A shell that runs what the runbook says, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.deploy import runbook
from tests.deploy.tools import ROOT
from tests.kafka.consumer_process import clean_environment

__all__ = ["RunbookShell"]

_ENDS_WITHIN_S: Final = 180
_COMMANDS: Final = (ROOT / ".venv" / "bin", ROOT / ".cache" / "deploy" / "bin")


@dataclass(slots=True)
class RunbookShell:
    """Bash in ``directory``, with the tools that ``make deploy-tools`` fetched."""

    directory: Path
    variables: dict[str, str] = field(default_factory=dict)
    """What a person has exported."""
    words: Mapping[str, str] = field(default_factory=dict)
    """What stands in the runbook for an example, as a regular expression, and what a test has in its place."""
    first_on_path: tuple[Path, ...] = ()

    def run(self, text: str, *, pasted: str = "", given: str = "", status: int = 0) -> str:
        """What a command of the runbook says; ``AssertionError`` where it is none, or does not end with ``status``.

        ``pasted``: another one, which was run in the same terminal before; ``given`` is typed in.
        """
        ended = subprocess.run(  # noqa: S603 - a shell, and lines of the runbook
            ["/bin/bash", "-euo", "pipefail", "-c", "\n".join(self._here(one) for one in (pasted, text) if one)],
            cwd=self.directory,
            env=self._environment(),
            input=given,
            capture_output=True,
            check=False,
            text=True,
            timeout=_ENDS_WITHIN_S,
        )
        assert status == ended.returncode, f"{text}: {ended.returncode}\n{ended.stdout}{ended.stderr}"
        return ended.stdout + ended.stderr

    def begin(self, text: str) -> subprocess.Popen[str]:
        """A command of the runbook that goes on until it is ended."""
        return subprocess.Popen(  # noqa: S603 - a shell, and a line of the runbook
            ["/bin/bash", "-c", f"exec env {self._here(text)}"],
            cwd=self.directory,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _here(self, text: str) -> str:
        assert text in {command.text for command in runbook.commands()}, f"not in the runbook: {text}"
        for word, ours in self.words.items():
            text = re.sub(word, ours, text)
        return text

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join([*map(str, (*self.first_on_path, *_COMMANDS)), os.environ["PATH"]])
        return {**clean_environment(**self.variables), "PATH": path, "COLUMNS": "160"}
