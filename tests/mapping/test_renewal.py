"""A mapping that is to take another's place is compiled and tested, or refused with why."""

from __future__ import annotations

import orjson
import pytest

from consumer.core.rules import Rules
from consumer.mapping.renewal import REASONS_MAX, Refusal, Renewal, renewed, rules_of
from consumer.mapping.rules import CompiledMapping, load_mapping
from tests.mapping.making import TRIAL, Message

RULES = "rules:\n  - {name: a, when: Trial Started, send: a}\n  - {name: b, id: old, when: B, update: true}\n"
TEST = "tests: [{{name: {name}, given: {{type: track, event: B, userId: u@example.com}}, expect: [{expect}]}}]\n"


def loaded(more: str = "", rules: str = RULES) -> CompiledMapping:
    """A mapping."""
    return load_mapping(f"format: segment\n{rules}{more}", "mapping.yaml")


def refused(more: str = "", rules: str = RULES) -> Refusal:
    """Why it is."""
    found = renewed(lambda: loaded(more, rules), "none")
    assert isinstance(found, Refusal)
    return found


def test_one_in_which_nothing_is_wrong_selects_and_says_what_the_pipeline_needs() -> None:
    """Its digest, the ids of its rules, and whether it is paused."""
    found = renewed(lambda: loaded("paused: true\n"), "none")

    assert isinstance(found, Renewal)
    assert Rules(loaded("paused: true\n").digest, frozenset({"a", "old"}), paused=True) == found.rules
    (received,) = found.select([Message(orjson.dumps(TRIAL))]).values()
    assert (found.rules.digest, 1) == (received.mapping, len(received.wanted))


def test_the_one_in_use_is_no_news() -> None:
    """Even where one of its tests fails: it is in use."""
    failing = TEST.format(name="t", expect="")

    assert renewed(lambda: loaded(failing), loaded(failing).digest) is None


def test_faults_are_told_by_their_place_and_without_the_line() -> None:
    """All of them, each in a line."""
    reasons = ("mapping.yaml:3: rules[0].senf: unknown key", "mapping.yaml:4: rules[1].update: found")
    found = refused(rules="rules:\n  - {name: a, when: A, senf: a}\n  - {name: b, when: B, update: maybe}\n")

    assert "faults" == found.kind
    assert all(any(told.startswith(reason) for told in found.reasons) for reason in reasons)
    assert not any("\n" in told or "{name" in told for told in found.reasons)


def test_a_test_that_fails_refuses_it_by_its_name_alone() -> None:
    """What it expected and got may name a contact."""
    found = refused(TEST.format(name="b is told", expect=""))

    assert Refusal("tests", ("its test 'b is told' fails",)) == found


def test_reasons_are_bounded() -> None:
    """A log line and a page of the status have their bounds."""
    rules = "rules:\n" + "".join(f"  - {{name: r{number}, when: A}}\n" for number in range(50))
    reasons = refused(rules=rules).reasons

    assert (REASONS_MAX + 1, "and 30 more") == (len(reasons), reasons[-1])


@pytest.mark.parametrize("paused", (True, False))
def test_rules_in_use_are_named_by_their_ids(*, paused: bool) -> None:
    """A disabled one is not in use."""
    rules = "rules:\n  - {name: a, when: A, send: a, enabled: false}\n  - {name: b, when: B, update: true}\n"
    mapping = loaded(f"paused: {str(paused).lower()}\n", rules)

    assert Rules(mapping.digest, frozenset({"b"}), paused) == rules_of(mapping)
