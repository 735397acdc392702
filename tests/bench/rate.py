"""``python -m tests.bench.rate [--virtual] [--real] [--write] [--only NAME…] [--cell-s S]``: how the limit is used.

``--virtual`` measures on virtual time, ``--real`` real processes on a real Kafka; both where neither is given. Prints
measured figures beside their goals, and exits 1 where one is missed. ``--write`` renews the sections of
``docs/benchmarks.md`` that were measured, which takes them whole. ``--only`` and ``--cell-s`` are for trying.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Final

from tests.bench import coalescing, rate_cells, rate_real
from tests.bench.figure import Figure, table
from tests.bench.report import RATE_REAL, RATE_VIRTUAL, machine, write
from tests.kafka.real_kafka import what_is_missing

CELL_S: Final = 120.0

VIRTUAL: Final[Mapping[str, Callable[[], list[Figure]]]] = {**rate_cells.MEASURES, "coalescing": coalescing.measure}
"""What is measured on virtual time, by name; real measures are in ``rate_real.MEASURES``."""


def main() -> int:
    """Measures what the arguments name; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rate", description="Measures how the limit is used.")
    parser.add_argument("--virtual", action="store_true", help="on virtual time alone")
    parser.add_argument("--real", action="store_true", help="real processes alone")
    parser.add_argument("--write", action="store_true", help="renew docs/benchmarks.md")
    names = [*VIRTUAL, *rate_real.MEASURES]
    parser.add_argument("--only", nargs="+", metavar="NAME", default=names, help=", ".join(names))
    parser.add_argument("--cell-s", type=float, default=CELL_S, help="how long a real cell is measured (%(default)g s)")
    asked = parser.parse_args()
    if unknown := set(asked.only) - set(names):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    if asked.write and (set(asked.only) != set(names) or asked.cell_s != CELL_S):
        parser.error("--write takes neither --only nor --cell-s: a section holds all figures")
    virtual, real = asked.virtual or not asked.real, asked.real or not asked.virtual
    if real and (missing := what_is_missing()):
        parser.error(missing)
    sections = {}
    if virtual:
        sections[RATE_VIRTUAL] = [figure for name in VIRTUAL if name in asked.only for figure in _virtual(name)]
    if real:
        sections[RATE_REAL] = rate_real.measure(
            [name for name in rate_real.MEASURES if name in asked.only], asked.cell_s
        )
    sys.stdout.write(f"\n{machine()}\n")
    for title, figures in sections.items():
        sys.stdout.write(f"\n{title}\n\n{table(figures)}")
        if asked.write:
            write(
                title, f"python -m tests.bench.rate --{'virtual' if title == RATE_VIRTUAL else 'real'} --write", figures
            )
    return 0 if all(figure.reached for figures in sections.values() for figure in figures) else 1


def _virtual(name: str) -> list[Figure]:
    sys.stdout.write(f"measuring: {name}\n")
    sys.stdout.flush()
    return VIRTUAL[name]()


if __name__ == "__main__":
    sys.exit(main())
