"""The results of the mapping's own tests, for a person."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from consumer.cli.test_view import show
from consumer.mapping.cases import run_cases
from consumer.mapping.coverage import gaps_in
from consumer.mapping.rules import load_mapping

RULES = """\
format: segment
rules:
  - {name: trial, when: Trial, where: properties.seats > 3, send: trial, event: {seats: properties.seats}}
  - {name: profile, when: {type: identify}, update: true}
tests:
"""
TRIAL = "given: {type: track, event: Trial, userId: u1, properties: {seats: 5}}"
PASSES = f"{TRIAL}, expect: [{{send: trial, userId: u1, event: {{seats: 5}}}}]"


def page(*tests: str, width: int = 80, strict: bool = False) -> list[str]:
    """What stands on a screen of that width; each test is the inside of a YAML flow mapping but for its name."""
    lines = "".join(f"  - {{name: t{number}, {test}}}\n" for number, test in enumerate(tests)) or "  []\n"
    mapping = load_mapping(RULES + lines, "mapping.yaml")
    results = run_cases(mapping)
    gaps = gaps_in(mapping, [result.told for result in results])
    screen = Console(width=width)
    with screen.capture() as captured:
        show(screen, Path("mapping.yaml"), results, gaps, strict=strict)
    return captured.get().splitlines()


def test_a_failure_shows_both_sides_and_why() -> None:
    """Below its name, at the width of a terminal."""
    lines = page(f"{TRIAL.replace('5', '2')}, expect: [{{send: trial, userId: u1, event: {{seats: 2}}}}]")

    assert "failed  t0" == lines[0]
    assert '│ ! send: "trial"  │ ! nothing │' in lines
    assert "no           trial    where: properties.seats > 3 \N{RIGHTWARDS ARROW} false (2 > 3)" in lines
    assert [] == [line for line in lines if len(line) > 80 or line != line.rstrip()]


@pytest.mark.parametrize("width", (60, 80, 120))
def test_a_long_value_is_broken_and_the_table_stays_a_table(width: int) -> None:
    """On any screen."""
    email = f"{'someone.' * 20}@example.com"
    given = TRIAL.replace("userId: u1", f"userId: u1, traits: {{email: {email}}}")

    lines = page(f"{given}, expect: []", width=width)

    assert [] == [line for line in lines if len(line) > width]


def test_what_no_test_covers_is_warned_of_at_the_end() -> None:
    """With the number of rules it is about."""
    lines = page(PASSES)

    assert [
        "passed  t0",
        "",
        "not covered by any test",
        "  trial: its where is true in every test",
        "  profile: no test has an event that it is about",
        "",
        "1 passed, 0 failed, 2 rules not covered",
    ] == lines


def test_where_all_is_covered_nothing_is_said_of_it() -> None:
    """One line at the end."""
    lines = page(
        PASSES,
        f"{TRIAL.replace('5', '3')}, expect: []",
        "given: {type: identify, userId: u1}, expect: [{update: true, userId: u1}]",
    )

    assert ["passed  t0", "passed  t1", "passed  t2", "3 passed, 0 failed"] == lines


def test_an_event_of_a_test_that_cannot_be_read_is_said() -> None:
    """Instead of the rules, of which none is asked."""
    assert "the event cannot be read: type is not text" in page("given: {type: 1}, expect: []")


def test_a_rule_that_was_expected_to_act_says_why_it_did_not() -> None:
    """Though it is not about the event."""
    lines = page("given: {type: track, event: X, userId: u1}, expect: [{send: trial, userId: u1}]")

    assert 'no           trial    event is "X", not "Trial"' in lines
    assert [] == [line for line in lines if line.startswith("no           profile")]


def test_no_tests_are_said_to_be_none() -> None:
    """Rather than all passed."""
    assert "mapping.yaml has no tests" == page()[-1]
