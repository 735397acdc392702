"""One rule, compiled; what is wrong with one stands in broken/."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.core.record import Rejection
from consumer.core.request import SendEvent
from consumer.mapping.rule import ANY, Rule
from tests.mapping.making import TRIAL, faults_of, mapping_of, plans_of

LIST = "cm06f5v0e45nf0ml5754o9cix"


def rule_of(text: str) -> Rule:
    """The one rule."""
    (rule,) = mapping_of(text).rules
    return rule


def test_a_rule_knows_the_names_that_it_can_set() -> None:
    """So that a test cannot expect others."""
    rule = rule_of(f"when: A, send: a, event: {{plan: p}}, contact: {{vip: true}}, lists: {{{LIST}: true}}")

    assert {"event": ("plan",), "contact": ("vip",), "lists": (LIST,)} == rule.members
    assert (ANY,) == rule_of("when: A, send: a, lists: properties.lists").members["lists"]


@pytest.mark.parametrize(
    ("lists", "found"),
    (
        ({LIST: True}, {LIST: True}),
        ({}, {}),
        (None, {}),
        ("x", "lists is text; it must be an object of list ids"),
        ({"weekly": True}, "lists names something that is no id of a list"),
        ({LIST: "yes"}, f"lists.{LIST} is text; it must be true or false"),
    ),
)
def test_all_lists_may_be_computed_at_once(lists: Any, found: Any) -> None:
    """One expression that makes an object; what is none of lists is a dead letter."""
    event = TRIAL | {"properties": {} if lists is None else {"lists": lists}}
    (plan,) = plans_of(mapping_of("when: Trial Started, send: a, lists: properties.lists"), event)

    assert found == (
        plan.lists if isinstance(plan, SendEvent) else plan.message if isinstance(plan, Rejection) else None
    )


def test_a_test_may_expect_any_computed_list() -> None:
    """Only an event tells which there are."""
    rule = "rules: [{name: r, when: Trial Started, send: a, lists: properties.lists}]"
    expect = f"expect: [{{send: a, userId: u1, lists: {{{LIST}: true}}}}]"

    assert [] == faults_of(f"format: segment\n{rule}\ntests: [{{name: t, given: {{}}, {expect}}}]\n")
