"""Events by name."""

from __future__ import annotations

import pytest

from consumer.preview import names
from consumer.preview.names import NAME_CHARACTERS_MAX, Names
from tests.mapping.making import mapping_of

RULES = mapping_of("when: a, send: a", "when: '*', update: true").rules


def test_each_name_has_its_count_and_the_rules_that_are_about_it() -> None:
    """In the order in which they act; a rule counts all that it is about."""
    found = Names()
    found.add("a", RULES, 3)
    found.add("b", RULES[1:])
    found.add("b", ())

    assert {"a": 3, "b": 2} == found.counts
    assert {"a": ("r0", "r1"), "b": ("r1",)} == found.rules
    assert {"r0": 3, "r1": 4} == found.wanted


def test_what_no_rule_is_about_comes_the_most_frequent_first() -> None:
    """With its count."""
    found = Names()
    for name, events in (("few", 1), ("many", 5), ("wanted", 9)):
        found.add(name, RULES if name == "wanted" else (), events)

    assert [("many", 5), ("few", 1)] == list(found.unwanted.items())


def test_past_the_bound_only_names_that_are_known_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is counted together; their rules count all the same."""
    monkeypatch.setattr(names, "NAMES_MAX", 2)
    found = Names()
    for name in ("a", "b", "c", "a", "d"):
        found.add(name, RULES[:1])

    assert ({"a": 2, "b": 1}, 2, {"r0": 5}) == (found.counts, found.others, found.wanted)


def test_a_long_name_is_cut_short() -> None:
    """To a bound, with a mark that it is."""
    found = Names()
    found.add("x" * 1_000, ())

    (name,) = found.counts
    assert (NAME_CHARACTERS_MAX, "…") == (len(name), name[-1])
