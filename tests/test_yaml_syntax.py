"""A text that is no YAML: the reason, the line to mend, and the hint."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.documents import read_document
from consumer.faults import Faults
from consumer.yaml_syntax import QUOTING

TAB = "a tab cannot indent; use spaces"
COLON = "a space is needed after the colon"
INDENT = "this line is indented differently from its neighbours"
QUOTE = ("this quote is not closed", "end the value with the quote that it begins with")


def said(text: str) -> tuple[str, str, str | None]:
    """Line and column, reason and hint of the one fault."""
    with pytest.raises(Faults) as found:
        read_document(text, "a.yaml")
    (fault,) = found.value.faults
    assert fault.line is not None
    assert text.split("\n")[fault.line - 1] == (fault.source or "")
    return f"{fault.line}:{fault.column}", fault.message, fault.hint


@pytest.mark.parametrize(
    ("text", "place", "reason", "hint"),
    (
        ("a:\n\tb: 1\n", "2:1", TAB, None),
        ("a:\n  b: 1\n  \tc: 2\n", "3:3", TAB, None),
        ("a: x\n\tb: 1\n", "2:1", TAB, None),
        ("a:\t1\n", "1:3", "a tab cannot stand here; use spaces", None),
        ("k:\n  a: 1\n   b: 2\n", "3:4", INDENT, "line 2 begins in column 3, this one in column 4"),
        ("k:\n  a: 1\n # aside\n b: 2\n", "4:2", INDENT, "line 2 begins in column 3, this one in column 2"),
        ("k:\n    a: {}\n  b: 2\n", "3:3", INDENT, "line 2 begins in column 5, this one in column 3"),
        ("r:\n  - n: a\n   w: b\n", "3:4", INDENT, "line 2 begins in column 5, this one in column 4"),
        ("- a: 1\n  - b\n", "2:3", INDENT, "items of a list and keys cannot stand side by side"),
        ("admin:\n  host: x\n  port:9464\n", "3:7", COLON, None),
        ("admin:\n  port:9464\n  host: x\n", "2:7", COLON, None),
        ("a:1\nb:2\nc: 3\n", "1:2", COLON, None),
        ("a:\n- b\n-c\n", "3:1", "a space is needed after the dash", None),
        (
            "a: 1\nb\nc: 2\n",
            "2:1",
            "this is neither a key with its value nor an item of a list",
            "write it as key: value",
        ),
    ),
)
def test_what_is_wrong_with_a_line_is_said_at_the_line(text: str, place: str, reason: str, hint: str | None) -> None:
    """Tabs, indentation, and a space that is missing: often above the line where the parser gave up."""
    assert (place, reason, hint) == said(text)


@pytest.mark.parametrize(
    ("text", "place", "sign", "end"),
    (
        ("a: {b: 1\nc: 2\n", "1:4", "{", "}"),
        ("a: {b: 1, c: 2\n", "1:4", "{", "}"),
        ("k:\n  t: [a, b\n  s: x\nl: {}\n", "2:6", "[", "]"),
        ("a: [1, 2\n- b: 3\n", "1:4", "[", "]"),
        ("a: [1}\n", "1:4", "[", "]"),
    ),
)
def test_a_bracket_that_is_not_closed_is_shown_where_it_opens(text: str, place: str, sign: str, end: str) -> None:
    """However far below the parser noticed."""
    hint = f'end it with "{end}", or quote a value that begins with "{sign}"'
    assert (place, f'this "{sign}" is not closed', hint) == said(text)


@pytest.mark.parametrize("text", ('a: "x\nb: 1\nc: 2\n', "a: 'x\nb: 'y'\nc: 2\n", 'a: "x\nb: "y"\nc: 2\n'))
def test_a_quote_that_is_not_closed_is_shown_where_it_opens(text: str) -> None:
    """Although the quote of a later value closed it."""
    assert ("1:4", *QUOTE) == said(text)


@pytest.mark.parametrize(
    ("text", "place", "name", "first"),
    (("a: 1\nb: 2\na: 3\n", "3:1", "a", 1), ("- k:\n    x.y: 1\n    'x.y': 3\n", "3:5", "x.y", 2)),
)
def test_a_key_that_stands_twice_is_named_with_its_first_line(text: str, place: str, name: str, first: int) -> None:
    """Its values are not."""
    assert (place, f"the key {name} stands twice, first in line {first}", None) == said(text)


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    (
        ("a: b: c\n", "1:5", "a second ': ' cannot stand in a value without quotes"),
        ("a: *none\n", "1:4", "there is no anchor for this alias"),
        ("a: *\n", "1:5", "an alias (*) needs a name"),
        ("a: %x\n", "1:4", "a value cannot begin with % without quotes"),
        ("a: !x 3\n", "1:4", "a tag (!) of this name is not known"),
        ("a: {b: 1}}\n", "1:10", 'this "}" closes nothing'),
        ('a: {b: c ? "d" : "e"}\n', "1:16", "this cannot stand between brackets without quotes"),
        ('x:\n  a: {b: 1,\n    c: d ? "e" : "f"}\n', "3:16", "this cannot stand between brackets without quotes"),
    ),
)
def test_what_quotes_would_mend_has_the_hint_to_quote(text: str, place: str, reason: str) -> None:
    """And no other text has it."""
    assert (place, reason, QUOTING) == said(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        (
            'a: "x" y\n',
            ("1:8", "something stands behind the closing quote", "quote all of the value, or nothing of it"),
        ),
        (
            'a: "\\d"\n',
            ("1:6", "this escape is not known in double quotes", "in single quotes a backslash stands for itself"),
        ),
        (
            "a: {{x.y}}\n",
            (
                "1:5",
                "this cannot stand between brackets without quotes",
                "leave {{ and }} out: this file is no template",
            ),
        ),
        ("a: 1\n---\nb: 2\n", ("2:1", "a second document begins here", "a file holds one: leave the line --- out")),
    ),
)
def test_the_others_have_a_hint_of_their_own(text: str, expected: tuple[str, str, str]) -> None:
    """Each about what it is."""
    assert expected == said(text)


@given(st.text("ab:- \n\t{}[]\"'#&*!%|>,?", max_size=30))
def test_any_text_is_a_document_or_has_faults(text: str) -> None:
    """And a fault's place is in the text, or just behind it."""
    try:
        read_document(text, "a.yaml")
    except Faults as broken:
        (fault,) = broken.faults
        assert (fault.line or 1) <= text.count("\n") + 2
