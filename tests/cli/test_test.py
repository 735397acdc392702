"""``test`` as a process: what a person, and a program, reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MAPPING = """\
format: segment
rules:
  - {name: trial, when: Trial Started, send: trialStarted, event: {plan: properties.plan}}
tests:
  - name: nothing for others
    given: {type: track, event: Other, userId: u1}
    expect: []
  - name: the plan is sent
    given: {type: track, event: Trial Started, userId: u1, properties: {plan: pro}}
    expect: [{send: trialStarted, userId: u1, event: {plan: team}}]
"""


def run(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs it without the machine's own variables."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("LOOPS_", "KAFKA_"))}
    return subprocess.run(  # noqa: S603 - this Python and the arguments of these tests
        [sys.executable, "-m", "consumer", "test", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=clean | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"},
    )


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """A mapping of which one test fails."""
    file = tmp_path / "mapping.yaml"
    file.write_text(MAPPING)
    return file


def test_the_shipped_mapping_passes() -> None:
    """Found through the settings; nothing but files is needed."""
    ran = run()

    assert (0, "") == (ran.returncode, ran.stderr)
    assert "0 failed" in ran.stdout.splitlines()[-1]


def test_a_failure_shows_both_sides_and_ends_with_1(failing: Path) -> None:
    """What differs is marked."""
    ran = run(str(failing))

    assert 1 == ran.returncode
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    assert "passed nothing for others" in lines
    assert "failed the plan is sent" in lines
    (beside,) = [line for line in lines if "team" in line]
    assert '! event.plan: "team"' in beside
    assert '! event.plan: "pro"' in beside
    assert "1 passed, 1 failed" == lines[-1]


def test_a_program_reads_json(failing: Path) -> None:
    """All of both sides."""
    ran = run(str(failing), "--json")
    told = json.loads(ran.stdout)

    assert 1 == ran.returncode
    assert (False, 1, 1) == (told["ok"], told["passed"], told["failed"])
    assert [{"send": "trialStarted", "userId": "u1", "event": {"plan": "pro"}}] == told["tests"][1]["got"]


def test_a_faulty_mapping_is_not_run_and_ends_with_78(failing: Path) -> None:
    """All faults, and how many."""
    failing.write_text(MAPPING.replace("when:", "wen:").replace("properties.plan}", "properties.}"))

    ran = run(str(failing))

    assert 78 == ran.returncode
    assert "did you mean when?" in ran.stderr
    assert "2 faults" == ran.stderr.splitlines()[-1]


def test_a_file_that_cannot_be_read_ends_with_78(tmp_path: Path) -> None:
    """Not there, or no text."""
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe")

    absent, bytes_only = run("none.yaml", folder=tmp_path), run("bytes.yaml", folder=tmp_path)

    assert (78, 78) == (absent.returncode, bytes_only.returncode)
    assert absent.stderr.startswith("none.yaml: cannot be read: No such file or directory\n")
    assert bytes_only.stderr.startswith("bytes.yaml: is not text in UTF-8\n")


def test_no_tests_are_said_to_be_none(failing: Path) -> None:
    """Rather than all passed."""
    failing.write_text(MAPPING.split("tests:", maxsplit=1)[0])

    ran = run(str(failing))

    assert 0 == ran.returncode
    assert "has no tests" in " ".join(ran.stdout.split())
