"""``loops-consumer test``: the results for a program, as JSON, and as JUnit's XML that continuous integration reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from consumer.cli.explain_plain import plain
from consumer.cli.rule_words import mark, reason, where_lines
from consumer.cli.test_difference import Line, because, rows_of
from consumer.mapping.cases import CaseResult
from consumer.mapping.coverage import Gap

__all__ = ["in_junit", "plain_results"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0, 2.2: every other character is none, however it is written."""


def plain_results(results: Sequence[CaseResult], gaps: Sequence[Gap], *, strict: bool) -> dict[str, Any]:
    """What ``--json`` prints: both sides of every test, and of one that failed why."""
    failed = sum(not result.passed for result in results)
    return {
        "ok": not failed and not (strict and gaps),
        "passed": len(results) - failed,
        "failed": failed,
        "tests": [_plain(result) for result in results],
        "gaps": [{"rule": gap.rule.id, "name": gap.rule.name, "gap": gap.kind.value} for gap in gaps],
    }


def in_junit(name: str, results: Sequence[CaseResult], gaps: Sequence[Gap], *, strict: bool) -> bytes:
    """A JUnit document with a test case for each test; ``name`` is the mapping's file.

    Gaps are properties of the suite; where they count as failures they are a test case too.
    """
    cases = [_case(name, result) for result in results]
    if strict:
        cases.append(_case_of_gaps(name, gaps))
    failures = sum(case.find("failure") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0", "skipped": "0"}
    suite = ET.Element("testsuite", {"name": _text(name), **counts})
    properties = ET.SubElement(suite, "properties")
    for gap in gaps:
        told = {"name": _text(f"{gap.kind.value} {gap.rule.id}"), "value": _text(_in_words(gap))}
        ET.SubElement(properties, "property", told)
    suite.extend(cases)
    suites = ET.Element("testsuites", counts)
    suites.append(suite)
    ET.indent(suites)
    found: bytes = ET.tostring(suites, encoding="utf-8", xml_declaration=True)
    return found + b"\n"


def _plain(result: CaseResult) -> dict[str, Any]:
    found = {"name": result.name, "passed": result.passed, "expected": result.expected, "got": result.got}
    return found if result.passed else found | {"why": plain(result.name, result.told)}


def _case(name: str, result: CaseResult) -> ET.Element:
    case = ET.Element("testcase", {"classname": _text(name), "name": _text(result.name)})
    if not result.passed:
        failure = ET.SubElement(case, "failure", {"type": "difference", "message": "other requests than expected"})
        failure.text = _text("\n".join(_failure_lines(result)))
    return case


def _case_of_gaps(name: str, gaps: Sequence[Gap]) -> ET.Element:
    case = ET.Element("testcase", {"classname": _text(name), "name": "every rule is covered"})
    if gaps:
        failure = ET.SubElement(case, "failure", {"type": "coverage", "message": "not covered by any test"})
        failure.text = _text("\n".join(map(_in_words, gaps)))
    return case


def _failure_lines(result: CaseResult) -> Iterator[str]:
    for row in rows_of(result):
        yield from ("expected:", *map(_marked, row.expected), "got:", *map(_marked, row.got))
    yield "why:"
    if result.told.unreadable is not None:
        yield f"  the event cannot be read: {result.told.unreadable}"
    for rule in because(result):
        said = reason(rule, result.told)
        yield f"  {mark(rule)}: {rule.rule.name}" + (f": {said}" if said else "")
        yield from (f"    {line}" for line in where_lines(rule))


def _marked(line: Line) -> str:
    return f"{'!' if line.differs else ' '} {line.text}"


def _in_words(gap: Gap) -> str:
    return f"{gap.rule.name}: {gap.kind.words}"


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
