"""The mapping's own tests, run."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.mapping.cases import CaseResult, record_of_case, run_cases
from consumer.mapping.rules import load_mapping

RULES = """\
format: segment
rules:
  - {name: a, when: A, send: a, event: {plan: properties.plan}, max_age: 1h}
  - {name: b, when: A, update: true, contact: {vip: properties.vip}}
tests:
"""
GIVEN = (
    "given: {type: track, event: A, userId: u1, timestamp: 2026-05-01T10:00:00Z, properties: {plan: pro, vip: true}}"
)


def result_of(test: str) -> CaseResult:
    """How one test ends."""
    (result,) = run_cases(load_mapping(f"{RULES}  - {{name: t, {test}}}\n", "mapping.yaml"))
    return result


def test_exactly_these_requests_with_exactly_these_members() -> None:
    """In the order of the rules."""
    both = "{send: a, userId: u1, event: {plan: pro}}, {update: true, userId: u1, contact: {vip: true}}"

    assert result_of(f"{GIVEN}, expect: [{both}]").passed
    assert not result_of(f"{GIVEN}, expect: []").passed
    assert not result_of(f"{GIVEN}, expect: [{{send: a, userId: u1, event: {{plan: pro}}}}]").passed
    assert not result_of(f"{GIVEN}, expect: [{both.replace('{plan: pro}', '{}')}]").passed
    assert not result_of(f"{GIVEN}, expect: [{both.replace('vip: true', 'vip: 1')}]").passed
    assert not result_of(
        f"{GIVEN}, expect: [{both.replace('userId: u1,', 'userId: u1, email: a@example.com,', 1)}]"
    ).passed


@pytest.mark.parametrize(("at", "sent"), (("2026-05-01T11:00:00Z", True), ("2026-05-01T11:00:01Z", False)))
def test_what_is_too_old_at_the_clock_makes_nothing(at: str, sent: bool) -> None:
    """What has no such limit does."""
    calls = [next(iter(made)) for made in result_of(f"at: {at}, {GIVEN}, expect: []").got]

    assert (["send"] if sent else []) + ["update"] == calls


def test_without_a_clock_it_is_the_events_time() -> None:
    """However long ago that is; and any, where the event has none."""
    old = GIVEN.replace("2026", "1999")

    assert 2 == len(result_of(f"{old}, expect: []").got)
    assert 2 == len(result_of(f"{GIVEN.replace('timestamp', 'other')}, expect: []").got)


def test_what_cannot_be_made_is_shown() -> None:
    """Which no expectation equals."""
    result = result_of("given: {type: track, event: A, properties: {plan: pro}}, expect: []")

    missing: dict[str, Any] = {"dead_letter": "no_contact", "message": "neither email nor userId"}
    assert (missing | {"rule": "a"}, missing | {"rule": "b"}) == result.got
    assert not result.passed


def test_a_topic_has_its_format() -> None:
    """A test says in which it lies."""
    text = RULES.replace("segment", "{x: segment, y: rudderstack}") + (
        "  - {name: x, topic: x, given: {type: identify}, expect: []}\n"
        "  - {name: y, topic: y, given: {type: track, event: A, traits: {id: u9}}, expect: []}\n"
    )

    got = [result.got for result in run_cases(load_mapping(text, "mapping.yaml"))]

    assert ((), ({"send": "a", "userId": "u9"}, {"update": True, "userId": "u9"})) == tuple(got)


def test_a_test_may_give_a_record_its_key_and_headers() -> None:
    """For formats that look there."""
    (case,) = load_mapping(
        f"{RULES}  - {{name: t, key: k1, headers: {{h: v}}, {GIVEN}, expect: []}}\n", "mapping.yaml"
    ).cases

    record = record_of_case(case, 7)

    assert (b"k1", (("h", b"v"),), 7) == (record.key, record.headers, record.timestamp_ms)


def test_a_test_may_give_the_text_of_a_value() -> None:
    """For formats of text, and for what cannot be read."""
    (got,) = result_of("given: 'no JSON', expect: []").got

    assert "undecodable" == got["dead_letter"]


def test_values_of_tests_lie_outside_any_envelope() -> None:
    """A person writes the event, and not its compressed bytes."""
    text = RULES.replace("format: segment", "format: {name: segment, compression: gzip, wrapped: true}")
    (result,) = run_cases(load_mapping(f"{text}  - {{name: t, {GIVEN}, expect: []}}\n", "mapping.yaml"))

    assert ["send", "update"] == [next(iter(made)) for made in result.got]


def test_of_what_is_too_old_its_update_is_made() -> None:
    """Where the rule wants that: without lists, and without subscribed."""
    told = "contact: {vip: true, subscribed: true}, lists: {cm06f5v0e45nf0ml5754o9cix: true}"
    text = f"format: segment\nrules: [{{name: c, when: A, send: c, max_age: 1h, stale: update, {told}}}]\n"
    expect = "expect: [{update: true, userId: u1, contact: {vip: true}}]"
    case = f"tests: [{{name: t, at: 2026-05-01T12:00:00Z, {GIVEN}, {expect}}}]\n"

    (result,) = run_cases(load_mapping(text + case, "mapping.yaml"))

    assert result.passed
