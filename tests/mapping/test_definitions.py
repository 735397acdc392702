"""Definitions and the environment, in the rules that read them."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.core.record import Rejection
from consumer.core.request import UpdateContact
from consumer.faults import Faults
from consumer.mapping.rules import load_mapping
from tests.mapping.making import TRIAL, plans_of

TOP = """
format: segment
env: [STAGE]
define:
  plan: properties.plan
  label: $env.STAGE & '/' & $plan
  seats: $number(properties.seats)
"""


def made(contact: str, properties: dict[str, Any], where: str = "true") -> Any:
    """The contact's properties that a rule makes, or its rejection."""
    rule = f"rules: [{{name: r, when: Trial Started, where: '{where}', update: true, contact: {{{contact}}}}}]\n"
    mapping = load_mapping(TOP + rule, "m.yaml", environ={"STAGE": "prod", "OTHER": "x"})
    found = plans_of(mapping, TRIAL | {"properties": properties})
    if not found:
        return None
    return found[0].contact if isinstance(found[0], UpdateContact) else found[0]


def test_a_definition_is_what_it_stands_for() -> None:
    """In a rule and in another definition."""
    assert {"p": "pro", "l": "prod/pro"} == made("p: $plan, l: $label", {"plan": "pro"})


def test_absent_and_null_pass_through_a_definition() -> None:
    """The one leaves the property as it is, the other resets it."""
    assert {} == made("p: $plan", {})
    assert {"p": None} == made("p: $plan", {"plan": None})


def test_a_condition_may_read_one() -> None:
    """And its members see the same."""
    assert {"p": "pro"} == made("p: $plan", {"plan": "pro"}, where='$plan != "free"')
    assert made("p: $plan", {"plan": "free"}, where='$plan != "free"') is None


def test_a_definition_that_nobody_reads_is_not_evaluated() -> None:
    """Nor one of the members where the condition says no: what fails there fails nobody."""
    assert {"p": "pro"} == made("p: $plan", {"plan": "pro", "seats": "many"})
    assert made("s: $seats", {"plan": "free", "seats": "many"}, where='$plan != "free"') is None


def test_a_definition_that_fails_is_named() -> None:
    """And its value is not."""
    rejection = made("s: $seats", {"seats": "many"})

    assert isinstance(rejection, Rejection)
    assert rejection.message.startswith("define.seats: ")
    assert "many" not in rejection.message


def test_the_digest_follows_from_the_environment() -> None:
    """With another value other requests are made."""
    text = TOP + "rules: [{name: r, when: A, update: true}]\n"

    digests = {load_mapping(text, "m.yaml", environ={"STAGE": stage}).digest for stage in ("prod", "test")}

    assert 2 == len(digests)


@pytest.mark.parametrize("name", ("API_KEY", "LOOPS_API_KEY", "DB_PASSWORD", "github_token", "CLIENT_SECRET"))
def test_a_secret_cannot_be_listed(name: str) -> None:
    """It would stand in the contact of some person."""
    with pytest.raises(Faults, match="is the name of a secret"):
        load_mapping(
            f"format: segment\nenv: [{name}]\nrules: [{{name: r, when: A, update: true}}]\n",
            "m.yaml",
            environ={name: "x"},
        )
