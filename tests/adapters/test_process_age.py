"""How long a process has been there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from consumer.adapters import process_age
from consumer.adapters.process_age import process_age_s

ROOT = Path(__file__).parents[2]
TICKS_S = 0.03
"""The system tells a start in ticks of 10 ms, and too young is better than too old."""

_WAITS_AND_SAYS = """
import sys, time
sys.stdin.readline()
from consumer.adapters.process_age import process_age_s
print(time.monotonic(), process_age_s(), time.monotonic())
"""
"""The clock is the machine's own, of which this process reads the same."""


def test_it_counts_from_the_start_of_the_process_and_never_from_before() -> None:
    """What it waited for before it loaded anything counts."""
    before = time.monotonic()
    child = subprocess.Popen(  # noqa: S603 - this Python, and a text of ours
        [sys.executable, "-c", _WAITS_AND_SAYS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    started = time.monotonic()
    with child:
        child.stdin.write(b"\n")  # type: ignore[union-attr]  # it is a pipe
        child.stdin.flush()  # type: ignore[union-attr]  # it is a pipe
        asked, age_s, told = map(float, child.stdout.readline().split())  # type: ignore[union-attr]  # it is a pipe

    assert asked - started - TICKS_S < age_s < told - before
    assert child.returncode == 0


@pytest.mark.parametrize("text", (None, b"", b"17 (a) b) S 1", b"17 (a) S " + b"x " * 40))
def test_where_it_is_not_told_the_cpu_time_stands_for_it(
    text: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process is never younger than what it has worked."""
    stat = tmp_path / "stat"
    if text is not None:
        stat.write_bytes(text)
    monkeypatch.setattr(process_age, "_STAT", stat)
    least_s = time.process_time()

    assert least_s <= process_age_s() <= time.process_time()
