"""Figure 2: how much memory the process has while a million records wait and Loops is down."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

from tests.bench.figure import Figure
from tests.bench.process_cost import resident_mb
from tests.bench.stand import RECORDS, Stand
from tests.kafka.job import MAPPING, sandbox_of

__all__ = ["GOAL_MB", "measure"]

GOAL_MB: Final = 180
GROWTH_MAX_MB: Final = 5
SECONDS: Final = 60
SETTLED_AFTER_S: Final = 15
_SPAN_S: Final = 5
"""Growth is between the means of so many seconds."""

_METHOD: Final = f"""\
{RECORDS:,} records lie in four partitions, the sandbox answers 503 to everything, and all settings of size have their
shipped values. Resident memory of the process is read once a second for {SECONDS} s from when it is ready; the figure
is the highest. It is done twice: with a mapping that wants one record in a hundred, so that all are read and the wanted
ones wait in the process, and with one that wants every record, so that the partitions pause at the bound on what is in
flight and the rest waits on the broker. Growth is the difference between the means of the {_SPAN_S} s up to second
{SECONDS} and of those from second {SETTLED_AFTER_S}."""

_EVERYTHING: Final[Mapping[str, Any]] = {**MAPPING, "rules": [{**MAPPING["rules"][0], "when": "*"}]}


def measure(stand: Stand) -> list[Figure]:
    """Highest and growth, of the worse of both mappings each."""
    few, every = _samples_mb(stand, MAPPING), _samples_mb(stand, _EVERYTHING)
    names = ("1 record in 100 wanted", "every record wanted")
    figures = []
    for name, samples in zip(names, (few, every), strict=True):
        figures.append(Figure(f"highest memory, {name}", "MB", max(samples), GOAL_MB, _METHOD))
        figures.append(Figure(f"growth of it, {name}", "MB", _growth_mb(samples), GROWTH_MAX_MB, _METHOD))
    return figures


def _growth_mb(samples: list[float]) -> float:
    early, late = samples[SETTLED_AFTER_S : SETTLED_AFTER_S + _SPAN_S], samples[-_SPAN_S:]
    return sum(late) / len(late) - sum(early) / len(early)


def _samples_mb(stand: Stand, mapping: Mapping[str, Any]) -> list[float]:
    never = threading.Event()
    with stand.job(sandbox_of(10), topic=stand.full_topic) as job:
        job.map(mapping)
        job.sandbox.inject(status=503)
        consumer = job.start().until_ready()
        samples = []
        for _ in range(SECONDS):
            samples.append(resident_mb(consumer.pid))
            never.wait(1)
        if not consumer.status()["outages"]:
            raise RuntimeError("Loops was not down")
        return samples
