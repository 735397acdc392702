"""How much memory a process held at most, as Linux counts it."""

from __future__ import annotations

from pathlib import Path

__all__ = ["forget_peak", "peak_mb"]


def peak_mb(pid: int) -> float:
    """The most that was resident since the process began, or since :func:`forget_peak`; MB of 1,000,000 bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(pid)


def forget_peak(pid: int) -> float:
    """What is resident now is the most from here on; returns it, in MB."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak_mb(pid)
