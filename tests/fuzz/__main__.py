"""Feeds what it makes up to everything that reads a record, for a while: ``python -m tests.fuzz --seconds 600``.

Each target is a process of its own, guided by coverage (atheris). It fails where an exception escapes that no decoder
promises, or where an input takes too long; that input is then kept below ``.cache/fuzz/``, and its name printed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from consumer.mapping.formats.known import FORMATS

CORPUS: Final = Path(".cache/fuzz")
TARGETS: Final = (*FORMATS, "envelope", "mapping", "completions")
INPUT_BYTES_MAX: Final = 1_000_000
RSS_MB_MAX: Final = 2_048


def main() -> int:
    """Runs every target for its part of the time, two at once; 1 where one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="for all targets together; 600 by default")
    parser.add_argument("--only", choices=TARGETS, action="append", help="these alone; all by default")
    given = parser.parse_args()
    targets = list(given.only or TARGETS)
    each_s = max(5, given.seconds // len(targets))
    failed = []
    for target in targets:
        began = time.monotonic()
        code = run(target, each_s)
        print(f"{target:12} {'failed' if code else 'ok':6} {time.monotonic() - began:5.0f} s", flush=True)  # noqa: T201 - its report
        failed += [target] if code else []
    print(f"{len(targets) - len(failed)} of {len(targets)} targets are sound after {each_s} s each")  # noqa: T201 - as above
    return 1 if failed else 0


def run(target: str, seconds: int) -> int:
    """One target in a process of its own; its exit code."""
    corpus = CORPUS / target
    corpus.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "tests.fuzz.target", target, str(corpus)),
        f"-max_total_time={seconds}",
        f"-max_len={INPUT_BYTES_MAX}",
        f"-rss_limit_mb={RSS_MB_MAX}",
        f"-artifact_prefix={corpus}-",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own module


if __name__ == "__main__":
    sys.exit(main())
