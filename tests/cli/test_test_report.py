"""The results of the mapping's own tests, for a program."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from consumer.cli.test_report import in_junit, plain_results
from consumer.mapping.cases import CaseResult, run_cases
from consumer.mapping.coverage import Gap, gaps_in
from consumer.mapping.rules import load_mapping

TEXT = """\
format: segment
rules:
  - {name: trial, when: Trial, where: properties.seats > 3, send: trial}
tests:
  - {name: passes, given: {type: track, event: Other}, expect: []}
  - name: "fails \\x01 <&>"
    given: {type: track, event: Trial, userId: u1, properties: {seats: 2}}
    expect: [{send: trial}]
  - {name: unreadable, given: {type: 1}, expect: []}
"""


@pytest.fixture
def ran() -> tuple[tuple[CaseResult, ...], tuple[Gap, ...]]:
    """One test passes, two fail, and one rule has a gap."""
    mapping = load_mapping(TEXT, "mapping.yaml")
    results = run_cases(mapping)
    return results, gaps_in(mapping, [result.told for result in results])


def test_json_says_of_each_test_both_sides_and_of_a_failure_why(
    ran: tuple[tuple[CaseResult, ...], tuple[Gap, ...]],
) -> None:
    """As ``explain --json`` does."""
    found = plain_results(*ran, strict=False)

    assert (False, 1, 2) == (found["ok"], found["passed"], found["failed"])
    assert [{"rule": "trial", "name": "trial", "gap": "where_always_false"}] == found["gaps"]
    passed, failed, _ = found["tests"]
    assert "why" not in passed
    assert (({"send": "trial"},), ()) == (failed["expected"], failed["got"])
    assert ["where"] == [rule["verdict"] for rule in failed["why"]["rules"]]


def test_gaps_fail_only_where_that_is_wanted(ran: tuple[tuple[CaseResult, ...], tuple[Gap, ...]]) -> None:
    """Of tests that all pass."""
    results, gaps = ran[0][:1], ran[1]

    assert [True, False] == [plain_results(results, gaps, strict=strict)["ok"] for strict in (False, True)]
    assert plain_results(results, (), strict=True)["ok"]


def test_junit_has_a_case_for_each_test(ran: tuple[tuple[CaseResult, ...], tuple[Gap, ...]]) -> None:
    """With what differs and why; what XML cannot hold is replaced."""
    suites = ET.fromstring(in_junit("mapping.yaml", *ran, strict=False))  # noqa: S314 - written by ourselves

    (suite,) = suites
    assert ("3", "2") == (suite.get("tests"), suite.get("failures"))
    cases = suite.findall("testcase")
    assert ["passes", "fails \ufffd <&>", "unreadable"] == [case.get("name") for case in cases]
    failures = [case.findtext("failure") for case in cases]
    assert failures[0] is None
    assert ["expected:", '! send: "trial"', "got:", "! nothing", "why:"] == (failures[1] or "").splitlines()[:5]
    assert "no: trial: where: properties.seats > 3" in (failures[1] or "")
    assert "the event cannot be read: type is not text" in (failures[2] or "")


def test_junit_tells_gaps_as_properties_and_as_a_case_where_they_fail(
    ran: tuple[tuple[CaseResult, ...], tuple[Gap, ...]],
) -> None:
    """So that a pipeline can show them either way."""
    loose, strict = (ET.fromstring(in_junit("m", *ran, strict=strict)) for strict in (False, True))  # noqa: S314 - as above
    covered = ET.fromstring(in_junit("m", ran[0][:1], (), strict=True))  # noqa: S314 - as above

    words = "trial: its where is false in every test"
    (found,) = loose.iter("property")
    assert {"name": "where_always_false trial", "value": words} == found.attrib
    assert ("3", "4") == (loose.get("tests"), strict.get("tests"))
    assert words == list(strict.iter("failure"))[-1].text
    assert ("2", "0") == (covered.get("tests"), covered.get("failures"))
