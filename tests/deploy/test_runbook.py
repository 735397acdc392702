"""The runbook has what it promises to have, and each of its commands was run, or has a stand-in that is named here."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from consumer.adapters.metrics import METRICS
from consumer.status import LoadStatus, MappingStatus, PartitionStatus, RateStatus, SourceStatus, Status
from tests.deploy import runbook
from tests.deploy.tools import ROOT

ALERTS: Final = (
    "LoopsConsumerFreshnessBudgetBurnsFast",
    "LoopsConsumerFreshnessBudgetBurnsSlowly",
    "LoopsConsumerLimitTooSmall",
    "LoopsConsumerNothingDelivered",
    "LoopsConsumerKeyRefused",
    "LoopsConsumerLoopsUnavailable",
    "LoopsConsumerDeadLetters",
    "LoopsConsumerLagNearRetention",
    "LoopsConsumerRecordsLost",
    "LoopsConsumerCommitsFail",
    "LoopsConsumerRebalancesAllTheTime",
    "LoopsConsumerPollLoopStuck",
    "LoopsConsumerMappingRefused",
    "LoopsConsumerLimitTakenByOthers",
    "LoopsConsumerAbsent",
)
PROCEDURES: Final = (
    "First deployment",
    "Stop and resume all sending",
    "Rotate the key",
    "Change the mapping",
    "Replay an hour",
    "Redrive dead letters",
    "Move to another cluster",
    "Raise the limit",
    "Delete a person",
    "Upgrade",
)
PARTS: Final = (
    "What it means.",
    "What a user sees.",
    "What to look at.",
    "What to do.",
    "How to know that it is over.",
)

IN_A_POD: Final = "kubectl exec deploy/loops-consumer -- "
IN_ITS_OWN_POD: Final = "deploy/hand.sh "

STAND_INS: Final[Mapping[str, str]] = {
    "make image IMAGE=registry.example.com/loops-consumer:0.1.0": (
        "test_the_image_adds_the_program_to_its_base_and_nothing_else"
    ),
    "docker push registry.example.com/loops-consumer:0.1.0": "test_what_is_pushed_is_what_the_pods_run",
}
"""What stands in for a command that cannot be run here as it is: the test that runs what of it can be."""

_TESTS: Final = Path(__file__).parent
_RUN_IN: Final = (*sorted(_TESTS.glob("test_runbook_*.py")), _TESTS / "desk.py", _TESTS / "release.py")
_LINK: Final = re.compile(r"\]\(#([^)]+)\)")


def test_each_alert_and_each_procedure_has_its_section() -> None:
    """By exactly these names, in this order."""
    found = list(runbook.sections())
    assert ["Before you begin", *ALERTS, *PROCEDURES, "Reading the dashboards"] == found


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alerts_section_has_its_five_parts(alert: str) -> None:
    """In this order, each with something to say."""
    text = runbook.sections()[alert]
    places = [text.find(f"**{part}**") for part in PARTS]
    assert -1 not in places
    assert sorted(places) == places


def test_links_within_it_lead_somewhere() -> None:
    """To a heading of it."""
    text = runbook.RUNBOOK.read_text()
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    assert set() == set(_LINK.findall(text)) - headings


def test_what_it_looks_at_on_a_dashboard_is_there() -> None:
    """Each row, and each panel of a row, by its title; a panel above all rows stands alone."""
    found = re.findall(r"`(Overview|Debug) > ([^`]+)`", _prose())
    assert len(found) > 30
    assert [] == [place for board, place in found if place not in _places(board)]


def test_what_it_looks_at_in_the_status_is_there() -> None:
    """By the names that ``/status`` has, of the whole and of its parts."""
    parts = {field.name: field.type for field in fields(Status)}
    named = set(re.findall(r"`((?:load|rate|source|mapping|partitions\[\])\.\w+)`", _prose()))
    assert len(named) > 10
    known = {
        f"{part}.{field.name}"
        for part, kind in (
            ("load", LoadStatus),
            ("rate", RateStatus),
            ("source", SourceStatus),
            ("mapping", MappingStatus),
            ("partitions[]", PartitionStatus),
        )
        for field in fields(kind)
    }
    assert set() == named - known
    assert {"outages", "last_errors", "on_wire", "uncommitted"} <= parts.keys()


def test_the_metrics_that_it_names_are_there() -> None:
    """By their whole names."""
    known = {metric.name for metric in METRICS}
    assert set() == set(re.findall(r"`(loops_consumer_\w+)`", _prose())) - known


def test_every_command_was_run_or_has_its_stand_in() -> None:
    """A command in a pod is run as far as the pod by one test, and what it runs there by another."""
    assert [] == [one.text for one in runbook.commands() if not is_covered(one.text)]


def test_who_looks_for_pods_finds_consumers_alone() -> None:
    """Not those of ``helm test``, which stay when they have ended, nor that of a command by hand."""
    consumers = "app.kubernetes.io/name=loops-consumer,app.kubernetes.io/component=consumer"
    found = [re.findall(r"--selector (\S+)", one.text) for one in runbook.commands()]
    assert {consumers} == {selector for selectors in found for selector in selectors}


def test_every_stand_in_is_a_test_and_is_wanted() -> None:
    """One that the runbook does not use any more goes."""
    said = {one.text for one in runbook.commands()}
    for text, test in STAND_INS.items():
        assert text in said
        assert any(f"def {test}(" in file.read_text() for file in _TESTS.glob("test_*.py"))


def _prose() -> str:
    """The runbook with each line's end a blank."""
    return re.sub(r"\s+", " ", runbook.RUNBOOK.read_text())


def _places(board: str) -> set[str]:
    """``Row``, ``Row > Panel``, and panels above all rows."""
    whole = json.loads((ROOT / "deploy" / "grafana" / f"{board.lower()}.json").read_text())
    row, found = "", set()
    for panel in whole["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
        found.add(panel["title"] if panel["type"] == "row" or not row else f"{row} > {panel['title']}")
    return found


def is_covered(text: str) -> bool:
    """Whether a test runs it, or what it runs where it cannot be run here."""
    if text.startswith(IN_A_POD):
        return text.removeprefix(IN_A_POD) in run_by_tests()
    if text.startswith(IN_ITS_OWN_POD):
        return f"loops-consumer {text.removeprefix(IN_ITS_OWN_POD)}" in run_by_tests()
    return text in run_by_tests() or text in STAND_INS


@cache
def run_by_tests() -> frozenset[str]:
    """What the tests of the runbook give its shell to run, or to begin."""
    return frozenset(text for file in _RUN_IN for text in _run_in(file))


def _run_in(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text())
    named = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(target := node.target, ast.Name)
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in {"run", "begin"}:
            for first in call.args[:1]:
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value
                elif isinstance(first, ast.Name):
                    yield named.get(first.id, "")
