"""Names of topics and regular expressions of them."""

from __future__ import annotations

import pytest

from consumer.settings.topics import checked_name, checked_topic, complaints


@pytest.mark.parametrize("text", ("product-events", "a.b_c-1", "x" * 249))
def test_kafkas_names_are_taken(text: str) -> None:
    """Up to 249 of its characters."""
    assert text == checked_name(text)
    assert text == checked_topic(text)


@pytest.mark.parametrize("text", ("", "a b", ".", "..", "x" * 250, "a/b", "ä"))
def test_other_names_are_refused(text: str) -> None:
    """With what is allowed."""
    with pytest.raises(ValueError, match=r"allowed: 1 to 249 of the characters A-Z a-z 0-9 \. _ -"):
        checked_name(text)


def test_a_regular_expression_starts_with_a_caret_and_is_one() -> None:
    """One without the caret is a wrong name, and the hint says so."""
    assert checked_topic("^product-.*") == "^product-.*"
    with pytest.raises(ValueError, match=r"allowed: a regular expression \("):
        checked_topic("^a(")
    with pytest.raises(ValueError, match="found") as error:
        checked_topic("product-.*")
    assert error.value.args[1] == "a regular expression starts with ^"


def test_topics_that_go_together_have_no_complaint() -> None:
    """Several names, or one regular expression."""
    assert [] == list(complaints(["a", "b"], "letters"))
    assert [] == list(complaints(["^a"], "letters"))


def test_a_regular_expression_stands_alone_and_no_topic_twice() -> None:
    """Each complaint has the index of its topic."""
    assert [(1, 'found "^a" beside other topics; a regular expression stands alone', None)] == list(
        complaints(["b", "^a"], "letters")
    )
    assert [(1, 'found "b" twice', None)] == list(complaints(["b", "b"], "letters"))


@pytest.mark.parametrize("topics", (["letters"], ["^l"], ["a", "letters"]))
def test_dead_letters_are_never_read(topics: list[str]) -> None:
    """They would come round for ever."""
    ((_, message, _),) = complaints(topics, "letters")

    assert message == "letters would be read, which is where dead letters are written"
