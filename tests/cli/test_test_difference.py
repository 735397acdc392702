"""What a test of the mapping expected beside what it got."""

from __future__ import annotations

import pytest

from consumer.cli.test_difference import because, rows_of
from consumer.mapping.cases import CaseResult, run_cases
from consumer.mapping.rules import load_mapping

RULES = """\
format: segment
rules:
  - {name: a, when: A, send: a, event: {plan: properties.plan}}
  - {name: b, when: A, where: properties.vip, update: true, contact: {plan: properties.plan}}
  - {name: c, when: C, delete: true}
  - {name: d, when: A, send: d, enabled: false}
tests:
"""
GIVEN = "given: {type: track, event: A, userId: u1, properties: {plan: pro, vip: true}}"


def result_of(test: str) -> CaseResult:
    """How one test ends."""
    (result,) = run_cases(load_mapping(f"{RULES}  - {{name: t, {test}}}\n", "mapping.yaml"))
    return result


def beside(test: str) -> list[tuple[list[str], list[str]]]:
    """Both sides, a request a pair; what differs is marked."""
    return [
        tuple([f"{'! ' if line.differs else ''}{line.text}" for line in side] for side in row)  # type: ignore[misc]  # of two
        for row in rows_of(result_of(test))
    ]


def test_what_differs_is_marked_on_both_sides() -> None:
    """A member a line, and one of a section too."""
    expect = "[{send: a, userId: u1, event: {plan: team}}, {update: true, userId: u1, contact: {plan: pro}}]"

    assert [
        (
            ['send: "a"', 'userId: "u1"', '! event.plan: "team"'],
            ['send: "a"', 'userId: "u1"', '! event.plan: "pro"'],
        ),
        (["update: true", 'userId: "u1"', 'contact.plan: "pro"'],) * 2,
    ] == beside(f"{GIVEN}, expect: {expect}")


def test_a_request_stands_beside_the_one_that_begins_alike() -> None:
    """One that is missing shifts no other; two of one kind stand beside each other though they differ."""
    update = ["update: true", 'userId: "u1"', 'contact.plan: "pro"']

    missing = beside(f"{GIVEN}, expect: [{{update: true, userId: u1, contact: {{plan: pro}}}}]")
    other = beside(f"{GIVEN.replace('vip: true', 'vip: false')}, expect: [{{delete: true, userId: u1}}]")

    assert (["! nothing"], ['! send: "a"', '! userId: "u1"', '! event.plan: "pro"']) == missing[0]
    assert (update, update) == missing[1]
    assert [["! delete: true", '! userId: "u1"'], ["! nothing"]] == [expected for expected, _ in other]


def test_nothing_on_both_sides_is_one_row() -> None:
    """Of a test that passes."""
    assert [(["nothing"], ["nothing"])] == beside("given: {type: track, event: B}, expect: []")


@pytest.mark.parametrize(("number", "marked"), (("5.0", False), ("5.5", True), ("true", True)))
def test_a_number_is_the_same_however_it_is_written(number: str, marked: bool) -> None:
    """As it is for the test itself."""
    given = GIVEN.replace("plan: pro", "plan: 5")

    row = beside(f"{given}, expect: [{{send: a, userId: u1, event: {{plan: {number}}}}}]")[0]

    assert marked == row[0][-1].startswith("! ")


def test_the_rules_that_say_why_are_those_about_the_event_or_of_what_was_expected() -> None:
    """Others would say what nobody asked."""
    asked = because(result_of(f"{GIVEN}, expect: []"))
    missed = because(result_of(f"{GIVEN.replace('event: A', 'event: B')}, expect: [{{delete: true, userId: u1}}]"))

    assert ["a", "b"] == [told.rule.id for told in asked]
    assert ["c"] == [told.rule.id for told in missed]
