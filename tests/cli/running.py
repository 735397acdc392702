"""Runs a command as a process, as a person or a program would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
"""The project, with the shipped files."""


def run(
    command: str, *arguments: str, given: str = "", folder: Path = ROOT, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Runs it to its end, with ``given`` as its standard input and these variables beside :func:`surroundings`."""
    return subprocess.run(  # noqa: S603 - this Python and the arguments of these tests
        [sys.executable, "-m", "consumer", command, *arguments],
        capture_output=True,
        text=True,
        check=False,
        input=given,
        cwd=folder,
        env=surroundings() | environ,
    )


def surroundings() -> dict[str, str]:
    """The machine's variables but for those that the program reads."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("LOOPS_", "KAFKA_"))}
    return clean | {"PYTHONPATH": str(ROOT), "COLUMNS": "120"}
