"""The rules for Prometheus as tests read them, and the same ones with their durations shortened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from tests.deploy.tools import ROOT

__all__ = [
    "PROMETHEUS",
    "RULES",
    "Alert",
    "alerts",
    "expressions",
    "quickened",
    "quickened_s",
    "read",
    "recorded",
]

PROMETHEUS: Final = ROOT / "deploy" / "prometheus"
RULES: Final = PROMETHEUS / "rules.yaml"

_FASTER: Final = 25
_LONGER_S: Final = 12
"""What a busy machine does for some seconds (a scrape that takes too long, a process that stands still) is a small part
of every duration in a cluster, and has to be one here."""

_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION: Final = re.compile(r"(?P<before>\[|\boffset )(?P<count>\d+)(?P<unit>[smhd])\b")
_PLAIN: Final = re.compile(r"(\d+)([smhd])")


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as it is shipped."""

    name: str
    expression: str
    severity: str
    keep_firing_for: str
    annotations: dict[str, str]


def read(path: Path) -> Any:
    """A YAML document."""
    return YAML(typ="safe", pure=True).load(path.read_text())


def alerts() -> list[Alert]:
    """All of them, in the file's order; ``KeyError`` where one lacks something."""
    return [
        Alert(rule["alert"], rule["expr"], rule["labels"]["severity"], rule["keep_firing_for"], rule["annotations"])
        for rule in _rules(read(RULES))
        if "alert" in rule
    ]


def recorded() -> list[str]:
    """The names of the series that recording rules make."""
    return [rule["record"] for rule in _rules(read(RULES)) if "record" in rule]


def expressions() -> dict[str, str]:
    """What each rule looks at, by the name of what it makes."""
    return {rule.get("alert") or rule["record"]: rule["expr"] for rule in _rules(read(RULES))}


def quickened_s(seconds: float) -> float:
    """What :func:`quickened` makes of a duration: a minute is 14.4 s, five are 24, an hour is 156."""
    return seconds / _FASTER + _LONGER_S


def quickened(directory: Path) -> Path:
    """Writes the shipped rules with every duration as :func:`quickened_s` has it, and nothing else changed.

    Durations are those behind ``[`` and ``offset`` in an expression, ``for`` and ``keep_firing_for``. Thresholds stay,
    those in seconds among them: a lag of 300 s is one of 300 s.
    """
    document = read(RULES)
    for rule in _rules(document):
        rule["expr"] = _DURATION.sub(
            lambda found: found["before"] + _quicker(found["count"], found["unit"]), rule["expr"]
        )
        for name in ("for", "keep_firing_for"):
            if name in rule and (found := _PLAIN.fullmatch(rule[name])) is not None:
                rule[name] = _quicker(*found.groups())
    path = directory / "quickened.yaml"
    with path.open("w") as file:
        YAML(typ="safe", pure=True).dump(document, file)
    return path


def _rules(document: Any) -> Iterator[dict[str, Any]]:
    for group in document["groups"]:
        yield from group["rules"]


def _quicker(count: str, unit: str) -> str:
    return f"{round(quickened_s(int(count) * _SECONDS[unit]) * 1_000)}ms"
