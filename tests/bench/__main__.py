"""``python -m tests.bench [--write] [NAME…]``: measures, prints a table, and exits 1 where a figure is not reached.

Names: ``latency``, ``throughput``, ``unwanted``, ``memory``, ``looking``, ``mapping``, ``tracing``; all of them by
default.
``--write`` renews their section of ``docs/benchmarks.md``, which takes all of them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Final

from tests.bench import capacity, latency, looking, mapping_cost, memory, throughput, tracing_cost, unwanted
from tests.bench.figure import Figure, table
from tests.bench.report import SPEED, machine, write
from tests.bench.stand import Stand, measured
from tests.kafka.real_kafka import what_is_missing

MEASURES: Final[Mapping[str, Callable[[Stand], list[Figure]]]] = {
    "latency": latency.measure,
    "throughput": throughput.measure,
    "unwanted": unwanted.measure,
    "memory": memory.measure,
    "looking": looking.measure,
    "mapping": mapping_cost.measure,
    "capacity": capacity.measure,
    "tracing": tracing_cost.measure,
}


def main() -> int:
    """Measures what the arguments name; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures, on a real Kafka.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASURES))
    parser.add_argument("--write", action="store_true", help="renew their section of docs/benchmarks.md")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(MEASURES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are: {', '.join(MEASURES)}")
    if asked.write and asked.names:
        parser.error("--write takes no names: the section holds all figures")
    if missing := what_is_missing():
        parser.error(missing)
    figures = measured({name: MEASURES[name] for name in asked.names or MEASURES})
    sys.stdout.write(f"\n{machine()}\n\n{table(figures)}")
    if asked.write:
        write(SPEED, "python -m tests.bench --write", figures)
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
