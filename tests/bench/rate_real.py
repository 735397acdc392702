"""How real processes on a real Kafka use the limit, at a sandbox with a network's jitter and a clock of its own."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.bench.figure import Figure
from tests.bench.stand import Stand
from tests.kafka.real_kafka import RealKafka

__all__ = ["MEASURES", "measure"]

MEASURES: Final[Mapping[str, Callable[[Stand, float], list[Figure]]]] = {}


def measure(names: Sequence[str], cell_s: float) -> list[Figure]:
    """Takes these measures, one after the other; a cell lasts ``cell_s`` once it has settled."""
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory(prefix="loops-consumer-bench-") as directory,
        RealKafka(Path(directory) / "kafka") as kafka,
    ):
        stand = Stand(kafka, Path(directory))
        for name in names:
            sys.stdout.write(f"measuring: {name}\n")
            sys.stdout.flush()
            figures += MEASURES[name](stand, cell_s)
    return figures
