"""How long this process has been there, as the operating system says."""

from __future__ import annotations

import os
import time
from pathlib import Path

__all__ = ["process_age_s"]

_STAT = Path("/proc/self/stat")
_STARTED = 19
"""The place of ``starttime`` behind the process' name, in clock ticks since the system began: proc(5), number 22."""


def process_age_s() -> float:
    """Seconds; rather too few than too many. Elsewhere than on Linux it is the CPU time so far, which is less."""
    try:
        # The name, in parentheses, may hold anything.
        fields = _STAT.read_bytes().rpartition(b") ")[2].split()
        tick_s = 1 / os.sysconf("SC_CLK_TCK")
        age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - (int(fields[_STARTED]) + 1) * tick_s
    except (OSError, ValueError, IndexError, AttributeError):
        return time.process_time()
    return max(age_s, time.process_time())
