"""Where somebody sits with the runbook: a directory with ``config/``, a consumer that runs, and a shell."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import orjson

from tests.deploy import runbook
from tests.deploy.rollout import free_ports
from tests.deploy.tools import ROOT
from tests.kafka.consumer_process import ConsumerProcess, clean_environment
from tests.kafka.job import Job
from tests.redaction import API_KEY

__all__ = ["MAPPING", "Desk"]

MAPPING: Final = """\
format: segment
rules:
  - name: trial-started
    when: Trial Started
    send: trialStarted
    event: {number: properties.number, note: properties.note}
    contact: {number: properties.number}
tests:
  - name: a trial sends
    given: {type: track, event: Trial Started, userId: u, properties: {number: 1}}
    expect: [{send: trialStarted, userId: u, event: {number: 1}, contact: {number: 1}}]
"""

_ENDS_WITHIN_S: Final = 90
_SCRIPTS: Final = (ROOT / ".venv" / "bin", ROOT / ".cache" / "deploy" / "bin")


class Desk:
    """The job's settings and mapping lie in ``config/`` below ``directory``; the key is in a file beside them.

    What the runbook calls by the names of an example is called as the job calls it.
    """

    def __init__(self, job: Job, directory: Path) -> None:
        """``job`` writes its files into the same directory."""
        self.job = job
        self.directory = directory
        self.config = directory / "config"
        if not self.config.exists():
            self.config.symlink_to(directory, target_is_directory=True)
        (port,) = free_ports(1)
        job.environment = {"LOOPS_CONSUMER__ADMIN__PORT": str(port)}
        self.variables = {"KAFKA_BOOTSTRAP_SERVERS": job.kafka.bootstrap_servers}
        self.words = {
            r"kafka\.example\.com:9092": job.kafka.bootstrap_servers,
            r"product-events": job.topic,
            r"loops-dead-letters": job.letters_topic,
            r"--group loops-consumer": f"--group {job.group}",
            r"127\.0\.0\.1:9464": f"127.0.0.1:{port}",
            r"\bu1\b": "user-0",
        }
        (self.config / "api-key").write_text(API_KEY)
        self.configure()
        job.map(MAPPING)

    def configure(self, **sections: dict[str, Any]) -> None:
        """Writes the settings: those of the job with the key in its file, and over them what is given."""
        loops = {"api_key_file": "api-key", "outage_probe_max_s": 0.5} | sections.pop("loops", {})
        self.job.configure(loops=loops, **sections)

    def start(self) -> ConsumerProcess:
        """The consumer, ready; its number is what the runbook calls ``$PID``."""
        consumer = self.job.start().until_ready()
        self.variables["PID"] = str(consumer.pid)
        return consumer

    def run(self, section: str, text: str, *, given: str = "", status: int = 0) -> str:
        """What a command of the runbook says; ``AssertionError`` where it is not there, or does not end with ``status``.

        ``given`` is typed in.
        """
        assert runbook.Command(section, text) in runbook.commands(), f"the runbook has no such command: {text}"
        ended = subprocess.run(  # noqa: S603 - a shell, and a line of the runbook
            ["/bin/bash", "-euo", "pipefail", "-c", self._as_the_job_calls_it(text)],
            cwd=self.directory,
            env={**clean_environment(**self.variables), "PATH": self._path(), "COLUMNS": "160"},
            input=given,
            capture_output=True,
            check=False,
            text=True,
            timeout=_ENDS_WITHIN_S,
        )
        assert status == ended.returncode, f"{text}\n{ended.stdout}{ended.stderr}"
        return ended.stdout + ended.stderr

    def status(self, section: str) -> dict[str, Any]:
        """``/status``, by the command that this section has for it."""
        found: dict[str, Any] = orjson.loads(self.run(section, "curl --silent http://127.0.0.1:9464/status"))
        return found

    def _as_the_job_calls_it(self, text: str) -> str:
        for word, ours in self.words.items():
            text = re.sub(word, ours, text)
        return text

    @staticmethod
    def _path() -> str:
        return os.pathsep.join([*map(str, _SCRIPTS), os.environ["PATH"]])
