"""Where somebody sits with the runbook: a directory with ``config/``, a consumer that runs, and a shell."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import orjson

from tests.deploy.runbook_shell import RunbookShell
from tests.kafka.consumer_process import ConsumerProcess
from tests.kafka.job import Job
from tests.ports import free_ports
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


class Desk:
    """The job's settings and mapping lie in ``config/`` below ``directory``; the key is in a file beside them.

    What the runbook calls by the names of an example is called as the job calls it.
    """

    def __init__(self, job: Job, directory: Path) -> None:
        """``job`` writes its files into the same directory."""
        self.job = job
        self.config = directory / "config"
        self.config.symlink_to(directory, target_is_directory=True)
        self.port = free_ports(1)[0]
        job.environment = {"LOOPS_CONSUMER__ADMIN__PORT": str(self.port)}
        self.shell = RunbookShell(
            directory,
            {"KAFKA_BOOTSTRAP_SERVERS": job.kafka.bootstrap_servers},
            {
                r"\bkafka\.example\.com:9092": job.kafka.bootstrap_servers,
                r"\bproduct-events\b": job.topic,
                r"\bloops-dead-letters\b": job.letters_topic,
                r"--group loops-consumer\b": f"--group {job.group}",
                r"127\.0\.0\.1:9464": f"127.0.0.1:{self.port}",
                r"\bu1\b": "user-0",
            },
        )
        self.run = self.shell.run
        self.key_file = self.config / "api-key"
        self.key_file.write_text(API_KEY)
        self.configure()
        job.map(MAPPING)

    def configure(self, **sections: dict[str, Any]) -> None:
        """Writes the settings: those of the job with the key in its file, and over them what is given."""
        loops = {"api_key_file": self.key_file.name, "outage_probe_max_s": 0.5} | sections.pop("loops", {})
        self.job.configure(loops=loops, **sections)

    def start(self) -> ConsumerProcess:
        """The consumer, ready; its number is what the runbook's ``pid`` finds."""
        consumer = self.job.start().until_ready()
        self.shell.words = {**self.shell.words, r"\$\(pid\)": str(consumer.pid)}
        return consumer

    def status(self) -> dict[str, Any]:
        """``/status``, as the runbook asks for it."""
        found: dict[str, Any] = orjson.loads(self.run("curl --silent http://127.0.0.1:9464/status"))
        return found
