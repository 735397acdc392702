"""``test`` as a process: what a person, and a program, reads."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import run, surroundings
from tests.waiting import until

UNREACHED = "- {name: idle, when: Never, send: never}"

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


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """A mapping of which one test fails."""
    file = tmp_path / "mapping.yaml"
    file.write_text(MAPPING)
    return file


def test_the_shipped_mapping_passes_and_is_covered() -> None:
    """Found through the settings; nothing but files is needed."""
    ran = run("test", "--strict")

    assert (0, "") == (ran.returncode, ran.stderr)
    assert ran.stdout.splitlines()[-1].endswith(" passed, 0 failed")


def test_a_failure_shows_both_sides_and_ends_with_1(failing: Path) -> None:
    """What differs is marked."""
    ran = run("test", str(failing))

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
    ran = run("test", str(failing), "--json")
    told = json.loads(ran.stdout)

    assert 1 == ran.returncode
    assert (False, 1, 1) == (told["ok"], told["passed"], told["failed"])
    assert [{"send": "trialStarted", "userId": "u1", "event": {"plan": "pro"}}] == told["tests"][1]["got"]


def test_tests_beside_the_mapping_run_too(failing: Path) -> None:
    """Those of ``tests/*.yaml``."""
    (failing.parent / "tests").mkdir()
    more = "tests:\n  - {name: another, given: {type: track, event: Other}, expect: []}\n"
    (failing.parent / "tests" / "more.yaml").write_text(more)

    assert "passed  another" in run("test", str(failing)).stdout.splitlines()


def test_what_no_test_covers_is_a_warning_and_with_strict_a_failure(failing: Path) -> None:
    """In JSON and in JUnit's XML too."""
    failing.write_text(MAPPING.replace("plan: team", "plan: pro").replace("rules:\n", f"rules:\n  {UNREACHED}\n"))
    report = failing.parent / "report.xml"

    loose = run("test", str(failing), "--junit", str(report))
    strict = run("test", str(failing), "--strict", "--json")

    assert (0, 1) == (loose.returncode, strict.returncode)
    assert "2 passed, 0 failed, 1 rule not covered" == loose.stdout.splitlines()[-1]
    assert "  idle: no test has an event that it is about" in loose.stdout.splitlines()
    assert [{"rule": "idle", "name": "idle", "gap": "unreached"}] == json.loads(strict.stdout)["gaps"]
    assert b'<property name="unreached idle"' in report.read_bytes()


def test_a_report_that_cannot_be_written_is_said(failing: Path) -> None:
    """With its name."""
    ran = run("test", str(failing), "--junit", str(failing.parent / "none" / "report.xml"))

    assert 1 == ran.returncode
    assert "report.xml cannot be written: No such file or directory" in ran.stderr


def test_it_runs_again_after_a_change_and_ends_as_the_last_run(failing: Path) -> None:
    """Also after one of a file that the mapping has only since then, and while there are faults."""
    out = failing.parent / "out"
    with out.open("wb") as stream:
        command = [sys.executable, "-m", "consumer", "test", str(failing), "--watch"]
        watching = subprocess.Popen(command, stdout=stream, stderr=stream, env=surroundings())  # noqa: S603 - as above

    def wait_for(text: str) -> None:
        until(lambda: text in out.read_text(), 30, text)

    try:
        wait_for("1 passed, 1 failed\nagain after a change")
        failing.write_text(MAPPING.replace("tests:", "test:"))
        wait_for("did you mean tests?")
        wait_for("1 fault\n")
        failing.write_text(MAPPING.replace("plan: team", "plan: pro"))
        wait_for("2 passed, 0 failed\nagain after a change")
        watching.send_signal(signal.SIGINT)
        assert 0 == watching.wait(30)
    finally:
        watching.kill()
        watching.wait()


def test_watching_is_for_people(failing: Path) -> None:
    """A program reads one document."""
    ran = run("test", str(failing), "--watch", "--json")

    assert (1, "") == (ran.returncode, ran.stdout)
    assert "leave --json away" in ran.stderr


def test_a_faulty_mapping_is_not_run_and_ends_with_78(failing: Path) -> None:
    """All faults, and how many."""
    failing.write_text(MAPPING.replace("when:", "wen:").replace("properties.plan}", "properties.}"))

    ran = run("test", str(failing))

    assert 78 == ran.returncode
    assert "did you mean when?" in ran.stderr
    assert "2 faults" == ran.stderr.splitlines()[-1]


def test_a_file_that_cannot_be_read_ends_with_78(tmp_path: Path) -> None:
    """Not there, or no text."""
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe")

    absent, bytes_only = run("test", "none.yaml", folder=tmp_path), run("test", "bytes.yaml", folder=tmp_path)

    assert (78, 78) == (absent.returncode, bytes_only.returncode)
    assert absent.stderr.startswith("none.yaml: cannot be read: No such file or directory\n")
    assert bytes_only.stderr.startswith("bytes.yaml: is not text in UTF-8\n")


def test_no_tests_are_said_to_be_none(failing: Path) -> None:
    """Rather than all passed."""
    failing.write_text(MAPPING.split("tests:", maxsplit=1)[0])

    ran = run("test", str(failing))

    assert 0 == ran.returncode
    assert "has no tests" in " ".join(ran.stdout.split())
