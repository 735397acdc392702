"""What may name somebody, told from bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.why.sieve import Sieve, is_verbatim

EMAIL = "some.one+tag@example.com"


@pytest.mark.parametrize(
    "raw",
    (
        b'{"email": "some.one+tag@example.com"}',
        b'{"email": "Some.One+Tag@EXAMPLE.com"}',
        b'{"email": "some.one\\u002btag\\u0040example.com"}',
        b'{"email": "\\u0073ome.one+tag@\\u0065xampl\\u0065.com"}',
        b'"{\\"email\\": \\"some.one+tag@example.com\\"}"',
        b'{"email": "\xc5\xbfome.one+tag@example.com"}',
        b'{"email": "\\u017fome.one+tag@example.com"}',
        b"\x00\x00\x00\x00\x01\x30some.one+tag@example.com\x02",
    ),
)
def test_what_holds_a_text_is_let_through(raw: bytes) -> None:
    """In JSON with any escapes, in JSON inside a string, in Avro."""
    assert Sieve([EMAIL]).lets_through(raw)


def test_what_does_not_is_held_back() -> None:
    """Nearly all of it."""
    sieve = Sieve([EMAIL, "usr_42"])

    assert not sieve.lets_through(b'{"email": "somebody@else.org", "userId": "usr_7", "name": "Zo\\u00eb", "n": "\\n"}')


@pytest.mark.parametrize("text", ("", '"/', "\u65e5\u672c"))
def test_a_text_without_such_a_character_holds_nothing_back(text: str) -> None:
    """There is nothing to look for."""
    assert Sieve([text]).lets_through(b"{}")


@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans(), st.integers(0, 3))
def test_whatever_the_text_and_the_writing_it_is_let_through(text: str, ascii_only: bool, nested: int) -> None:
    """Upper case and lower, within JSON within JSON."""
    for written in (text, text.upper(), text.title()):
        whole: object = {"a": written}
        for _ in range(nested):
            whole = {"a": json.dumps(whole, ensure_ascii=ascii_only)}
        if written.casefold() == text.casefold():
            assert Sieve([text]).lets_through(json.dumps(whole, ensure_ascii=ascii_only).encode())


@pytest.mark.parametrize(
    "source",
    (
        "userId",
        "traits.email ? traits.email : context.traits.email",
        "context.`e mail`",
        "contexts_user_1[0].email",
        "$lowercase(traits.email)",
        "$exists(a) ? (a) : $trim(b)",
        "type = 'user' ? id : null",
        "distinct_id in ids ? distinct_id : a",
    ),
)
def test_an_expression_that_only_chooses_is_verbatim(source: str) -> None:
    """Of fields and their values."""
    assert is_verbatim(source)


@pytest.mark.parametrize(
    "source",
    (
        "name & '@example.com'",
        "'all@example.com'",
        "a ? 'all@example.com' : b",
        "$base64decode(a)",
        "$join(a, '@')",
        "$defined",
        "$string(a + 1)",
        "42",
        "a.*",
        "/x/",
        "{'a': b}",
    ),
)
def test_one_that_makes_a_text_is_not(source: str) -> None:
    """What it makes need not stand in the record."""
    assert not is_verbatim(source)
