"""Tokens: what stands where, and what only looks like something else."""

from __future__ import annotations

import pytest

from consumer.mapping.tokens import tokens_of


@pytest.mark.parametrize(
    ("source", "tokens"),
    (
        ("a.b[0]", ["a", ".", "b", "[", "0", "]"]),
        ('a & "x \\" & y"', ["a", "&", '"x \\" & y"']),
        ("`a b`./* x */c", ["`a b`", ".", "c"]),
        ("$round(x, 2)", ["$round", "(", "x", ",", "2", ")"]),
        ("a / b / c", ["a", "/", "b", "/", "c"]),
        ("$match(s, /a b/i)", ["$match", "(", "s", ",", "/a b/i", ")"]),
        ("[1..5]", ["[", "1", "..", "5", "]"]),
    ),
)
def test_an_expression_is_taken_apart(source: str, tokens: list[str]) -> None:
    """Texts, quoted names and regular expressions stay whole; space and comments are gone."""
    assert tokens == [token.text for token in tokens_of(source)]


@pytest.mark.parametrize(("source", "kind"), (("a * b", "other"), ("a.*", "wildcard"), ("*", "wildcard")))
def test_a_star_multiplies_or_stands_for_all_fields(source: str, kind: str) -> None:
    """By what stands before it."""
    assert [kind] == [token.kind for token in tokens_of(source) if token.text == "*"]


def test_a_token_knows_where_it_stands() -> None:
    """How many characters come before it."""
    assert [0, 2, 5] == [token.position for token in tokens_of("a =  b")]
