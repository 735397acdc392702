"""Values as a person reads them, in the units that the panels name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

__all__ = ["shown", "step"]

_SUFFIX: Final = "suffix:"
_TIMES: Final = ((1e-3, "ms"), (1.0, "s"), (60.0, "min"), (3600.0, "h"), (86_400.0, "d"))
_COUNTS: Final = ((1.0, ""), (1e3, " K"), (1e6, " M"), (1e9, " G"))
_TIME_STEPS: Final = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 21_600.0, 86_400.0)
_STEPS_MAX: Final = 4.5
_BYTES: Final = ((1.0, " B"), (2.0**10, " KiB"), (2.0**20, " MiB"), (2.0**30, " GiB"))


def shown(value: float, unit: str) -> str:
    """A value with its unit: ``shown(0.25, "s")`` is ``250 ms``; what is no number is a dash."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "∞"
    if unit.startswith(_SUFFIX):
        return f"{_short(value)}{unit.removeprefix(_SUFFIX)}"
    if unit == "percentunit":
        return f"{_short(100 * value)} %"
    if unit == "s":
        return _scaled(value, [(size, f" {name}") for size, name in _TIMES]) if value else "0 s"
    return _scaled(value, _BYTES if unit == "bytes" else _COUNTS)


def step(span: float, unit: str) -> float:
    """How far apart the lines of an axis lie that shows so much: two to five of them, at round values of the unit."""
    if not span:
        return 1.0
    if unit == "s" and span > _TIME_STEPS[0]:
        return next((one for one in _TIME_STEPS if span / one <= _STEPS_MAX), _TIME_STEPS[-1])
    size = max((size for size, _ in _BYTES if unit == "bytes" and span >= size), default=1.0)
    tens = 10.0 ** math.floor(math.log10(span / size / _STEPS_MAX))
    return size * tens * next(one for one in (1.0, 2.0, 2.5, 5.0, 10.0) if span / size / tens / one <= _STEPS_MAX)


def _scaled(value: float, steps: Sequence[tuple[float, str]]) -> str:
    """In the largest step of which it is at least one."""
    size, name = max((step for step in steps if abs(value) >= step[0]), default=steps[0])
    return f"{_short(value / size)}{name}"


def _short(value: float) -> str:
    """Three digits, no more."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
