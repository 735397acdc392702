"""Definitions and the environment reach the expressions that read them, and no others."""

from __future__ import annotations

from consumer.mapping.scope import NO_SCOPE, Scope

SCOPE = Scope(
    {"a": "x", "b": "$a & $env.STAGE", "c": "$b"},
    {"b": frozenset({"a", "env"}), "c": frozenset({"b"})},
    {"STAGE": "prod"},
)


def test_what_is_read_is_set_with_all_that_it_needs_in_order() -> None:
    """A definition comes behind those that it reads."""
    assert (
        '$env := {"STAGE":"prod"}; $a := (x); $b := ($a & $env.STAGE); ',
        frozenset({"a", "b", "env"}),
    ) == SCOPE.prelude(["b"])


def test_what_nobody_reads_is_not_set() -> None:
    """Nor what is set already."""
    assert ("", frozenset()) == SCOPE.prelude(["other"])
    assert ("$c := ($b); ", frozenset({"c"})) == SCOPE.prelude(["c"], without={"a", "b", "env"})


def test_a_scope_says_what_is_in_it() -> None:
    """The environment only where it lists something."""
    assert [True, True, False] == [name in SCOPE for name in ("a", "env", "d")]
    assert "env" not in NO_SCOPE


def test_values_of_the_environment_are_not_shown() -> None:
    """They may say more than a log should."""
    assert "prod" not in repr(SCOPE)
