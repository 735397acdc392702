"""What every figure is measured on: a real Kafka, and the topics that several of them read."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from consumer.sandbox.options import SandboxOptions
from tests.bench.figure import Figure
from tests.bench.fill import fill
from tests.kafka.job import Job
from tests.kafka.product import PARTITIONS
from tests.kafka.real_kafka import RealKafka

__all__ = ["RECORDS", "WANTED_RECORDS", "Stand", "measured"]

RECORDS: Final = 1_000_000
WANTED_RECORDS: Final = 10_000


@dataclass
class Stand:
    """Kafka runs; ``directory`` is empty and ours. Topics are filled when they are first asked for."""

    kafka: RealKafka
    directory: Path
    _filled: dict[bool, str] = field(default_factory=dict)
    _jobs: int = 0

    @property
    def full_topic(self) -> str:
        """A million records, one in a hundred wanted."""
        return self._topic(wanted_alone=False)

    @property
    def wanted_topic(self) -> str:
        """The wanted ones of the same million alone."""
        return self._topic(wanted_alone=True)

    def job(self, sandbox: SandboxOptions, **options: Any) -> Job:
        """A job with a directory, a group and a sandbox of its own; for ``with``."""
        self._jobs += 1
        directory = self.directory / f"job-{self._jobs}"
        directory.mkdir()
        return Job(self.kafka, directory, directory, name="consumer", sandbox=sandbox, **options)

    def _topic(self, *, wanted_alone: bool) -> str:
        if wanted_alone not in self._filled:
            topic = self.kafka.new_topic(PARTITIONS)
            fill(self.kafka.bootstrap_servers, topic, RECORDS, wanted_alone=wanted_alone)
            self._filled[wanted_alone] = topic
        return self._filled[wanted_alone]


def measured(measures: Mapping[str, Callable[[Stand], list[Figure]]]) -> list[Figure]:
    """Takes these, by name, one after the other, on a Kafka of their own."""
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory(prefix="loops-consumer-bench-") as directory,
        RealKafka(Path(directory) / "kafka") as kafka,
    ):
        stand = Stand(kafka, Path(directory))
        for name, measure in measures.items():
            sys.stdout.write(f"measuring: {name}\n")
            sys.stdout.flush()
            figures += measure(stand)
    return figures
