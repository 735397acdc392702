"""The page of benchmarks: what was measured, on what, when, and how."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import libversion

from tests.bench.figure import Figure, table
from tests.kafka.real_kafka import LIBRARIES

__all__ = ["machine", "page"]

ROOT = Path(__file__).parents[2]


def machine() -> str:
    """What it ran on, in one line."""
    found = next(
        (line.partition(":")[2] for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")), ""
    )
    memory = next((line.split()[1] for line in _lines(Path("/proc/meminfo")) if line.startswith("MemTotal")), "0")
    kafka = next((jar.stem.partition("-")[2] for jar in LIBRARIES.glob("kafka_2.13-*.jar")), "")
    return (
        f"{found.strip() or platform.machine()}, {os.cpu_count()} cores, {int(memory) / 2**20:.0f} GB, "
        f"{platform.system()}, Python {platform.python_version()}, librdkafka {libversion()[0]}, Apache Kafka {kafka}; "
        "consumer, Kafka and sandbox on the same machine"
    )


def page(figures: Sequence[Figure]) -> str:
    """The whole page as Markdown."""
    methods = dict.fromkeys(figure.method for figure in figures)
    described = [
        f"**{', '.join(figure.what for figure in figures if figure.method == method)}.** {method}\n"
        for method in methods
    ]
    return "\n".join(
        (
            "# Benchmarks\n",
            "Written by `python -m tests.bench --write`; `make bench` measures and prints the same, and exits 1 where",
            "a figure is not reached. All of them are of one run. A busy machine changes them, so what was measured",
            "beside a figure in the same run is the better comparison.\n",
            f"- Machine: {machine()}",
            f"- Date: {datetime.now(UTC):%Y-%m-%d}",
            f"- Commit: {_commit()}\n",
            table(figures, markdown=True),
            "## How\n",
            *described,
        )
    )


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    told = [
        subprocess.run([git, *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - git, and words of ours
        for words in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "consumer"))
    ]
    return f"{told[0] or 'unknown'}{' and changes that are not committed' if told[1] else ''}"


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
