"""A process that never outlives the demo."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from consumer.cli.demo_process import ChildProcess
from tests.waiting import until

WAITS = "import threading; print('started', flush=True); threading.Event().wait()"
DEAF = f"import signal; signal.signal(15, signal.SIG_IGN); {WAITS}"
WITHIN_S = 20


def child(code: str, log: Path, **environ: str) -> ChildProcess:
    """A Python with some code."""
    return ChildProcess([sys.executable, "-c", code], {**os.environ, **environ}, log)


def runs(pid: int) -> bool:
    """Whether there is such a process, one apart that has ended and was not waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def started(process: ChildProcess) -> bool:
    """Whether the code has come as far as its first line."""
    return ["started"] == process.last_lines(1)


async def test_it_stops_when_it_is_asked_to(tmp_path: Path) -> None:
    """The exit code is told, as the number of the signal."""
    with child(WAITS, tmp_path / "log") as process:
        until(lambda: started(process), WITHIN_S, "the first line")
        assert process.exit_code is None
        assert -signal.SIGTERM == await process.stop(WITHIN_S)
        assert -signal.SIGTERM == process.exit_code


async def test_one_that_does_not_stop_is_killed_in_the_end(tmp_path: Path) -> None:
    """And it is told that it did not."""
    with child(DEAF, tmp_path / "log") as process:
        until(lambda: started(process), WITHIN_S, "the first line")
        assert await process.stop(0.05) is None
        pid = process.pid
    assert -signal.SIGKILL == process.exit_code
    assert not runs(pid)


def test_an_error_ends_it_too(tmp_path: Path) -> None:
    """Whatever leaves the block."""
    with pytest.raises(KeyboardInterrupt), child(WAITS, tmp_path / "log") as process:
        raise KeyboardInterrupt
    assert process.exit_code is not None


def test_its_last_lines_are_of_both_outputs(tmp_path: Path) -> None:
    """As many as are asked for."""
    code = "import sys; print(1, flush=True); print(2, file=sys.stderr, flush=True); print(3); sys.exit(4)"
    with child(code, tmp_path / "log") as process:
        until(lambda: process.exit_code is not None, WITHIN_S, "the end")
        assert 4 == process.exit_code
        assert ["2", "3"] == process.last_lines(2)


def test_it_has_the_environment_that_it_is_given(tmp_path: Path) -> None:
    """And a session of its own, so that a Ctrl-C for the demo is not one for it."""
    code = "import os; print(os.environ['OF_THE_DEMO'], os.getsid(0) == os.getpid())"
    with child(code, tmp_path / "log", OF_THE_DEMO="yes") as process:
        until(lambda: process.exit_code is not None, WITHIN_S, "the end")
        assert ["yes True"] == process.last_lines(1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_where_the_parent_is_killed_it_ends_too(tmp_path: Path) -> None:
    """Nobody is left to do it."""
    code = (
        "import os, sys, threading\nfrom pathlib import Path\nfrom consumer.cli.demo_process import ChildProcess\n"
        f"command, log = [sys.executable, '-c', {WAITS!r}], Path({str(tmp_path / 'log')!r})\n"
        "with ChildProcess(command, os.environ, log) as process:\n"
        "    print(process.pid, flush=True)\n    threading.Event().wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:  # noqa: S603 - the code above
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        until(lambda: (tmp_path / "log").read_text() == "started\n", WITHIN_S, "the first line")
        assert runs(pid)
        parent.kill()
    until(lambda: not runs(pid), WITHIN_S, "the end of the child")
