"""``loops-consumer demo`` as a person calls it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import orjson

from tests.redaction import API_KEY
from tests.waiting import until

ROOT: Final = Path(__file__).parents[2]
WITHIN_S: Final = 50


class Running:
    """The command as a process, with what it has printed so far."""

    def __init__(self, logs: Path, *arguments: str) -> None:
        """Its temporary files are below ``logs``."""
        logs.mkdir(parents=True, exist_ok=True)
        self.logs = logs
        self.lines: list[str] = []
        self.process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", "consumer", "demo", "--keep-logs", *arguments],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(logs), "LOOPS_API_KEY": API_KEY, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(line.rstrip() for line in self.process.stdout)

    def end(self) -> int:
        """Its exit code, with all lines read."""
        code = self.process.wait(WITHIN_S)
        self._reader.join(WITHIN_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@contextmanager
def running(logs: Path, *arguments: str) -> Iterator[Running]:
    """The command, killed at the end if it still runs."""
    started = Running(logs, *arguments)
    try:
        yield started
    finally:
        started.process.kill()
        started.end()


def consumers_below(logs: Path) -> list[int]:
    """Processes whose environment names this directory, but for the demo's own."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            of_ours = f"TMPDIR={logs}\0".encode() in environ.read_bytes()
            command = (environ.parent / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if of_ours and b"run" in command:
            found.append(int(environ.parent.name))
    return found


def test_it_ends_by_itself_with_the_verdict(run_logs: Path) -> None:
    """Exit code 0, the last line says OK, and nothing is left running."""
    with running(run_logs / "demo-command", "--for", "3") as demo:
        assert 0 == demo.end()
        assert demo.lines[-1].startswith("OK: ")
        assert "received once each and in order" in demo.lines[-1]
        assert ["sandbox", "metrics", "status"] == [line.split()[0] for line in demo.lines[:3]]
        assert [] == consumers_below(demo.logs)
        assert 1 == len(list(demo.logs.glob("*/consumer.log")))


def test_ctrl_c_ends_it_early_with_a_verdict(run_logs: Path) -> None:
    """Everything that was produced by then is delivered and compared."""
    with running(run_logs / "demo-interrupted", "--for", "3600") as demo:
        until(lambda: any(" events " in line for line in demo.lines), WITHIN_S, "the first events")
        demo.process.send_signal(signal.SIGINT)
        assert 0 == demo.end()
        assert demo.lines[-1].startswith("OK: ")
        assert [] == consumers_below(demo.logs)


def test_a_second_signal_ends_it_at_once(run_logs: Path) -> None:
    """Without a verdict, and without leaving anything running."""
    with running(run_logs / "demo-at-once", "--for", "3600") as demo:
        until(lambda: any(" events " in line for line in demo.lines), WITHIN_S, "the first events")
        assert 1 == len(consumers_below(demo.logs))
        demo.process.send_signal(signal.SIGTERM)
        demo.process.send_signal(signal.SIGINT)
        assert 1 == demo.end()
        assert "FAILED: ended at once, nothing was compared" == demo.lines[-1]
        assert [] == consumers_below(demo.logs)


def test_where_it_is_killed_itself_the_consumer_ends_too(run_logs: Path) -> None:
    """Nobody would end it otherwise."""
    with running(run_logs / "demo-killed", "--for", "3600") as demo:
        until(lambda: any(" events " in line for line in demo.lines), WITHIN_S, "the first events")
        demo.process.kill()
        until(lambda: not consumers_below(demo.logs), WITHIN_S, "the end of the consumer")


def test_a_mapping_that_sends_something_else_fails(run_logs: Path, tmp_path: Path) -> None:
    """Exit code 1; the last line says what is wrong, and a program can read it."""
    mapping, _, _ = (ROOT / "config" / "mapping.yaml").read_text().partition("\ntests:\n")
    (tmp_path / "mapping.yaml").write_text(mapping.replace("when: Signed Up", "when: Signed In"))
    (tmp_path / "consumer.yaml").write_text((ROOT / "config" / "consumer.yaml").read_text())
    config = ("--config", str(tmp_path / "consumer.yaml"), "--for", "3")
    with running(run_logs / "demo-other", *config, "--json") as demo:
        assert 1 == demo.end()
        (line,) = demo.lines
        found = orjson.loads(line)
        assert False is found["ok"]
        assert "createContact" in {arrival["call"] for arrival in found["requests"]["missing"]}
        assert [] == consumers_below(demo.logs)


def test_faults_in_the_settings_end_it_with_78(run_logs: Path, tmp_path: Path) -> None:
    """As with any other command."""
    (tmp_path / "consumer.yaml").write_text("kafka: {topic: x}\n")
    with running(run_logs / "demo-faulty", "--config", str(tmp_path / "consumer.yaml")) as demo:
        assert 78 == demo.end()
        assert "kafka.topic" in "".join(demo.lines)
