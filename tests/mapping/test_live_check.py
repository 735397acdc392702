"""A mapping held against a team at Loops."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.documents import Path
from consumer.faults import Fault
from consumer.mapping.live_check import LiveCheck, Team, check_live
from consumer.mapping.rule import Rule
from tests.mapping.making import mapping_of

LIST = "cm06f5v0e45nf0ml5754o9cix"


class FakePlaces:
    """Says a place in words."""

    def fault(self, rule: Rule, keys: Path, message: str, hint: str | None = None, *, of_key: bool = False) -> Fault:
        """With the rule and the keys as its path, behind them whether it is a key."""
        path = "/".join(map(str, (rule.name, *keys))) + (" (key)" if of_key else "")
        return Fault(message, path=path, hint=hint)


def team(**has: Any) -> Team:
    """A team that has these, and nothing else."""
    events = has.pop("events", {})
    found = {"properties": {}, "lists": {}, "events": events, "event_names": frozenset(events), **has}
    return Team(**found)


def checked(of: Team, *rules: str, top: str = "format: segment") -> LiveCheck:
    """What is found of these rules."""
    return check_live(mapping_of(*rules, top=top), of, FakePlaces())


def said(faults: list[Fault]) -> list[tuple[str, str, str | None]]:
    """Path, message and hint of each."""
    return [(fault.path, fault.message, fault.hint) for fault in faults]


def test_what_fits_is_not_mentioned() -> None:
    """Names and types as they are in Loops."""
    of = team(
        properties={"plan": "string", "trialEndsAt": "date", "seats": "number", "paid": "boolean"},
        lists={LIST: "News"},
        events={"trialStarted": {"plan": "string"}},
    )
    contact = "plan: '\"pro\"', trialEndsAt: timestamp, seats: $count(a), paid: $exists(b)"
    rule = f"when: a, send: trialStarted, event: {{plan: x}}, contact: {{{contact}}}, lists: {{{LIST}: true}}"

    assert LiveCheck() == checked(of, rule)


def test_what_loops_does_not_know_would_be_made() -> None:
    """Once for each name, at its first place, with the type that the first value makes where that can be told."""
    rule = "when: a, update: true, contact: {plan: properties.plan, seats: $count(a)}"
    found = checked(team(properties={"plans": "string"}), rule, rule, "when: b, send: paid")

    assert [] == found.faults
    assert [
        (
            "r0/contact/plan (key)",
            "Loops does not know the contact property plan; the first request makes it",
            "did you mean plans?",
        ),
        (
            "r0/contact/seats (key)",
            "Loops does not know the contact property seats; the first request makes it, as a number",
            None,
        ),
        ("r2/send", "Loops does not know the event paid; the first request makes it", None),
    ] == said(found.warnings)


@pytest.mark.parametrize("twin", ("firstname", "FirstName", "first_name"))
def test_a_property_beside_its_twin_is_a_fault(twin: str) -> None:
    """Case and punctuation make another one of it."""
    found = checked(team(properties={"firstName": "string"}), f"when: a, update: true, contact: {{{twin}: x}}")

    assert [] == found.warnings
    assert [
        (
            f"r0/contact/{twin} (key)",
            f"Loops has the contact property firstName; {twin} would be another one beside it",
            "did you mean firstName?",
        )
    ] == said(found.faults)


@pytest.mark.parametrize(
    ("kind", "expression", "says"),
    (
        ("date", "'\"soon\"'", "is a date in Loops, and is sent as text that is no date"),
        ("date", "$exists(a)", "is a date in Loops, and is sent as true or false"),
        ("date", "1777629600", "is a date in Loops, and is sent as a number too small for milliseconds since 1970"),
        ("number", "$string(a)", "is a number in Loops, and is sent as text"),
        ("number", "$now()", "is a number in Loops, and is sent as a date"),
        ("boolean", "'a ? \"yes\" : false'", "is true or false in Loops, and is sent as text that is no date"),
    ),
)
def test_a_value_of_another_type_is_a_fault(kind: str, expression: str, says: str) -> None:
    """At the value, with what would be right."""
    found = checked(team(properties={"p": kind}), f"when: a, update: true, contact: {{p: {expression}}}")

    (only,) = found.faults
    assert ("r0/contact/p", f"the contact property p {says}") == (only.path, only.message)
    assert only.hint
    assert [] == found.warnings


def test_text_holds_anything_so_another_value_there_is_a_warning() -> None:
    """It may be meant so."""
    found = checked(team(properties={"p": "string"}), "when: a, update: true, contact: {p: $count(a)}")

    assert [] == found.faults
    assert ["the contact property p is text in Loops, and is sent as a number"] == [w.message for w in found.warnings]


def test_the_mapping_s_own_tests_show_what_a_path_leads_to() -> None:
    """The fault names the test; a test of another rule shows nothing of this one."""
    top = (
        "format: segment\ntests:\n"
        "  - {name: in May, given: {type: track, event: a, userId: u1, at: 01.05.2026}, expect: []}\n"
        "  - {name: never, given: {type: track, event: c, userId: u1, at: 3}, expect: []}\n"
        "  - {name: later, given: {type: track, event: b, userId: u1, at: 2026-06-01}, expect: []}"
    )
    rules = ("when: a, update: true, contact: {endsAt: at}", "when: b, update: true, contact: {endsAt: at}")
    found = checked(team(properties={"endsAt": "date"}), *rules, top=top)

    message = 'the contact property endsAt is a date in Loops, and is sent as text that is no date in the test "in May"'
    assert [("r0/contact/endsAt", message)] == [(fault.path, fault.message) for fault in found.faults]


def test_properties_of_a_known_event_are_looked_at_too() -> None:
    """Each event has its own. What is found is never a fault: an event is as it says each time."""
    of = team(events={"paid": {"total": "number"}, "left": {}}, properties={"total": "string"})
    found = checked(
        of, "when: a, send: paid, event: {total: $string(a), Total: b}", "when: a, send: left, event: {total: a}"
    )

    assert [] == found.faults
    assert [
        ("r0/event/total", "the event property total of paid is a number in Loops, and is sent as text"),
        ("r0/event/Total (key)", "Loops has the event property total of paid; Total would be another one beside it"),
        ("r1/event/total (key)", "Loops does not know the event property total of left; the first request makes it"),
    ] == [(fault.path, fault.message) for fault in found.warnings]


@pytest.mark.parametrize("name", ("Trial Started", "trial_started", "trialstarted", "trialStartd"))
def test_an_event_that_looks_like_a_known_one_is_asked_about(name: str) -> None:
    """It may be new, so it is a warning."""
    found = checked(team(event_names=frozenset({"trialStarted"})), f"when: a, send: {name}")

    assert ["did you mean trialStarted?"] == [fault.hint for fault in found.warnings]


def test_a_list_that_is_not_there_is_a_fault() -> None:
    """With those that are; a long team is cut short."""
    of = team(lists={f"list{number}": f"List {number}" for number in range(7)})
    rule = f"when: a, update: true, lists: {{{LIST}: true}}"

    hint = "there are: " + ", ".join(f"list{number} (List {number})" for number in range(5)) + " and 2 more"
    assert [(f"r0/lists/{LIST} (key)", f"Loops has no list {LIST}", hint)] == said(checked(of, rule).faults)
    assert "the team has no list" == checked(team(), rule).faults[0].hint


def test_what_an_expression_computes_is_known_by_the_tests() -> None:
    """Its names have no place of their own."""
    given = "{type: track, event: a, userId: u1, properties: {news: true}}"
    top = f"format: segment\ntests:\n  - {{name: in May, given: {given}, expect: []}}"
    rule = "when: a, update: true, lists: '{\"" + LIST + "\": properties.news}'"

    found = checked(team(), rule, top=top)

    assert [("r0/lists", f"Loops has no list {LIST}", "the team has no list")] == said(found.faults)
    assert LiveCheck() == checked(team(), rule)


def test_a_definition_shows_what_it_comes_to() -> None:
    """As if it stood there."""
    found = checked(
        team(properties={"p": "date"}),
        "when: a, update: true, contact: {p: $paid}",
        top="format: segment\ndefine: {paid: properties.total > 0}",
    )

    assert ["r0/contact/p"] == [fault.path for fault in found.faults]
