"""What another process costs: CPU and memory, as Linux counts them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

__all__ = ["cpu_s", "resident_mb"]

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_USER_FIELD: Final = 11
"""Of ``/proc/PID/stat`` behind the name in parentheses: utime, and stime after it."""


def cpu_s(pid: int) -> float:
    """Seconds of CPU, user and system, of all its threads since it began; to 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[_USER_FIELD]) + int(fields[_USER_FIELD + 1])) / _TICKS_PER_S


def resident_mb(pid: int) -> float:
    """Resident memory in MB of 1,000,000 bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(pid)
