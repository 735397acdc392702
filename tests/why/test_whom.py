"""Whom a question is about."""

from __future__ import annotations

import pytest

from consumer.why.whom import LEARNED_MAX, Identity, Whom, email_of, user_id_of

EMAIL = "someone@example.com"


@pytest.mark.parametrize(
    ("found", "email", "user_id"),
    (
        (" Someone@Example.com ", EMAIL, "Someone@Example.com"),
        ("", None, None),
        (" ", None, None),
        (42, None, "42"),
        (True, None, None),
        (4.5, None, None),
        (None, None, None),
        (["u1"], None, None),
    ),
)
def test_identifiers_are_compared_as_loops_and_the_mapping_have_them(
    found: object, email: str | None, user_id: str | None
) -> None:
    """An address has no case, a whole number is a userId, and white space, which Loops refuses, is nobody else."""
    assert (email, user_id) == (email_of(found), user_id_of(found))


def test_either_identifier_is_enough() -> None:
    """As it is for Loops. None is nobody's."""
    whom = Whom(EMAIL, "u1")

    assert whom.is_meant(Identity(EMAIL, "u2"))
    assert whom.is_meant(Identity("other@example.com", "u1"))
    assert not whom.is_meant(Identity("other@example.com", "u2"))
    assert not Whom(user_id="u1").is_meant(Identity())


def test_what_stands_beside_a_given_identifier_is_looked_for_too() -> None:
    """It is told once that there is more."""
    whom = Whom("Someone@Example.com")

    assert [True, False] == [whom.learn(Identity(EMAIL, "u1"), "Loops") for _ in range(2)]

    assert ({EMAIL: ""}, {"u1": "Loops"}) == (whom.emails, whom.user_ids)
    assert {EMAIL, "u1"} == whom.texts
    assert whom.is_meant(Identity(None, "u1"))


def test_what_stands_beside_a_learned_one_is_not() -> None:
    """A shared userId would make one person of many."""
    whom = Whom(EMAIL)
    whom.learn(Identity(EMAIL, "u1"), "a record")

    assert not whom.learn(Identity("other@example.com", "u1"), "a record")

    assert {EMAIL, "u1"} == whom.texts
    other = Whom(user_id="u1")
    other.learn(Identity(EMAIL, "u1"), "a record")
    assert not other.learn(Identity(EMAIL, "u2"), "a record")


def test_so_many_are_learned_and_the_rest_is_counted() -> None:
    """An address that everybody uses is no person's."""
    whom = Whom(EMAIL)

    learned = [whom.learn(Identity(EMAIL, f"u{number}"), "a record") for number in range(LEARNED_MAX + 2)]

    assert [True] * LEARNED_MAX + [False] * 2 == learned
    assert 2 == whom.left_out
