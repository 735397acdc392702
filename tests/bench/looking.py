"""Figure 5: how fast ``preview`` and ``infer`` read, and how much memory they take."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from tests.bench.bare import bare_reading
from tests.bench.figure import Baseline, Figure
from tests.bench.stand import RECORDS, Stand
from tests.kafka.job import MAPPING

__all__ = ["GOAL_MB", "GOAL_PER_S", "measure"]

GOAL_PER_S: Final = 100_000
GOAL_MB: Final = 200
RUNS: Final = 3
_READ: Final = re.compile(r'"reading_s": ([0-9.]+)|records in ([0-9.]+) s')
"""What the commands say of how long they read."""

_METHOD: Final = f"""\
{RECORDS:,} Segment records of 460 bytes lie in four partitions of a real Kafka, one in a hundred of them wanted.
`loops-consumer preview` and `loops-consumer infer` read all of it as processes of their own, with the shipped settings;
their output is not a terminal. Records a second are those divided by the seconds of reading, as the commands themselves
say them: from when the client is assigned its partitions until the last record is dealt with. Memory is the most that
was ever resident. Each is run {RUNS} times; the medians are taken, and of memory the highest. Beside it: the records a
second of a loop of `consume(1000)` that does nothing, from its first batch on."""

_COMMANDS: Final = {
    "preview": ("preview", "--since", "beginning", "--json"),
    "infer": ("infer", "--since", "beginning", "--limit", str(RECORDS)),
}


class _Run(NamedTuple):
    per_s: float
    memory_mb: float


def measure(stand: Stand) -> list[Figure]:
    """Records a second and memory of each command."""
    settings = _settings(stand)
    per_s = bare_reading(stand.kafka.bootstrap_servers, stand.full_topic, RECORDS, "consume").per_s
    bare = Baseline("consume(1000) alone", per_s)
    figures = []
    for name, words in _COMMANDS.items():
        runs = [_run([*words, "--config", str(settings)]) for _ in range(RUNS)]
        reads, holds = median(run.per_s for run in runs), max(run.memory_mb for run in runs)
        figures += [
            Figure(f"records that {name} reads", "/s", reads, GOAL_PER_S, _METHOD, at_least=True, baselines=(bare,)),
            Figure(f"highest memory of {name}", "MB", holds, GOAL_MB, _METHOD),
        ]
    return figures


def _settings(stand: Stand) -> Path:
    directory = stand.directory / "looking"
    directory.mkdir()
    (directory / "mapping.yaml").write_text(json.dumps(MAPPING))
    settings = directory / "consumer.yaml"
    kafka = {"bootstrap_servers": stand.kafka.bootstrap_servers, "topics": [stand.full_topic]}
    settings.write_text(json.dumps({"kafka": kafka, "mapping": "mapping.yaml"}))
    return settings


def _run(words: list[str]) -> _Run:
    """One command from its start to its end."""
    command = [sys.executable, "-m", "consumer", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - this Python and arguments of ours
        out, err = (stream.read() if stream else "" for stream in (process.stdout, process.stderr))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    said = _READ.search(out + err)
    if process.returncode != 0 or said is None:
        raise RuntimeError(f"{words[0]} ended with {process.returncode}: {err}")
    return _Run(RECORDS / float(said[1] or said[2]), usage.ru_maxrss * 1024 / 1e6)
