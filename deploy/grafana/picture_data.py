"""What a run's queries gave, as the pictures need it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

__all__ = ["Results", "Series"]


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a panel; moments are seconds since the run began."""

    name: str
    """Its legend."""
    labels: Mapping[str, str]
    moments: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """Of a file that the test of all queries writes."""

    start_s: float
    end_s: float
    """Until here the pictures show it; seconds since 1970."""
    by_query: Mapping[tuple[str, str, str], list[Any]]
    """What each query gave, by dashboard, title and letter."""

    @classmethod
    def read(cls, file: Path) -> Self:
        """Of the file; ``OSError`` where there is none."""
        found = json.loads(file.read_text())
        by_query = {(each["dashboard"], each["title"], each["letter"]): each["series"] for each in found["results"]}
        return cls(found["start_s"], found["shown_until_s"], by_query)

    @property
    def length_s(self) -> float:
        """How long it took."""
        return self.end_s - self.start_s

    def of_panel(self, dashboard: str, panel: Mapping[str, Any]) -> Iterator[Series]:
        """Each series of each of its queries, in the order in which they stand; without values that are no number."""
        for target in panel["targets"]:
            found = self.by_query[dashboard, panel["title"], target["refId"]]
            yield from filter(_is_there, (self._series(each, target["legendFormat"]) for each in found))

    def marks(self, dashboard: str, annotation: Mapping[str, Any]) -> list[float]:
        """When what an annotation marks happened: the first moment of each stretch, or the moments that are values."""
        found: list[float] = []
        for each in self.by_query[dashboard, annotation["name"], "mark"]:
            if annotation["useValueForTime"]:
                found += {value / 1000 - self.start_s for _, value in each["values"]}
                continue
            last_s = float("-inf")
            for moment, _ in each["values"]:
                if moment - last_s > 2:
                    found.append(moment - self.start_s)
                last_s = moment
        return sorted({round(moment) for moment in found if 0 <= moment <= self.length_s})

    def _series(self, found: Mapping[str, Any], legend: str) -> Series:
        labels = found["labels"]
        name = re.sub(r"\{\{(\w+)\}\}", lambda label: labels.get(label[1], "") or "none", legend)
        kept = [
            (moment - self.start_s, value)
            for moment, value in found["values"]
            if moment <= self.end_s and not math.isnan(value)
        ]
        return Series(name, labels, tuple(moment for moment, _ in kept), tuple(value for _, value in kept))


def _is_there(series: Series) -> bool:
    return bool(series.values)
