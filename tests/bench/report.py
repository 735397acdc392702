"""The page of benchmarks: what was measured, on what, when, and how. Each command renews its own sections of it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from confluent_kafka import libversion

from tests.bench.figure import Figure, table
from tests.kafka.real_kafka import LIBRARIES

__all__ = ["RATE_REAL", "RATE_VIRTUAL", "SPEED", "machine", "renewed", "section", "write"]

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "benchmarks.md"

SPEED: Final = "Speed and memory"
RATE_VIRTUAL: Final = "Use of the limit, on virtual time"
RATE_REAL: Final = "Use of the limit, real processes"
"""Sections, in the order in which they stand."""

_ORDER: Final = (SPEED, RATE_VIRTUAL, RATE_REAL)
_HEAD: Final = """\
# Benchmarks

`make bench` and `make bench-rate` measure and print all of this, and exit 1 where a figure is not reached; with
`--write` they renew their sections. The figures of a section are of one run. A busy machine changes them, so what was
measured beside a figure in the same run is the better comparison.
"""


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


def section(written_by: str, figures: Sequence[Figure]) -> str:
    """A section's text, without its heading; ``written_by`` is the command that measured."""
    methods = dict.fromkeys(figure.method for figure in figures)
    about = {
        method: dict.fromkeys(figure.of or figure.what for figure in figures if figure.method == method)
        for method in methods
    }
    described = [f"**{', '.join(about[method])}.** {method}\n" for method in methods]
    return "\n".join(
        (
            f"Written by `{written_by}`.\n",
            f"- Machine: {machine()}",
            f"- Date: {datetime.now(UTC):%Y-%m-%d}",
            f"- Commit: {_commit()}\n",
            table(figures, markdown=True),
            "### How\n",
            *described,
        )
    )


def renewed(page: str, title: str, text: str) -> str:
    """The page with ``text`` as the section called ``title``; other known sections stay as they are."""
    found: dict[str, str] = {}
    for part in page.split("\n## ")[1:]:
        name, _, body = part.partition("\n")
        found[name] = body.strip() + "\n"
    found[title] = text.strip() + "\n"
    return "\n".join((_HEAD, *(f"## {name}\n\n{found[name]}" for name in _ORDER if name in found)))


def write(title: str, written_by: str, figures: Sequence[Figure]) -> None:
    """Renews a section of ``docs/benchmarks.md``."""
    page = PAGE.read_text() if PAGE.exists() else ""
    PAGE.write_text(renewed(page, title, section(written_by, figures)))


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
