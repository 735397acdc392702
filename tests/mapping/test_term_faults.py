"""What a rule cannot say of delivery; the texts themselves stand in broken/delivery.txt."""

from __future__ import annotations

import pytest

from tests.mapping.making import faults_of


@pytest.mark.parametrize(
    ("rule", "key", "said"),
    (
        ("send: a, once: day", "once", "once needs a max_age"),
        ("send: a, once: day, max_age: null", "once", "once needs a max_age"),
        ("send: a, once: day, max_age: 25h", "max_age", "with once it is at most 24h"),
        ("create: true, once: day, max_age: 1h", "once", "once does not go with create"),
        ("send: a, stale: update", "stale", "there is nothing to update"),
        ("update: true, stale: update, contact: {a: b}", "stale", "stale: update goes with send alone"),
        ("send: a, on_unknown_contact: drop, identity: email", "on_unknown_contact", "identity: email sends none"),
        ("create: true, on_unknown_contact: {wait_s: 3}", "on_unknown_contact", "does not go with create"),
    ),
)
def test_what_contradicts_itself_is_a_fault(rule: str, key: str, said: str) -> None:
    """At the key that is to be changed."""
    (fault,) = faults_of(f"format: segment\nrules: [{{name: r, when: A, {rule}}}]\n")

    assert f"rules[0].{key}" == fault.path
    assert said in fault.message


@pytest.mark.parametrize(
    "rule",
    (
        "send: a, once: hour, max_age: 24h",
        "send: a, stale: update, contact: {a: b}",
        "update: true, on_unknown_contact: {wait_s: 3600}",
        "send: a, identity: userId, on_unknown_contact: drop",
        "delete: true, on_unknown_contact: dead_letter, priority: low, max_per_hour: 1",
    ),
)
def test_what_makes_sense_is_none(rule: str) -> None:
    """With every call that it goes with."""
    assert [] == faults_of(f"format: segment\nrules: [{{name: r, when: A, {rule}}}]\n")
