"""The committed dashboards as a test reads them: panels, queries, and expressions with the variables filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import promql_parser
from promql_parser import Expr, VectorSelector

from tests.deploy.tools import ROOT

__all__ = ["ALL_CHOSEN", "NAMES", "Asked", "choices", "dashboard", "filled", "panels", "parsed", "queries", "selectors"]

NAMES: Final = ("overview", "debug")

ALL_CHOSEN: Final[Mapping[str, str]] = {"namespace": ".*", "job": ".+", "topic": ".+", "instance": ".+"}
"""What Grafana puts in where everything is chosen: each variable's ``allValue``."""

_LABEL_VALUES: Final = re.compile(r"label_values\((?P<selector>.+), (?P<label>\w+)\)")
_VARIABLE: Final = re.compile(r"\$(\w+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """One query: of a panel, or of an annotation."""

    dashboard: str
    title: str
    letter: str
    """Which of its panel's; ``mark`` for an annotation's."""
    expression: str
    legend: str = ""
    instant: bool = False

    def __str__(self) -> str:
        return f"{self.dashboard}: {self.title}, {self.letter}"


def dashboard(name: str) -> dict[str, Any]:
    """The committed file of this name."""
    found: dict[str, Any] = json.loads((ROOT / "deploy" / "grafana" / f"{name}.json").read_text())
    return found


def panels(name: str) -> list[dict[str, Any]]:
    """Its panels without the rows."""
    return [panel for panel in dashboard(name)["panels"] if panel["type"] != "row"]


def queries() -> Iterator[Asked]:
    """Every query of both dashboards: of the panels, and of the annotations."""
    for name in NAMES:
        for panel in panels(name):
            for target in panel["targets"]:
                letter, legend = target["refId"], target["legendFormat"]
                yield Asked(name, panel["title"], letter, target["expr"], legend, instant=target["instant"])
        for marks in dashboard(name)["annotations"]["list"]:
            if "expr" in marks:
                yield Asked(name, marks["name"], "mark", marks["expr"])


def choices(name: str) -> dict[str, tuple[str, str]]:
    """Of each variable that lists something: the selector whose series it looks at, and the label that it lists."""
    asked = {each["name"]: each["query"]["query"] for each in dashboard(name)["templating"]["list"][1:]}
    matches = {variable: _LABEL_VALUES.fullmatch(query) for variable, query in asked.items()}
    return {variable: (found["selector"], found["label"]) for variable, found in matches.items() if found}


def filled(
    expression: str, *, rate_interval: str = "1m", time_range: str = "1h", chosen: Mapping[str, str] = ALL_CHOSEN
) -> str:
    """As Grafana sends it; ``KeyError`` where it has a variable that there is not."""
    values = {"__rate_interval": rate_interval, "__range": time_range, **chosen}
    return _VARIABLE.sub(lambda found: values[found[1]], expression)


def parsed(expression: str) -> Expr:
    """The syntax tree of a filled-in expression; ``ValueError`` where it has none."""
    return promql_parser.parse(expression)


def selectors(expression: str) -> list[VectorSelector]:
    """Every selector in a filled-in expression."""
    found: list[VectorSelector] = []

    def visit(node: Expr) -> bool:
        if isinstance(node, VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(parsed(expression), visit)
    return found
