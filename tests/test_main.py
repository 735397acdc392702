"""The program as a process."""

from __future__ import annotations

import subprocess
import sys

from consumer.__main__ import main
from consumer.cli.main import main as of_the_command_line


def test_python_runs_the_package() -> None:
    """``python -m consumer`` is the same program as ``loops-consumer``, and its exit code is the command's."""
    right = subprocess.run([sys.executable, "-m", "consumer", "--version"], capture_output=True, text=True, check=False)
    wrong = subprocess.run([sys.executable, "-m", "consumer", "--nonsense"], capture_output=True, check=False)

    assert (0, "") == (right.returncode, right.stderr)
    assert right.stdout.startswith("loops-consumer ")
    assert wrong.returncode == 1


def test_the_installed_command_is_this_one() -> None:
    """``loops-consumer`` is ``consumer.__main__:main``."""
    assert of_the_command_line is main
