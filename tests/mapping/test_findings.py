"""Where in a file a character of an expression stands."""

from __future__ import annotations

from typing import Any

import pytest

from consumer.documents import read_document
from consumer.mapping.findings import Findings


def found(text: str, value: Any = ...) -> list[tuple[int | None, int | None, str, str | None]]:
    """Line, column, message and hint of what is wrong with the expression at ``a``."""
    document = read_document(text, "mapping.yaml")
    findings = Findings(document)
    findings.source(("a",), document.data["a"] if value is ... else value)
    return [(fault.line, fault.column, fault.message.split(":")[0], fault.hint) for fault in findings.faults]


NOT = "not a JSONata expression"


@pytest.mark.parametrize(
    ("text", "place"),
    (
        ("a: b )", (1, 6)),
        ("a: 'b )'", (1, 7)),
        ('a: "b )"', (1, 7)),
        ("a: |\n  b +\n    c )\n", (3, 7)),
        ("a: >\n  b )\n", (2, 5)),
        ("a: 'b = ''x'' )'", (1, 4)),
        ("a: b\n  + c )\n", (1, 4)),
        ("{a: b )}", (1, 7)),
    ),
)
def test_the_caret_stands_below_the_character(text: str, place: tuple[int, int]) -> None:
    """Or at the beginning, where YAML's escapes and folds hide the others."""
    assert [(*place, NOT, None)] == found(text)


def test_a_comment_that_was_meant_as_text_is_explained() -> None:
    """YAML cuts the expression off there."""
    assert [(1, 7, NOT, "YAML takes ' #' for the beginning of a comment: quote the expression")] == found("a: b & #1")


def test_no_value_and_null_are_two_things() -> None:
    """The one was forgotten, the other resets."""
    assert [(1, 1, "there is no value", "write one, or take the line away")] == found("a:\n")
    assert [] == found("a: null\n")


@pytest.mark.parametrize(
    ("text", "eaten"),
    (
        ("a: 'plan'", True),
        ("a: plan", False),
        ("'a': 'plan'", False),
        ("a: 'true'", False),
        ("a: 'x.y'", False),
        ("a: '\"plan\"'", False),
    ),
)
def test_a_lone_word_in_quotes_is_a_trap(text: str, eaten: bool) -> None:
    """Unless the key is in quotes too, as in JSON."""
    assert eaten == bool(found(text))
