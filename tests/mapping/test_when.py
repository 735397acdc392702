"""Which rules an event meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.mapping.when import Dispatch, FieldValue, When, is_glob, matcher


@dataclass(frozen=True)
class Rule:
    """A rule as far as this matters."""

    name: str
    when: When = field(default_factory=When)


def met(rules: list[Rule], name: str | None, fields: Mapping[str, object] | None = None) -> list[str]:
    """The names of the rules that an event meets."""
    return [rule.name for rule in Dispatch(rules).find(name, (fields or {}).get)]


def test_rules_come_in_the_order_of_the_file() -> None:
    """However they say what they are about."""
    rules = [
        Rule("glob", When(("Trial*",))),
        Rule("fields", When(fields={"type": ("track",)})),
        Rule("exact", When(("Trial Started", "Trial Ended"))),
        Rule("other", When(("Order Completed",))),
    ]

    assert ["glob", "fields", "exact"] == met(rules, "Trial Started", {"type": "track"})
    assert ["fields"] == met(rules, None, {"type": "track"})
    assert [] == met(rules, "trial started")


def test_the_order_holds_for_many_rules() -> None:
    """Whatever order a set would give."""
    rules = [Rule(str(number), When(("A*",) if number in {2, 33} else (str(number),))) for number in range(40)]

    assert ["2", "33"] == met(rules, "A")


def test_all_fields_must_fit() -> None:
    """Each with one of its values."""
    rules = [Rule("r", When(fields={"type": ("page", "screen"), "name": ("Pric*",)}))]

    assert ["r"] == met(rules, None, {"type": "screen", "name": "Pricing"})
    assert [] == met(rules, None, {"type": "screen"})
    assert [] == met(rules, None, {"type": "track", "name": "Pricing"})


@pytest.mark.parametrize(
    ("value", "found", "meets"),
    (
        (True, True, True),
        (True, 1, False),
        (1, True, False),
        (1, 1.0, True),
        (0, False, False),
        ("1", 1, False),
        ("a", ["a"], False),
        ("a*", {"a": 1}, False),
        ("a", None, False),
    ),
)
def test_a_field_is_compared_with_its_kind(value: FieldValue, found: object, meets: bool) -> None:
    """As in JSON: true is not 1, and 1 is 1.0."""
    assert meets == bool(met([Rule("r", When(fields={"f": (value,)}))], None, {"f": found}))


@pytest.mark.parametrize(
    ("glob", "text", "fits"),
    (
        ("Order *", "Order Completed", True),
        ("Order *", "Order", False),
        ("*", "", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("[ab]*", "[ab]c", True),
        ("[ab]*", "a", False),
        ("a.c*", "abc", False),
        ("a*", "a\nb", True),
    ),
)
def test_a_glob_has_two_signs_and_no_more(glob: str, text: str, fits: bool) -> None:
    """All other characters stand for themselves."""
    assert is_glob(glob)
    assert fits == bool(matcher(glob)(text))


def test_case_counts_unless_it_is_folded() -> None:
    """Event names have a case, addresses do not."""
    assert not matcher("*@example.com")("A@EXAMPLE.com")
    assert matcher("*@example.com", fold=True)("A@EXAMPLE.com")


@given(st.text())
def test_a_text_without_signs_fits_itself_alone(text: str) -> None:
    """Whatever it holds."""
    plain = text.replace("*", "").replace("?", "")

    assert matcher(plain)(plain)
    assert not matcher(plain)(plain + "x")
