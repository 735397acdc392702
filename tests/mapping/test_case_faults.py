"""Tests that cannot be right; the broken mappings beside show the texts."""

from __future__ import annotations

import pytest

from tests.mapping.making import faults_of

RULES = """\
format: segment
rules:
  - {name: a, when: A, send: a, event: {plan: x}}
  - {name: b, when: B, send: a, contact: {seats: x}, lists: {cm06f5v0e45nf0ml5754o9cix: true}}
  - {name: c, when: C, delete: true}
tests:
"""


def paths_of(*tests: str) -> list[str]:
    """Where something is wrong with these tests."""
    return [fault.path for fault in faults_of(RULES + "".join(f"  - {{{test}}}\n" for test in tests))]


@pytest.mark.parametrize(
    ("expected", "path"),
    (
        ("send: a, userId: u, event: {plan: 1}, contact: {seats: null}", None),
        ("send: a, lists: {cm06f5v0e45nf0ml5754o9cix: false}", None),
        ("delete: true, email: user@example.com", None),
        ("send: b", ".send"),
        ("update: true", ".update"),
        ("delete: true, contact: {seats: 1}", ".contact.seats"),
        ("send: a, event: {seats: 1}", ".event.seats"),
        ("send: a, lists: {cm06f5v0e45nf0ml5754o9ciy: true}", ".lists.cm06f5v0e45nf0ml5754o9ciy"),
        ("userId: u", ""),
        ("send: a, delete: true", ""),
    ),
)
def test_what_no_rule_can_make_is_a_fault(expected: str, path: str | None) -> None:
    """A test that expects it could never pass."""
    wrong = [] if path is None else [f"tests[0].expect[0]{path}"]

    assert wrong == paths_of(f"name: t, given: {{}}, expect: [{{{expected}}}]")


def test_names_of_tests_are_unique() -> None:
    """A failure must say which it was."""
    assert ["tests[1].name"] == paths_of("name: t, given: {}, expect: []", "name: t, given: {}, expect: []")


def test_the_clock_is_a_time() -> None:
    """As text or as YAML's date."""
    assert [] == paths_of("name: t, at: 2026-05-01, given: {}, expect: []")
    assert ["tests[0].at"] == paths_of("name: t, at: noon, given: {}, expect: []")


def test_an_event_is_json() -> None:
    """Which has neither infinity nor bytes."""
    assert ["tests[0].given"] == paths_of("name: t, given: {a: [.nan]}, expect: []")
    assert ["tests[0].given"] == paths_of("name: t, given: {a: !!binary aGk=}, expect: []")
