"""Which rules an event meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.mapping.when import Asked, Dispatch, FieldValue, When, asked, is_glob, matcher


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


def test_what_a_rule_asks_is_told_part_by_part() -> None:
    """With what was seen, whether it holds or not."""
    of_fields = When(fields={"type": ("page", "screen"), "name": ("Pri*",), "vip": (True,)})
    seen = {"type": "page", "name": None, "vip": 1}

    assert (Asked(None, ("A", "B*"), "Bc", True),) == asked(When(names=("A", "B*")), "Bc", seen.get)
    assert (Asked(None, ("A",), None, False),) == asked(When(names=("A",)), None, seen.get)
    assert (
        Asked("type", ("page", "screen"), "page", True),
        Asked("name", ("Pri*",), None, False),
        Asked("vip", (True,), 1, False),
    ) == asked(of_fields, None, seen.get)


@given(
    st.sampled_from((("A",), ("A*", "b"), ())),
    st.sampled_from((None, {"type": ("page", "*x")}, {"n": (1, True), "m": ("y",)})),
    st.sampled_from((None, "A", "Ab", "c")),
    st.dictionaries(st.sampled_from(("type", "n", "m")), st.sampled_from(("page", "fox", 1, 1.0, True, "y", None))),
)
def test_a_rule_meets_an_event_where_all_that_it_asks_holds(
    names: tuple[str, ...],
    fields: Mapping[str, tuple[FieldValue, ...]] | None,
    name: str | None,
    event: dict[str, object],
) -> None:
    """Of its name, or of its fields."""
    when = When(names, None) if names else When((), fields)

    asks = asked(when, name, event.get)

    assert bool(met([Rule("r", when)], name, event)) == (bool(asks) and all(ask.holds for ask in asks))
