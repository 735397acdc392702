"""``python -m tests.sim``: replays one seed with a trace, or runs many with a line of progress."""

from __future__ import annotations

import argparse
import dataclasses
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from tests.sim.many import Block, run_blocks
from tests.sim.observing import Violation
from tests.sim.oracles import ORACLES
from tests.sim.running import run_seed
from tests.sim.scenario import scenario_of
from tests.sim.trace import Trace
from tests.sim.world import World

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 where an oracle is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay this one and print what happens")
    parser.add_argument("--seeds", type=int, default=500, help="run so many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="from this one on (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    if chosen.seed is not None:
        return _replay(chosen.seed)
    return _run(range(chosen.first, chosen.first + chosen.seeds))


def _replay(seed: int) -> int:
    traces: list[Trace] = []

    def also(world: World) -> list[Trace]:
        traces.append(Trace(world))
        return traces

    _say(*(f"{name}: {value}" for name, value in dataclasses.asdict(scenario_of(seed)).items()))
    try:
        ran = run_seed(seed, also=also)
    except Violation as broken:
        _say(*traces[0].lines, f"seed {seed}: {broken}")
        return 1
    _say(*traces[0].lines, f"seed {seed}: every oracle holds; {ran.requests} requests in {ran.lasted_s:.1f} s")
    return 0


def _run(seeds: range) -> int:
    total = Block()
    for block in run_blocks(seeds):
        total += block
        if block.broken:
            _say("", *block.broken)
        progress = f"{total.seeds} of {len(seeds)} seeds, {total.requests} requests, {len(total.broken)} broken"
        sys.stderr.write(f"\r{progress}")
        sys.stderr.flush()
    sys.stderr.write("\n")
    _say(*_summary(total, seeds))
    return 1 if total.broken else 0


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _summary(total: Block, seeds: range) -> list[str]:
    rate = total.requests / total.cpu_s if total.cpu_s else 0.0
    return [
        f"seeds       {total.seeds}, from {seeds.start}; {len(total.broken)} broken",
        f"requests    {total.requests:,} simulated, {rate:,.0f} a CPU second ({total.cpu_s:,.0f} CPU s)",
        f"replicas    {total.replicas:,}",
        f"sent again  {total.again:,} that were final and not committed; at most {total.again_max} after one end",
        f"oracles     {len(ORACLES)}: {', '.join(ORACLES)}",
        f"commit      {_commit()}",
        f"machine     {os.cpu_count()} cores, {_processor()}, {platform.system()}, Python {platform.python_version()}",
    ]


def _commit() -> str:
    git, root = shutil.which("git"), Path(__file__).parents[2]
    if git is None:
        return "not known"
    named = subprocess.run(  # noqa: S603 - a fixed command
        [git, "-C", str(root), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return named.stdout.strip() or "not known"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
